/** What a zip archive says of one file, in its directory and before its data. PKWARE's APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12, 4.4 and 4.5; Info-ZIP's extra fields (proginfo/extrafld.txt). */
import { crc32 } from 'node:zlib';
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
  /** Milliseconds since the epoch; null where only a local time is given, whose zone nobody knows. */
  readonly modifiedAt: number | null;
}

export const signature = {
  local: 0x04034b50,
  descriptor: 0x08074b50,
  entry: 0x02014b50,
  end: 0x06054b50,
  end64: 0x06064b50,
  locator64: 0x07064b50,
} as const;

/** Fields of a fixed length, which both kinds of header have in the same order. */
interface Common {
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packedSize: number;
  readonly size: number;
}

function commonAt(view: DataView, at: number): Common {
  return {
    flags: view.getUint16(at, true),
    method: view.getUint16(at + 2, true),
    crc: view.getUint32(at + 8, true),
    packedSize: view.getUint32(at + 12, true),
    size: view.getUint32(at + 16, true),
  };
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** An entry of the directory, and where the next begins; null where there is none. */
export function directoryEntry(
  bytes: Uint8Array,
  at: number,
): { readonly entry: ZipEntry; readonly end: number } | null {
  const view = viewOf(bytes);
  if (at + 46 > bytes.length || view.getUint32(at, true) !== signature.entry) return null;
  const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
  const nameEnd = at + 46 + (nameLength ?? 0);
  const extraEnd = nameEnd + (extraLength ?? 0);
  const end = extraEnd + (commentLength ?? 0);
  if (end > bytes.length) return null;
  const common = commonAt(view, at + 8);
  const offset = view.getUint32(at + 42, true);
  const entry = entryOf(common, offset, bytes.subarray(at + 46, nameEnd), bytes.subarray(nameEnd, extraEnd), {
    host: bytes[at + 5] ?? 0,
    attributes: view.getUint32(at + 38, true),
  });
  return entry === null ? null : { entry, end };
}

/** A local header, and where its data begin; null where there is none, or only part of one. */
export function localEntry(
  bytes: Uint8Array,
  at: number,
): { readonly entry: ZipEntry; readonly data: number; readonly sizesFollow: boolean } | null {
  const data = dataOf(bytes, at);
  if (data === null) return null;
  const view = viewOf(bytes);
  const nameEnd = at + 30 + view.getUint16(at + 26, true);
  const common = commonAt(view, at + 6);
  const entry = entryOf(common, at, bytes.subarray(at + 30, nameEnd), bytes.subarray(nameEnd, data), null);
  return entry === null ? null : { entry, data, sizesFollow: (common.flags & 8) !== 0 };
}

/** Where the data behind a local header begin; null where there is none. */
export function dataOf(bytes: Uint8Array, at: number): number | null {
  const view = viewOf(bytes);
  if (at + 30 > bytes.length || view.getUint32(at, true) !== signature.local) return null;
  const data = at + 30 + view.getUint16(at + 26, true) + view.getUint16(at + 28, true);
  return data > bytes.length ? null : data;
}

interface MadeBy {
  readonly host: number;
  readonly attributes: number;
}

/** null: a number in it is beyond all bounds. */
function entryOf(
  common: Common,
  offset: number,
  nameBytes: Uint8Array,
  extra: Uint8Array,
  made: MadeBy | null,
): ZipEntry | null {
  const fields = extraFields(extra);
  const wide = wideNumbers(fields.get(1) ?? new Uint8Array(0), [common.size, common.packedSize, offset]);
  if (wide === null) return null;
  const [size = 0, packedSize = 0, from = 0] = wide;
  const name = nameOf(nameBytes, fields.get(0x7075), made);
  return {
    name,
    kind: kindOf(name, made, size),
    method: common.method,
    encrypted: (common.flags & 0x41) !== 0,
    crc: common.crc,
    packedSize,
    size,
    offset: from,
    modifiedAt: timeOf(fields),
  };
}

type ExtraFields = ReadonlyMap<number, Uint8Array>;

/** The first of each kind. */
function extraFields(extra: Uint8Array): ExtraFields {
  const fields = new Map<number, Uint8Array>();
  const view = viewOf(extra);
  for (let at = 0; at + 4 <= extra.length; ) {
    const [id, length] = [view.getUint16(at, true), view.getUint16(at + 2, true)];
    if (!fields.has(id)) fields.set(id, extra.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return fields;
}

const elsewhere = 0xffffffff;

/** Numbers that do not fit stand in the extra field, in this order and only those. */
function wideNumbers(field: Uint8Array, numbers: readonly number[]): readonly number[] | null {
  const view = viewOf(field);
  const wide: number[] = [];
  let at = 0;
  for (const number of numbers) {
    if (number !== elsewhere || at + 8 > field.length) wide.push(number);
    else {
      wide.push(Number(view.getBigUint64(at, true)));
      at += 8;
    }
  }
  return wide.every(Number.isSafeInteger) ? wide : null;
}

/** Info-ZIP keeps the name in UTF-8 beside one of an older code page. Windows' own tools once wrote backslashes. */
function nameOf(bytes: Uint8Array, unicode: Uint8Array | undefined, made: MadeBy | null): string {
  const known = unicode !== undefined && unicode.length > 5 && viewOf(unicode).getUint32(1, true) === crc32(bytes);
  const name = nameOfBytes(known ? unicode.subarray(5) : bytes);
  return made?.host === 0 && !name.includes('/') ? name.replaceAll('\\', '/') : name;
}

const unix = 3;
const kindsOfModes: Readonly<Record<number, EntryKind>> = {
  1: 'fifo',
  2: 'character device',
  4: 'directory',
  6: 'block device',
  8: 'file',
  10: 'symlink',
};

function kindOf(name: string, made: MadeBy | null, size: number): EntryKind {
  if (name.endsWith('/')) return 'directory';
  if (made?.host !== unix) return 'file';
  const type = made.attributes >>> 28;
  const kind = type === 0 ? 'file' : (kindsOfModes[type] ?? 'other');
  // `… | zip a.zip -` calls what came through the pipe one.
  return kind === 'fifo' && size > 0 ? 'file' : kind;
}

/** Seconds of Unix, or steps of 100 nanoseconds since 1601 as NTFS has them. */
function timeOf(fields: ExtraFields): number | null {
  const unixTime = fields.get(0x5455);
  if (unixTime !== undefined && unixTime.length >= 5 && ((unixTime[0] ?? 0) & 1) === 1)
    return viewOf(unixTime).getInt32(1, true) * 1000;
  const ntfs = fields.get(0x000a);
  if (ntfs !== undefined && ntfs.length >= 16 && viewOf(ntfs).getUint16(4, true) === 1)
    return Number(viewOf(ntfs).getBigUint64(8, true) / 10_000n) - 11_644_473_600_000;
  return null;
}
