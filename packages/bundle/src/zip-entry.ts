/** What the directory of a zip archive says of one file, as entries of any archive have it. PKWARE's APPNOTE.TXT 6.3.10, section 4.4; Info-ZIP's extra fields (proginfo/extrafld.txt). */
import { crc32 } from 'node:zlib';
import type { Entry } from 'yauzl';
import { type EntryKind, nameOfBytes } from './tar-header.js';

export interface ZipEntry {
  readonly name: string;
  readonly kind: EntryKind;
  readonly method: number;
  readonly encrypted: boolean;
  readonly crc: number;
  readonly packedSize: number;
  readonly size: number;
  /** Where its local header lies. */
  readonly offset: number;
  /** Where its data begin; null: not where the directory says. */
  readonly data: number | null;
  /** Milliseconds since the epoch; null where only a local time is given, whose zone nobody knows. */
  readonly modifiedAt: number | null;
}

export function zipEntry(entry: Entry, data: number | null): ZipEntry {
  const name = nameOf(entry);
  return {
    name,
    kind: kindOf(name, entry),
    method: entry.compressionMethod,
    encrypted: entry.isEncrypted(),
    crc: entry.crc32,
    packedSize: entry.compressedSize,
    size: entry.uncompressedSize,
    offset: entry.relativeOffsetOfLocalHeader,
    data,
    modifiedAt: timeOf(entry),
  };
}

/** Systems where it was made. */
const dos = 0;
const unix = 3;

/** Info-ZIP keeps the name in UTF-8 beside one of an older code page. Windows' own tools once wrote backslashes. */
function nameOf({ fileNameRaw, extraFields, versionMadeBy }: Entry): string {
  const unicode = extraFields.find(({ id }) => id === 0x7075)?.data;
  const known = unicode !== undefined && unicode.length > 5 && unicode.readUInt32LE(1) === crc32(fileNameRaw);
  const name = nameOfBytes(known ? unicode.subarray(5) : fileNameRaw);
  return versionMadeBy >> 8 === dos && !name.includes('/') ? name.replaceAll('\\', '/') : name;
}

const kindsOfModes: Readonly<Record<number, EntryKind>> = {
  1: 'fifo',
  2: 'character device',
  4: 'directory',
  6: 'block device',
  8: 'file',
  10: 'symlink',
};

function kindOf(name: string, { versionMadeBy, externalFileAttributes, uncompressedSize }: Entry): EntryKind {
  if (name.endsWith('/')) return 'directory';
  if (versionMadeBy >> 8 !== unix) return 'file';
  const type = externalFileAttributes >>> 28;
  const kind = type === 0 ? 'file' : (kindsOfModes[type] ?? 'other');
  // `… | zip a.zip -` calls what came through the pipe one.
  return kind === 'fifo' && uncompressedSize > 0 ? 'file' : kind;
}

/** Only the fields of Unix and of NTFS tell a time of the world. */
function timeOf(entry: Entry): number | null {
  const dated = entry.extraFields.some(({ id }) => id === 0x5455 || id === 0x000a);
  return dated ? entry.getLastModDate({ timezone: 'UTC' }).getTime() : null;
}
