/** Archives inside of an input: `sos collect` and portals pack one per node. Each is read as if it were a folder, within the limits of the whole. */
import { readArchive } from './archive.js';
import { type Chunks, collect, peek } from './bytes.js';
import type { PackedKind } from './codec.js';
import { withoutArchiveEnding, withoutPackedEnding } from './endings.js';
import { InputError } from './input-error.js';
import { type Limits, megabytes } from './limits.js';
import { isPackedKind, kindOfBytes } from './magic.js';
import type { LeftOut, RawFile, RawInput } from './raw-file.js';
import { blockSize, hasTarMagic } from './tar-header.js';
import { type UnpackState, unpack } from './unpack.js';

/** Deeper ones no collector makes. */
const mostLevels = 3;

/** What the archives of one input may still take up together, whether they turn out to be of use or not. */
interface Left {
  files: number;
  bytes: number;
}

/** The input with the archives and packed texts in it unpacked beside where they lie. */
export async function withNested(input: RawInput, limits: Limits): Promise<RawInput> {
  if (!input.files.some(mayBeArchive)) return input;
  const left = { files: limits.files, bytes: limits.totalBytes };
  charge(left, input.files);
  return unpackAll(input, limits, left, 1);
}

async function unpackAll(input: RawInput, limits: Limits, left: Left, level: number): Promise<RawInput> {
  const folders = foldersOf(input.files);
  const paths = new Set(input.files.map(({ path }) => path));
  const files: RawFile[] = [];
  const leftOut: LeftOut[] = [...input.leftOut];
  for (const file of input.files) {
    const inner = mayBeArchive(file) ? await unpackFile(file, limits, left, level) : null;
    const place = inner?.single === true ? withoutPackedEnding(file.path) : withoutArchiveEnding(file.path);
    if (inner === null) {
      files.push(file);
    } else if (folders.has(place) || (place !== file.path && paths.has(place))) {
      leftOut.push({ path: file.path, why: `it is unpacked already in ${place}, which is read`, elsewhere: true });
    } else if (inner.single === true) {
      files.push(...inner.files.map((one) => ({ ...one, path: place })));
      leftOut.push(...inner.leftOut.map((one) => ({ ...one, path: file.path })));
    } else {
      files.push(...inner.files.map((one) => ({ ...one, path: `${place}/${one.path}` })));
      leftOut.push(
        ...inner.leftOut.map((one) => ({ ...one, path: one.path === '' ? file.path : `${place}/${one.path}` })),
      );
    }
  }
  return { ...input, files, leftOut };
}

/** null: it is no archive. What keeps it from being read is left out with the reason. */
async function unpackFile(file: RawFile, limits: Limits, left: Left, level: number): Promise<RawInput | null> {
  try {
    const inner = await filesIn(file, limits, left);
    if (inner === null || level === mostLevels || !inner.files.some(mayBeArchive)) return inner;
    return await unpackAll(inner, limits, left, level + 1);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { files: [], leftOut: [{ path: '', why: error.message.replace(`${file.path}: `, '') }] };
  }
}

async function filesIn(file: RawFile, limits: Limits, left: Left): Promise<RawInput | null> {
  const { path, bytes } = file;
  const within = { ...limits, files: left.files, totalBytes: left.bytes };
  const kind = kindOfBytes(bytes.subarray(0, blockSize));
  if (isPackedKind(kind)) {
    if (left.bytes <= 0)
      throw new InputError(
        `${path}: what was unpacked before leaves no room (the limit is ${megabytes(limits.totalBytes)})`,
      );
    return packedFiles(file, kind, within, left);
  }
  const inner =
    kind === 'zip'
      ? await zipFiles(file, within)
      : hasTarMagic(bytes)
        ? await readArchive(once(bytes), within, path)
        : null;
  if (inner !== null) charge(left, inner.files);
  return inner;
}

async function packedFiles(
  { path, bytes, modifiedAt }: RawFile,
  kind: PackedKind,
  within: Limits,
  left: Left,
): Promise<RawInput | null> {
  const state: UnpackState = { kind, cutOff: false, trailing: 0 };
  const { head, all } = await peek(counted(unpack(once(bytes), within, { name: path, path }, state), left), blockSize);
  if (hasTarMagic(head)) {
    const inner = await readArchive(all, within, path, () => state.cutOff);
    left.files -= inner.files.length;
    return inner;
  }
  if (isOldLog(path) || kindOfBytes(head) !== 'other' || head.includes(0)) return null;
  const text = await collect(all, within.fileBytes);
  if (text === null) throw new InputError(`${path}: larger than ${megabytes(within.fileBytes)}`);
  const leftOut = state.cutOff ? [{ path, why: `the ${kind} data are cut off: the end of the text is missing` }] : [];
  return { files: [{ path, bytes: text, modifiedAt }], leftOut, single: true };
}

/** Rotated logs tell of other days: they stay packed. */
function isOldLog(path: string): boolean {
  return /\.log(?:\.|$)|[a-z]\.\d{1,2}$|[-.]\d{8}(?:-\d+)?$/i.test(withoutPackedEnding(path));
}

/** Programs and office documents are zip archives as well. */
const notCaptures = ['[Content_Types].xml', 'META-INF/MANIFEST.MF', 'mimetype'];

/** null: it is one of those. */
async function zipFiles({ path, bytes }: RawFile, within: Limits): Promise<RawInput | null> {
  const { readZip } = await import('./zip.js');
  const read = await readZip(bytes, within, path);
  return read.files.some((file) => notCaptures.includes(file.path)) ? null : read;
}

/** Many archives that fail late cost as much as many that do not. */
async function* counted(chunks: Chunks, left: Left): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    left.bytes -= chunk.length;
    yield chunk;
  }
}

function mayBeArchive({ bytes }: RawFile): boolean {
  if (hasTarMagic(bytes)) return true;
  const kind = kindOfBytes(bytes.subarray(0, shortHead));
  return kind === 'zip' || isPackedKind(kind);
}

/** Enough for every magic but tar's. */
const shortHead = 16;

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
