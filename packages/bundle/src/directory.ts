/** A directory of dumps: regular files only, links resolved inside it, bounded. */
import { lstat, opendir, readFile, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { megabytes } from './archive.js';
import { InputError } from './input-error.js';
import type { Limits } from './limits.js';
import type { LeftOut, RawFile, RawInput } from './raw-file.js';

interface Walk {
  readonly root: string;
  readonly limits: Limits;
  readonly files: RawFile[];
  readonly leftOut: LeftOut[];
  total: number;
}

export async function readDirectory(path: string, limits: Limits): Promise<RawInput> {
  const walk: Walk = { root: await realpath(path), limits, files: [], leftOut: [], total: 0 };
  await visit(walk, walk.root, 0);
  return { files: walk.files, leftOut: walk.leftOut };
}

async function visit(walk: Walk, folder: string, depth: number): Promise<void> {
  if (depth > walk.limits.depth) {
    walk.leftOut.push({ path: inside(walk, folder), why: `it lies deeper than ${walk.limits.depth} levels` });
    return;
  }
  const names: string[] = [];
  for await (const entry of await opendir(folder)) if (entry.name !== '.git') names.push(entry.name);
  for (const name of names.sort()) await visitOne(walk, join(folder, name), depth);
}

async function visitOne(walk: Walk, path: string, depth: number): Promise<void> {
  const info = await lstat(path);
  if (info.isDirectory()) return visit(walk, path, depth + 1);
  if (info.isSymbolicLink()) {
    const target = await realpath(path).catch(() => null);
    if (target === null || !(target === walk.root || target.startsWith(walk.root + sep))) {
      walk.leftOut.push({ path: inside(walk, path), why: 'the link leads out of the input, or nowhere' });
    } else
      walk.leftOut.push({ path: inside(walk, path), why: `it is a link to ${inside(walk, target)}, which is read` });
    return;
  }
  if (!info.isFile()) {
    walk.leftOut.push({ path: inside(walk, path), why: 'it is no regular file' });
    return;
  }
  await take(walk, path);
}

async function take(walk: Walk, path: string): Promise<void> {
  const { limits } = walk;
  const info = await stat(path);
  if (info.size > limits.fileBytes) {
    walk.leftOut.push({ path: inside(walk, path), why: `it is larger than ${megabytes(limits.fileBytes)}` });
    return;
  }
  walk.total += info.size;
  if (walk.total > limits.totalBytes)
    throw new InputError(`${walk.root}: holds more than ${megabytes(limits.totalBytes)}`);
  if (walk.files.length >= limits.files) throw new InputError(`${walk.root}: holds more than ${limits.files} files`);
  try {
    // Not every size is true: files of /proc say 0.
    walk.files.push({ path: inside(walk, path), bytes: await readFile(path), modifiedAt: info.mtimeMs });
  } catch (error) {
    walk.leftOut.push({
      path: inside(walk, path),
      why: `it cannot be read (${error instanceof Error ? error.message : String(error)})`,
    });
  }
}

function inside(walk: Walk, path: string): string {
  return relative(walk.root, path).split(sep).join('/');
}
