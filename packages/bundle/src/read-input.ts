/** One INPUT of a command: a directory, an archive, a text file, or `-` for standard input. */
import { open, readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { megabytes, readArchive, readArchiveFile } from './archive.js';
import { readDirectory } from './directory.js';
import { InputError } from './input-error.js';
import type { Limits } from './limits.js';
import { kindOfBytes, unpackHint } from './magic.js';
import type { RawInput } from './raw-file.js';

export async function readInput(path: string, stdin: Readable, limits: Limits): Promise<RawInput> {
  if (path === '-') return readStream(stdin, limits);
  const info = await stat(path).catch(() => null);
  if (info === null) throw new InputError(`${path}: no such file or directory`);
  if (info.isDirectory()) return readDirectory(path, limits);
  if (!info.isFile()) throw new InputError(`${path}: neither a directory nor a regular file`);
  const head = await readHead(path);
  const kind = kindOfBytes(head);
  if (kind === 'tar') return readArchiveFile(path, false, limits);
  if (kind === 'gzip') return readGzip(path, limits);
  const hint = unpackHint(kind, path);
  if (hint !== null) throw new InputError(`${path}: ${kind} files are not read directly`, hint);
  if (info.size > limits.fileBytes) throw new InputError(`${path}: larger than ${megabytes(limits.fileBytes)}`);
  return { files: [{ path: basename(path), bytes: await readFile(path), modifiedAt: info.mtimeMs }], leftOut: [] };
}

async function readHead(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r').catch((error: Error) => {
    throw new InputError(`${path}: cannot be read (${error.message})`);
  });
  try {
    const buffer = Buffer.alloc(512);
    const { bytesRead } = await file.read(buffer, 0, 512, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** A gzip file holds a tar archive, or one text. */
async function readGzip(path: string, limits: Limits): Promise<RawInput> {
  const head = firstBlock(await readFile(path), path);
  if (kindOfBytes(head) === 'tar') return readArchiveFile(path, true, limits);
  const bytes = unzip(await readFile(path), path, limits);
  return { files: [{ path: basename(path).replace(/\.gz$/, ''), bytes, modifiedAt: null }], leftOut: [] };
}

function firstBlock(packed: Uint8Array, path: string): Uint8Array {
  try {
    // finishFlush lets a cut-off beginning be unpacked; an empty archive yields nothing.
    return gunzipSync(packed.subarray(0, 65_536), { finishFlush: 2, maxOutputLength: 64 * 1024 * 1024 }).subarray(
      0,
      512,
    );
  } catch (error) {
    throw new InputError(
      `${path}: the gzip data is damaged (${error instanceof Error ? error.message : String(error)})`,
    );
  }
}

function unzip(packed: Uint8Array, path: string, limits: Limits): Uint8Array {
  try {
    return gunzipSync(packed, {
      maxOutputLength: Math.min(limits.fileBytes, Math.max(packed.length * limits.ratio, 10 * 1024 * 1024)),
    });
  } catch (error) {
    throw new InputError(`${path}: cannot be unpacked (${error instanceof Error ? error.message : String(error)})`);
  }
}

async function readStream(stdin: Readable, limits: Limits): Promise<RawInput> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of stdin) {
    const bytes: Uint8Array = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    total += bytes.length;
    if (total > limits.fileBytes) throw new InputError(`standard input: larger than ${megabytes(limits.fileBytes)}`);
    chunks.push(bytes);
  }
  const bytes = Buffer.concat(chunks);
  const kind = kindOfBytes(bytes.subarray(0, 512));
  if (kind === 'tar') return readArchive(Readable.from([bytes]), false, limits, 'standard input');
  if (kind === 'gzip') {
    if (kindOfBytes(firstBlock(bytes, 'standard input')) === 'tar')
      return readArchive(Readable.from([bytes]), true, limits, 'standard input');
    return { files: [{ path: 'stdin', bytes: unzip(bytes, 'standard input', limits), modifiedAt: null }], leftOut: [] };
  }
  const hint = unpackHint(kind, 'FILE');
  if (hint !== null) throw new InputError(`standard input: ${kind} data is not read directly`, hint);
  return { files: [{ path: 'stdin', bytes, modifiedAt: null }], leftOut: [] };
}
