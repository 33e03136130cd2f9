/** Archives inside of an input: `sos collect` and portals pack one per node. Each is read as if it were a folder, within the limits of the whole. */
import { readArchive } from './archive.js';
import { type Chunks, peek } from './bytes.js';
import { type GunzipState, gunzip } from './gunzip.js';
import { InputError } from './input-error.js';
import type { Limits } from './limits.js';
import type { LeftOut, RawFile, RawInput } from './raw-file.js';
import { blockSize, hasTarMagic } from './tar-header.js';

/** Deeper ones no collector makes. */
const mostLevels = 3;

/** The input with the tar archives in it, plain or gzipped, unpacked beside where they lie. */
export async function withNested(input: RawInput, limits: Limits): Promise<RawInput> {
  if (!input.files.some(mayBeArchive)) return input;
  return unpackAll(input, lessen(limits, input.files), 1);
}

async function unpackAll(input: RawInput, limits: Limits, level: number): Promise<RawInput> {
  const folders = foldersOf(input.files);
  const files: RawFile[] = [];
  const leftOut: LeftOut[] = [...input.leftOut];
  let left = limits;
  for (const file of input.files) {
    const folder = file.path.replace(/(?:\.tar\.gz|\.tgz|\.tar|)$/i, '');
    const inner = mayBeArchive(file) ? await unpack(file, left, level) : null;
    if (inner === null) {
      files.push(file);
    } else if (folders.has(folder)) {
      leftOut.push({ path: file.path, why: `it is unpacked already in ${folder}, which is read`, elsewhere: true });
    } else {
      left = lessen(left, inner.files);
      files.push(...inner.files.map((one) => ({ ...one, path: `${folder}/${one.path}` })));
      leftOut.push(
        ...inner.leftOut.map((one) => ({ ...one, path: one.path === '' ? file.path : `${folder}/${one.path}` })),
      );
    }
  }
  return { ...input, files, leftOut };
}

/** null: it is no archive. What keeps it from being read is left out with the reason. */
async function unpack(file: RawFile, limits: Limits, level: number): Promise<RawInput | null> {
  try {
    const inner = await filesIn(file, limits);
    if (inner === null || !inner.files.some(mayBeArchive)) return inner;
    return level < mostLevels ? await unpackAll(inner, lessen(limits, inner.files), level + 1) : inner;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { files: [], leftOut: [{ path: '', why: error.message.replace(`${file.path}: `, '') }] };
  }
}

/** A packed text stays as it is: rotated logs tell of other days. */
async function filesIn({ path, bytes }: RawFile, limits: Limits): Promise<RawInput | null> {
  if (!isGzip(bytes)) return hasTarMagic(bytes) ? readArchive(once(bytes), limits, path) : null;
  const state: GunzipState = { cutOff: false, trailing: 0 };
  const { head, all } = await peek(gunzip(once(bytes), limits, path, state), blockSize);
  return hasTarMagic(head) ? readArchive(all, limits, path, () => state.cutOff) : null;
}

function mayBeArchive({ bytes }: RawFile): boolean {
  return isGzip(bytes) || hasTarMagic(bytes);
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

async function* once(bytes: Uint8Array): Chunks {
  yield bytes;
}

/** What of the limits these files leave to others. */
function lessen(limits: Limits, files: readonly RawFile[]): Limits {
  const bytes = files.reduce((sum, file) => sum + file.bytes.length, 0);
  return { ...limits, files: limits.files - files.length, totalBytes: limits.totalBytes - bytes };
}

function foldersOf(files: readonly RawFile[]): ReadonlySet<string> {
  const folders = new Set<string>();
  for (const { path } of files)
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) folders.add(path.slice(0, at));
  return folders;
}
