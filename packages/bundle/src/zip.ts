/** The files of a zip archive: yauzl reads its directory, what it says is judged here. */
import { crc32, inflateRawSync } from 'node:zlib';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { Entries } from './entries.js';
import { InputError } from './input-error.js';
import { type Limits, megabytes } from './limits.js';
import type { RawInput } from './raw-file.js';
import { ratioGuard } from './unpack.js';
import { type ZipEntry, zipEntry } from './zip-entry.js';

/** Throws InputError when the archive is cut off, damaged or exceeds a limit. A file that is damaged is left out: the others do not depend on it. */
export async function readZip(bytes: Uint8Array, limits: Limits, name: string): Promise<RawInput> {
  const given = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const whole = given.subarray(0, endOf(given));
  const directory = await directoryOf(whole, limits, name);
  const entries = new Entries(limits, name);
  const unzip = unzipper(bytes, limits, name);
  const overlapping = overlappingOf(directory);
  for (const entry of directory) {
    const { data } = entry;
    if (overlapping.has(entry)) entries.leave(entry.name, 'its data are those of another file, too');
    else if (data === null) entries.leave(entry.name, 'its data are not where the directory says');
    else takeEntry(entries, entry, () => unzip(entry, data));
  }
  if (whole.length < given.length) entries.leave(name, 'other data follow the end of the archive');
  return entries.finish();
}

/** yauzl reads no archive that other data follow. */
function endOf(bytes: Buffer): number {
  const at = bytes.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  return at < 0 || at + 22 > bytes.length ? bytes.length : at + 22 + bytes.readUInt16LE(at + 20);
}

/** Begins an entry of the directory. */
const entryMark = 0x02014b50;

async function directoryOf(bytes: Buffer, limits: Limits, name: string): Promise<readonly ZipEntry[]> {
  try {
    const zip = await yauzl.fromBufferPromise(bytes, { decodeStrings: false, validateEntrySizes: false });
    if (zip.entryCount > limits.files) throw new InputError(`${name}: holds more than ${limits.files} files`);
    const entries: ZipEntry[] = [];
    for await (const entry of zip.eachEntry()) entries.push(zipEntry(entry, await dataOf(zip, entry)));
    const behind = bytes.subarray(zip.readEntryCursor);
    if (behind.length >= 4 && behind.readUInt32LE(0) === entryMark) throw new Error('more entries than it says');
    return entries;
  } catch (error) {
    throw error instanceof InputError ? error : refusal(name, error as Error);
  }
}

function refusal(name: string, { message }: Error): InputError {
  if (/^End of central directory record signature not found/.test(message))
    return new InputError(
      `${name}: the zip archive is cut off: its directory, which is at the end, is missing`,
      'copy it again, or mend what is there: zip -FF FILE --out MENDED.zip',
    );
  if (/^multi-disk/.test(message))
    return new InputError(
      `${name}: is one of several parts of a zip archive`,
      'join them first: zip -s 0 FILE --out WHOLE.zip',
    );
  if (/^strong encryption/.test(message)) return new InputError(`${name}: the zip archive is encrypted`);
  return new InputError(`${name}: the directory of the zip archive is damaged`, 'capture or copy it again');
}

/** null: no header lies where the directory says, or the archive ends before the data do. */
function dataOf(zip: ZipFile, entry: Entry): Promise<number | null> {
  return zip.readLocalFileHeaderPromise(entry, { minimal: true }).then(
    ({ fileDataStart }) => fileDataStart,
    () => null,
  );
}

/** Bombs let many files share their data; archives that people make do not. The first one to name them keeps them. */
function overlappingOf(entries: readonly ZipEntry[]): ReadonlySet<ZipEntry> {
  const overlapping = new Set<ZipEntry>();
  let taken = 0;
  for (const entry of [...entries].sort((one, other) => one.offset - other.offset)) {
    if (entry.data === null) continue;
    if (entry.offset < taken) overlapping.add(entry);
    else taken = entry.data + entry.packedSize;
  }
  return overlapping;
}

function takeEntry(entries: Entries, entry: ZipEntry, unzip: () => Uint8Array | string): void {
  if (entry.kind === 'symlink' && !entry.encrypted && entry.size <= longestTarget) {
    const target = unzip();
    if (typeof target === 'string') entries.leave(entry.name, target);
    else entries.visit({ ...entry, size: 0, linkName: Buffer.from(target).toString() });
    return;
  }
  if (entry.kind === 'file' && entry.encrypted) {
    entries.leave(entry.name, 'it is encrypted');
    return;
  }
  const take = entries.visit({ ...entry, linkName: '' });
  if (take === null) return;
  const data = unzip();
  if (typeof data === 'string') entries.leave(entry.name, data);
  else take(data);
}

const longestTarget = 4096;

/** The data of an entry from a place on, or why there are none. */
type Unzip = (entry: ZipEntry, from: number) => Uint8Array | string;

const stored = 0;
const deflated = 8;

function unzipper(bytes: Uint8Array, limits: Limits, name: string): Unzip {
  let read = 0;
  const guard = ratioGuard(limits, name, () => read);
  return ({ method, packedSize, size, crc }, from) => {
    const packed = bytes.subarray(from, from + packedSize);
    if (method !== stored && method !== deflated) return `it is packed by a method that is not read here (${method})`;
    if (size > limits.fileBytes) return `it is larger than ${megabytes(limits.fileBytes)}`;
    read += packedSize;
    guard(size);
    const data = method === stored ? packed : inflated(packed, size);
    if (data?.length !== size) return 'its data are damaged (their length is wrong)';
    return crc32(data) === crc ? data : 'its data are damaged (their checksum is wrong)';
  };
}

/** null: the data are damaged, or longer than they should be. */
function inflated(packed: Uint8Array, size: number): Uint8Array | null {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, size) });
  } catch {
    return null;
  }
}
