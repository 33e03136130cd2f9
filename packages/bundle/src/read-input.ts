/** One INPUT of a command: a directory, an archive (and the archives in either), a text file, or `-` for standard input. */
import { createReadStream, type Stats, statSync } from 'node:fs';
import { basename } from 'node:path';
import { readArchive } from './archive.js';
import { type Chunks, collect, peek } from './bytes.js';
import { readDirectory } from './directory.js';
import { type GunzipState, gunzip } from './gunzip.js';
import { InputError } from './input-error.js';
import { type Limits, megabytes } from './limits.js';
import { kindOfBytes, unpackHint } from './magic.js';
import { withNested } from './nested.js';
import type { LeftOut, RawInput } from './raw-file.js';
import { blockSize } from './tar-header.js';

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
  const called = { name: path, path, file: basename(path).replace(/\.gz$/, '') };
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

async function readStream(chunks: Chunks, limits: Limits, called: Called): Promise<RawInput> {
  const { head, all } = await peek(chunks, blockSize);
  const kind = kindOfBytes(head);
  if (kind === 'gzip') return readGzip(all, limits, called);
  return readPlain(all, head, limits, called);
}

/** A gzip file holds a tar archive, or one text. */
async function readGzip(packed: Chunks, limits: Limits, called: Called): Promise<RawInput> {
  const state: GunzipState = { cutOff: false, trailing: 0 };
  const { head, all } = await peek(gunzip(packed, limits, called.name, state), blockSize);
  const read = await readPlain(all, head, limits, called, () => state.cutOff);
  const leftOut: LeftOut[] = [...read.leftOut];
  if (read.single === true && state.cutOff)
    leftOut.push({ path: called.name, why: 'the gzip data are cut off: the end of the text is missing' });
  if (state.trailing > 0)
    leftOut.push({ path: called.name, why: `${state.trailing} bytes behind the gzip data are none` });
  return { ...read, leftOut };
}

async function readPlain(
  chunks: Chunks,
  head: Uint8Array,
  limits: Limits,
  { name, path, file }: Called,
  isCut: () => boolean = () => false,
): Promise<RawInput> {
  const kind = kindOfBytes(head);
  if (kind === 'tar') return withNested(await readArchive(chunks, limits, name, isCut), limits);
  const hint = unpackHint(kind, path);
  if (hint !== null || kind === 'gzip')
    throw new InputError(`${name}: ${kind} ${name === path ? 'files are' : 'data are'} not read directly`, hint);
  const bytes = await collect(chunks, limits.fileBytes);
  if (bytes === null) throw new InputError(`${name}: larger than ${megabytes(limits.fileBytes)}`);
  return { files: [{ path: file, bytes, modifiedAt: null }], leftOut: [], single: true };
}
