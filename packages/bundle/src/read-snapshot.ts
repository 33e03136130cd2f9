/** Paths or streams to a snapshot: several inputs become one, each node named by its layout, its own words, or `NAME=PATH`. */

import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { Family, Snapshot } from '@coldtrace/core';
import { parseSnapshot } from '@coldtrace/parsers';
import { withX509Certificates } from './certificates.js';
import { withoutPackedEnding } from './endings.js';
import { InputError } from './input-error.js';
import { type GivenInput, type NamedInput, placesOf, withoutEnding } from './input-places.js';
import { defaultLimits, type Limits } from './limits.js';
import type { LeftOut, RawInput } from './raw-file.js';
import { readInput } from './read-input.js';

/** How the inputs are read; all of it may be left out. */
export interface ReadOptions {
  /** What `-` stands for; `process.stdin` by default. */
  readonly stdin?: AsyncIterable<Uint8Array | string>;
  /** Of packet filter rules that do not say whether they are iptables' or ip6tables'. */
  readonly family?: Family;
  readonly limits?: Limits;
}

/** A snapshot, and what of the inputs is not in it. */
export interface ReadResult {
  readonly snapshot: Snapshot;
  readonly leftOut: readonly LeftOut[];
}

/** Reads directories, archives, text files and `-`. Throws InputError, with one clear sentence, when an input cannot be read at all. */
export async function readSnapshot(inputs: readonly string[] | string, options: ReadOptions = {}): Promise<Snapshot> {
  return (await readSnapshotFrom(typeof inputs === 'string' ? [inputs] : inputs, options)).snapshot;
}

/** The same, with what was left out. */
export async function readSnapshotFrom(inputs: readonly string[], options: ReadOptions = {}): Promise<ReadResult> {
  const limits = options.limits ?? defaultLimits;
  const named = await Promise.all(inputs.map(splitName));
  if (named.filter(({ path }) => path === '-').length > 1) throw new InputError('standard input can be read only once');
  const given: GivenInput[] = [];
  const read: RawInput[] = [];
  for (const input of named) {
    const raw = await readInput(input.path, options.stdin ?? process.stdin, limits);
    read.push(raw);
    given.push({ ...input, single: raw.single === true });
  }
  const gathered = gather(given, read);
  const { files, modifiedAt, names, roots, leftOut } = gathered;
  const fallbackName = fallbackOf(given);
  const snapshot = parseSnapshot(draining(files), {
    names,
    roots: [...roots],
    modifiedAt,
    ...(options.family === undefined ? {} : { family: options.family }),
    ...(fallbackName === null ? {} : { fallbackName }),
  });
  return { snapshot: withX509Certificates(snapshot), leftOut };
}

interface Gathered {
  readonly files: Map<string, Uint8Array>;
  readonly modifiedAt: Map<string, number>;
  readonly names: Map<string, string>;
  readonly roots: Set<string>;
  readonly leftOut: LeftOut[];
}

function gather(given: readonly GivenInput[], read: RawInput[]): Gathered {
  const gathered: Gathered = {
    files: new Map(),
    modifiedAt: new Map(),
    names: new Map(),
    roots: new Set(),
    leftOut: [],
  };
  for (const [index, place] of placesOf(given).entries()) {
    const input = given[index];
    const raw = read[index];
    if (input === undefined || raw === undefined) continue;
    const { root, prefix } = place;
    if (root !== '') gathered.roots.add(root);
    if (input.name !== null) gathered.names.set(root, input.name);
    for (const one of raw.leftOut) gathered.leftOut.push({ ...one, path: prefix + one.path });
    for (const { path, bytes, modifiedAt } of raw.files) {
      const name = unused(prefix + path, gathered.files);
      gathered.files.set(name, bytes);
      if (modifiedAt !== null) gathered.modifiedAt.set(name, modifiedAt);
    }
  }
  read.length = 0;
  return gathered;
}

/** The same path out of two inputs: both are read. */
function unused(path: string, files: ReadonlyMap<string, unknown>): string {
  let free = path;
  for (let number = 2; files.has(free); number++) free = `${path}.${number}`;
  return free;
}

/** Each file's bytes can go as soon as they are text, so that a capture is not held twice. */
function* draining(files: Map<string, Uint8Array>): Generator<readonly [string, Uint8Array]> {
  for (const [name, bytes] of files) {
    files.delete(name);
    yield [name, bytes];
  }
}

/** `NAME=PATH`, unless a file of that whole name exists. */
async function splitName(input: string): Promise<NamedInput> {
  const equals = input.indexOf('=');
  if (equals <= 0 || input === '-') return { name: null, path: input };
  if ((await stat(input).catch(() => null)) !== null) return { name: null, path: input };
  const name = input.slice(0, equals);
  // A path that is not there, rather than a name.
  if (name.includes('/')) return { name: null, path: input };
  if (!/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(name))
    throw new InputError(`"${name}" is no node name (letters, digits, "-" and ".")`);
  return { name, path: input.slice(equals + 1) };
}

/** A single directory or archive names a node that nothing else names. */
function fallbackOf(given: readonly GivenInput[]): string | null {
  const containers = given.filter(({ single }) => !single);
  const [only] = given.length === 1 ? given : containers;
  if (only === undefined || (given.length > 1 && containers.length > 1) || only.path === '-') return null;
  const own = basename(resolve(only.path));
  const name = withoutEnding(only.single ? withoutPackedEnding(own) : own);
  return name === '' ? null : name;
}
