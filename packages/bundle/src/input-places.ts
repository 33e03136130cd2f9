/** Where several inputs lie in one snapshot: each directory or archive in a folder of its own, loose files together as they lay on disk. */
import { basename, dirname, relative, resolve, sep } from 'node:path';
import { withoutArchiveEnding } from './endings.js';

export interface NamedInput {
  /** The node that the caller says it describes. */
  readonly name: string | null;
  readonly path: string;
}

export interface GivenInput extends NamedInput {
  /** True for a single text, false for a directory or an archive. */
  readonly single: boolean;
}

export interface InputPlace {
  /** Folder that holds an input of its own, or all loose files; `''` is the top. */
  readonly root: string;
  /** What to put before the paths of the input: `''`, or a folder with its `/`. */
  readonly prefix: string;
}

export function placesOf(inputs: readonly GivenInput[]): readonly InputPlace[] {
  if (inputs.length === 1) return [{ root: '', prefix: '' }];
  const containers = inputs.filter(({ single, name }) => !single && name === null);
  const loose = inputs.filter(({ single, name }) => single && name === null);
  const shared = commonFolder(loose);
  const several = inputs.length - loose.length > 1 || containers.length < inputs.length - loose.length;
  const used = new Map<string, number>();
  return inputs.map((input) => {
    if (input.name !== null) return inFolder(free(input.name, used));
    // Beside loose files alone a single container is the node that they complete.
    if (!input.single) return inFolder(several ? free(ownName(input), used) : '');
    const below = input.path === '-' ? '' : relative(shared, dirname(resolve(input.path)));
    const { root, prefix } = inFolder(several ? 'files' : '');
    return { root, prefix: prefix + (below === '' ? '' : `${below.split(sep).join('/')}/`) };
  });
}

function inFolder(root: string): InputPlace {
  return { root, prefix: root === '' ? '' : `${root}/` };
}

function ownName({ path }: NamedInput): string {
  return path === '-' ? 'stdin' : withoutEnding(basename(resolve(path))) || 'root';
}

/** The name of a capture without what says how it is packed. */
export function withoutEnding(name: string): string {
  const bare = withoutArchiveEnding(name);
  return bare === name ? name.replace(/\.(?:txt|log|md)$/, '') : bare;
}

/** Equal names get a number. */
function free(name: string, used: Map<string, number>): string {
  const count = (used.get(name) ?? 0) + 1;
  used.set(name, count);
  return count === 1 ? name : `${name}.${count}`;
}

function commonFolder(inputs: readonly GivenInput[]): string {
  const folders = inputs.filter(({ path }) => path !== '-').map(({ path }) => dirname(resolve(path)).split(sep));
  const [first = []] = folders;
  let length = 0;
  while (length < first.length && folders.every((folder) => folder[length] === first[length])) length++;
  return first.slice(0, length).join(sep) || sep;
}
