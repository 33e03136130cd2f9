/** Paths of archives are hostile: they are normalised as text and never touch the file system. Links resolve inside the archive only. */
import type { LeftOut, RawFile } from './raw-file.js';

export interface LinkTarget {
  readonly path: string;
  readonly target: string;
  readonly hard: boolean;
}

/** The path without `.`, empty parts and a leading `/`; null when it climbs out or holds a NUL. */
export function safePath(path: string): string | null {
  if (path.includes('\0')) return null;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (parts.pop() === undefined) return null;
    } else parts.push(part);
  }
  return parts.length === 0 ? null : parts.join('/');
}

const mostSteps = 8;

/** Links as copies of what they point at; chains are followed a few steps, so circles end. */
export function resolveLinks(
  files: ReadonlyMap<string, RawFile>,
  links: readonly LinkTarget[],
): { readonly files: readonly RawFile[]; readonly leftOut: readonly LeftOut[] } {
  // As with files, the first of a path counts.
  const byPath = new Map([...links].reverse().map((link) => [link.path, link]));
  const folders = foldersOf(files.keys());
  const made: RawFile[] = [];
  const leftOut: LeftOut[] = [];
  for (const link of links) {
    if (files.has(link.path) || byPath.get(link.path) !== link) {
      leftOut.push({ path: link.path, why: 'a file of this path came before' });
      continue;
    }
    let at: LinkTarget | undefined = link;
    let target: string | null = null;
    for (let step = 0; at !== undefined && step < mostSteps; step++) {
      target = aim(at);
      at = target === null ? undefined : byPath.get(target);
    }
    const file = target === null ? undefined : files.get(target);
    if (file === undefined && target !== null && folders.has(target))
      leftOut.push({ path: link.path, why: `it is a link to ${target}, which is read`, elsewhere: true });
    else if (file === undefined)
      leftOut.push({ path: link.path, why: `the link leads to ${link.target}, which is not in the archive` });
    else if (!link.hard && sameFolder(link.path, file.path))
      leftOut.push({ path: link.path, why: `it is a link to ${file.path}, which is read`, elsewhere: true });
    else made.push({ ...file, path: link.path });
  }
  return { files: made, leftOut };
}

function foldersOf(paths: Iterable<string>): ReadonlySet<string> {
  const folders = new Set<string>();
  for (const path of paths) {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const folder = path.slice(0, end);
      if (folders.has(folder)) break;
      folders.add(folder);
    }
  }
  return folders;
}

function aim(link: LinkTarget): string | null {
  if (link.hard) return safePath(link.target);
  if (link.target.startsWith('/')) return null;
  const folder = link.path.slice(0, link.path.lastIndexOf('/') + 1);
  return safePath(folder + link.target);
}

/** A second name in the same archive tree adds nothing: it would be the same dump twice. */
function sameFolder(link: string, file: string): boolean {
  return link.split('/')[0] === file.split('/')[0];
}
