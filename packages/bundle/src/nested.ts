/** Archives inside of an input: `sos collect` and portals pack one per node. Each is read as if it were a folder, within the limits of the whole. */
import { readArchive } from './archive.js';
import { type Chunks, peek } from './bytes.js';
import { type GunzipState, gunzip } from './gunzip.js';
import { InputError } from './input-error.js';
import { type Limits, megabytes } from './limits.js';
import type { LeftOut, RawFile, RawInput } from './raw-file.js';
import { blockSize, hasTarMagic } from './tar-header.js';

/** Deeper ones no collector makes. */
const mostLevels = 3;

/** What the archives of one input may still take up together, whether they turn out to be of use or not. */
interface Left {
  files: number;
  bytes: number;
}

/** The input with the tar archives in it, plain or gzipped, unpacked beside where they lie. */
export async function withNested(input: RawInput, limits: Limits): Promise<RawInput> {
  if (!input.files.some(mayBeArchive)) return input;
  const left = { files: limits.files, bytes: limits.totalBytes };
  charge(left, input.files);
  return unpackAll(input, limits, left, 1);
}

async function unpackAll(input: RawInput, limits: Limits, left: Left, level: number): Promise<RawInput> {
  const folders = foldersOf(input.files);
  const files: RawFile[] = [];
  const leftOut: LeftOut[] = [...input.leftOut];
  for (const file of input.files) {
    const folder = file.path.replace(/(?:\.tar\.gz|\.tgz|\.tar|)$/i, '');
    const inner = mayBeArchive(file) ? await unpack(file, limits, left, level) : null;
    if (inner === null) {
      files.push(file);
    } else if (folders.has(folder)) {
      leftOut.push({ path: file.path, why: `it is unpacked already in ${folder}, which is read`, elsewhere: true });
    } else {
      files.push(...inner.files.map((one) => ({ ...one, path: `${folder}/${one.path}` })));
      leftOut.push(
        ...inner.leftOut.map((one) => ({ ...one, path: one.path === '' ? file.path : `${folder}/${one.path}` })),
      );
    }
  }
  return { ...input, files, leftOut };
}

/** null: it is no archive. What keeps it from being read is left out with the reason. */
async function unpack(file: RawFile, limits: Limits, left: Left, level: number): Promise<RawInput | null> {
  try {
    const inner = await filesIn(file, limits, left);
    if (inner === null || level === mostLevels || !inner.files.some(mayBeArchive)) return inner;
    return await unpackAll(inner, limits, left, level + 1);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { files: [], leftOut: [{ path: '', why: error.message.replace(`${file.path}: `, '') }] };
  }
}

/** A packed text stays as it is: rotated logs tell of other days. */
async function filesIn({ path, bytes }: RawFile, limits: Limits, left: Left): Promise<RawInput | null> {
  const within = { ...limits, files: left.files, totalBytes: left.bytes };
  if (!isGzip(bytes)) {
    if (!hasTarMagic(bytes)) return null;
    const inner = await readArchive(once(bytes), within, path);
    charge(left, inner.files);
    return inner;
  }
  if (left.bytes <= 0)
    throw new InputError(
      `${path}: what was unpacked before leaves no room (the limit is ${megabytes(limits.totalBytes)})`,
    );
  const state: GunzipState = { cutOff: false, trailing: 0 };
  const { head, all } = await peek(counted(gunzip(once(bytes), within, path, state), left), blockSize);
  if (!hasTarMagic(head)) return null;
  const inner = await readArchive(all, within, path, () => state.cutOff);
  left.files -= inner.files.length;
  return inner;
}

/** Many archives that fail late cost as much as many that do not. */
async function* counted(chunks: Chunks, left: Left): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    left.bytes -= chunk.length;
    yield chunk;
  }
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

function charge(left: Left, files: readonly RawFile[]): void {
  left.files -= files.length;
  left.bytes -= files.reduce((sum, file) => sum + file.bytes.length, 0);
}

function foldersOf(files: readonly RawFile[]): ReadonlySet<string> {
  const folders = new Set<string>();
  for (const { path } of files)
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) folders.add(path.slice(0, at));
  return folders;
}
