/** A directory of dumps: regular files only, links resolved inside it, bounded. Read in one go: captures are many small files, and to ask for each of them later costs ten times as much. */
import { lstatSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { InputError } from './input-error.js';
import { type Limits, megabytes } from './limits.js';
import type { LeftOut, RawFile, RawInput } from './raw-file.js';
import { nameOfBytes } from './tar-header.js';

interface Walk {
  readonly root: string;
  readonly limits: Limits;
  readonly files: RawFile[];
  readonly leftOut: LeftOut[];
  total: number;
}

/** Names are bytes; as text they could not always be opened again. */
interface Place {
  readonly at: Buffer;
  /** Path inside the input, for people. */
  readonly path: string;
}

const slash = Buffer.from('/');

/**
 * Files of a directory carry no time: a checkout or a copy has touched them all. The dumps themselves tell when they were captured, or nothing does.
 */
export function readDirectory(path: string, limits: Limits): RawInput {
  const walk: Walk = { root: realpathSync.native(path), limits, files: [], leftOut: [], total: 0 };
  visit(walk, { at: Buffer.from(walk.root), path: '' }, 0);
  return { files: walk.files, leftOut: walk.leftOut };
}

function visit(walk: Walk, folder: Place, depth: number): void {
  if (depth > walk.limits.depth) {
    leave(walk, folder, `it lies deeper than ${walk.limits.depth} levels`);
    return;
  }
  let names: readonly Buffer[];
  try {
    names = readdirSync(folder.at, { encoding: 'buffer' });
  } catch (error) {
    if (folder.path === '') throw new InputError(`${walk.root}: cannot be read (${reasonOf(error)})`);
    leave(walk, folder, `it cannot be read (${reasonOf(error)})`);
    return;
  }
  const sorted = names.map((name) => ({ name, shown: nameOfBytes(name) }));
  for (const { name, shown } of sorted.sort((one, other) => (one.shown < other.shown ? -1 : 1))) {
    if (shown === '.git') continue;
    const place = {
      at: Buffer.concat([folder.at, slash, name]),
      path: folder.path === '' ? shown : `${folder.path}/${shown}`,
    };
    try {
      visitOne(walk, place, depth);
    } catch (error) {
      if (error instanceof InputError) throw error;
      leave(walk, place, `it cannot be read (${reasonOf(error)})`);
    }
  }
}

function visitOne(walk: Walk, place: Place, depth: number): void {
  const info = lstatSync(place.at);
  if (info.isDirectory()) visit(walk, place, depth + 1);
  else if (info.isSymbolicLink()) leaveLink(walk, place);
  else if (!info.isFile()) leave(walk, place, 'it is no regular file');
  else take(walk, place, info.size);
}

function leaveLink(walk: Walk, place: Place): void {
  const target = targetOf(place);
  const inside = target !== null && (target === walk.root || target.startsWith(walk.root + sep));
  if (!inside) {
    leave(walk, place, 'the link leads out of the input, or nowhere');
    return;
  }
  const shown = relative(walk.root, target).split(sep).join('/') || 'the top';
  walk.leftOut.push({ path: place.path, why: `it is a link to ${shown}, which is read`, elsewhere: true });
}

/** null: it leads nowhere. */
function targetOf({ at }: Place): string | null {
  try {
    return realpathSync.native(at);
  } catch {
    return null;
  }
}

function take(walk: Walk, place: Place, size: number): void {
  const { limits, root } = walk;
  if (size > limits.fileBytes) {
    leave(walk, place, `it is larger than ${megabytes(limits.fileBytes)}`);
    return;
  }
  if (walk.files.length >= limits.files) throw new InputError(`${root}: holds more than ${limits.files} files`);
  const bytes = readFileSync(place.at);
  // Not every size is true: files of /proc say 0.
  walk.total += bytes.length;
  if (walk.total > limits.totalBytes) throw new InputError(`${root}: holds more than ${megabytes(limits.totalBytes)}`);
  walk.files.push({ path: place.path, bytes, modifiedAt: null });
}

function leave(walk: Walk, { path }: Place, why: string): void {
  walk.leftOut.push({ path, why });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.message.split(/, \w+ '/, 1)[0] ?? '') : String(error);
}
