/** One INPUT of a command: a directory, an archive (and the archives in either), a text file, or `-` for standard input. */
import { createReadStream, type Stats, statSync } from 'node:fs';
import { basename } from 'node:path';
import { readArchive } from './archive.js';
import { type Chunks, collect, peek } from './bytes.js';
import type { PackedKind } from './codec.js';
import { readDirectory } from './directory.js';
import { withoutPackedEnding } from './endings.js';
import { InputError } from './input-error.js';
import { type Limits, megabytes } from './limits.js';
import { isPackedKind, kindOfBytes, unpackHint } from './magic.js';
import { withNested } from './nested.js';
import type { LeftOut, RawInput } from './raw-file.js';
import { blockSize } from './tar-header.js';
import { type UnpackState, unpack } from './unpack.js';

/** What a stream is called: in messages, in the command that unpacks it, and as a file. */
interface Called {
  readonly name: string;
  readonly path: string;
  readonly file: string;
}

export async function readInput(path: string, stdin: AsyncIterable<unknown>, limits: Limits): Promise<RawInput> {
  if (path === '-') return readStream(bytesIn(stdin), limits, { name: 'standard input', path: 'FILE', file: 'stdin' });
  const info = statsOf(path);
  if (info.isDirectory()) return withNested(readDirectory(path, limits), limits);
  // A pipe that the shell made (`<(ssh node …)`) is read like standard input.
  const stream = createReadStream(path, { highWaterMark: 262_144 });
  const called = { name: path, path, file: withoutPackedEnding(basename(path)) };
  return readStream(stream, limits, called).catch((error: unknown) => {
    throw unreadable(path, error);
  });
}

function statsOf(path: string): Stats {
  try {
    return statSync(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** What the system says of a path, in one sentence; any other error stays what it is. */
function unreadable(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('syscall' in error)) return error;
  const known = 'code' in error ? reasons[String(error.code)] : undefined;
  return new InputError(`${path}: ${known ?? `cannot be read (${error.message})`}`);
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  ENOTDIR: 'no such file or directory',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ELOOP: 'the link leads in a circle',
  ENAMETOOLONG: 'no such file or directory (the name is too long)',
};

async function* bytesIn(stream: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) {
    if (chunk instanceof Uint8Array) yield chunk;
    else yield Buffer.from(String(chunk));
  }
}

/** Deeper nobody packs, except to do harm. */
const mostLayers = 3;

/** What a stream holds, whatever it is packed in. `isCut` tells, once it has ended, whether what packed it was cut off. */
async function readStream(
  chunks: Chunks,
  limits: Limits,
  called: Called,
  layer = 0,
  isCut: () => boolean = () => false,
): Promise<RawInput> {
  const { head, all } = await peek(chunks, blockSize);
  const kind = kindOfBytes(head);
  if (isPackedKind(kind) && layer < mostLayers) return readPacked(all, kind, limits, called, layer);
  const { name, path, file } = called;
  if (kind === 'tar') return withNested(await readArchive(all, limits, name, isCut), limits);
  if (kind === 'zip') return withNested(await readZipStream(all, limits, called), limits);
  if (kind !== 'other')
    throw new InputError(
      `${name}: ${kind} ${name === path ? 'files are' : 'data are'} not read directly`,
      unpackHint(kind, path),
    );
  const bytes = await collect(all, limits.fileBytes);
  if (bytes === null) throw new InputError(`${name}: larger than ${megabytes(limits.fileBytes)}`);
  return { files: [{ path: file, bytes, modifiedAt: null }], leftOut: [], single: true };
}

/** An archive, or one text. */
async function readPacked(
  packed: Chunks,
  kind: PackedKind,
  limits: Limits,
  called: Called,
  layer: number,
): Promise<RawInput> {
  const { name } = called;
  const state: UnpackState = { kind, cutOff: false, trailing: 0 };
  const read = await readStream(unpack(packed, limits, called, state), limits, called, layer + 1, () => state.cutOff);
  const leftOut: LeftOut[] = [...read.leftOut];
  if (read.single === true && state.cutOff)
    leftOut.push({ path: name, why: `the ${kind} data are cut off: the end of the text is missing` });
  if (state.trailing > 0) leftOut.push({ path: name, why: `${state.trailing} bytes behind the ${kind} data are none` });
  return { ...read, leftOut };
}

/** Its directory lies at its end. */
async function readZipStream(chunks: Chunks, limits: Limits, { name }: Called): Promise<RawInput> {
  const { readZip } = await import('./zip.js');
  const bytes = await collect(chunks, limits.totalBytes);
  if (bytes === null) throw new InputError(`${name}: larger than ${megabytes(limits.totalBytes)}`);
  return readZip(bytes, limits, name);
}
