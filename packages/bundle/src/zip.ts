/** The files of a zip archive: by its directory, or one after the other where that is cut off. */
import { crc32, inflateRawSync } from 'node:zlib';
import { Entries } from './entries.js';
import { InputError } from './input-error.js';
import { type Limits, megabytes } from './limits.js';
import type { RawInput } from './raw-file.js';
import { ratioGuard } from './unpack.js';
import { entriesBeforeCut } from './zip-cut-off.js';
import { zipDirectory } from './zip-directory.js';
import { dataOf, type ZipEntry } from './zip-entry.js';

/** Throws InputError when the archive is damaged or exceeds a limit. A file that is damaged is left out: the others do not depend on it. */
export function readZip(bytes: Uint8Array, limits: Limits, name: string): RawInput {
  const directory = zipDirectory(bytes, limits.files);
  if (directory === 'too many') throw new InputError(`${name}: holds more than ${limits.files} files`);
  if (directory === 'split')
    throw new InputError(
      `${name}: is one of several parts of a zip archive`,
      'join them first: zip -s 0 FILE --out WHOLE.zip',
    );
  if (directory === 'damaged')
    throw new InputError(`${name}: the directory of the zip archive is damaged`, 'capture or copy it again');
  const entries = new Entries(limits, name);
  const unzip = unzipper(bytes, limits, name);
  if (directory === null) {
    const found = entriesBeforeCut(bytes, limits.fileBytes);
    let step = found.next();
    for (; step.done !== true; step = found.next()) {
      const { entry, data } = step.value;
      takeEntry(entries, entry, () => unzip(entry, data));
    }
    entries.cutOff(step.value);
    return entries.finish();
  }
  const { overlapping, misplaced } = placesOf(bytes, directory.entries, directory.offset);
  for (const entry of directory.entries) {
    if (overlapping.has(entry)) entries.leave(entry.name, 'its data are those of another file, too');
    else if (misplaced.has(entry)) entries.leave(entry.name, 'its data are not where the directory says');
    else takeEntry(entries, entry, () => unzip(entry, dataOf(bytes, entry.offset) ?? bytes.length));
  }
  if (directory.trailing > 0) entries.leave(name, 'other data follow the end of the archive');
  return entries.finish();
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

/** Bombs let many files share their data; archives that people make do not. The first one to name them keeps them. */
function placesOf(
  bytes: Uint8Array,
  entries: readonly ZipEntry[],
  end: number,
): { readonly overlapping: ReadonlySet<ZipEntry>; readonly misplaced: ReadonlySet<ZipEntry> } {
  const overlapping = new Set<ZipEntry>();
  const misplaced = new Set<ZipEntry>();
  let taken = 0;
  for (const entry of [...entries].sort((one, other) => one.offset - other.offset)) {
    const data = dataOf(bytes, entry.offset);
    if (data === null || data + entry.packedSize > end) misplaced.add(entry);
    else if (entry.offset < taken) overlapping.add(entry);
    else taken = data + entry.packedSize;
  }
  return { overlapping, misplaced };
}

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
