/** Paths or streams to a snapshot: several inputs become one, each node named by its layout, its own words, or `NAME=PATH`. */

import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import type { Snapshot } from '@coldtrace/core';
import { parseSnapshot } from '@coldtrace/parsers';
import { InputError } from './input-error.js';
import { defaultLimits, type Limits } from './limits.js';
import type { LeftOut } from './raw-file.js';
import { readInput } from './read-input.js';

export interface ReadOptions {
  readonly stdin?: Readable;
  readonly limits?: Limits;
}

export interface ReadResult {
  readonly snapshot: Snapshot;
  readonly leftOut: readonly LeftOut[];
}

interface NamedInput {
  readonly name: string | null;
  readonly path: string;
}

/** Reads directories, archives, text files and `-`. Throws InputError, with one clear sentence, when an input cannot be read at all. */
export async function readSnapshot(inputs: readonly string[] | string, options: ReadOptions = {}): Promise<Snapshot> {
  return (await readSnapshotFrom(typeof inputs === 'string' ? [inputs] : inputs, options)).snapshot;
}

/** The same, with what was left out. */
export async function readSnapshotFrom(inputs: readonly string[], options: ReadOptions = {}): Promise<ReadResult> {
  const limits = options.limits ?? defaultLimits;
  const files = new Map<string, Uint8Array>();
  const modifiedAt = new Map<string, number>();
  const names = new Map<string, string>();
  const leftOut: LeftOut[] = [];
  const named = await Promise.all(inputs.map(splitName));
  for (const [index, input] of named.entries()) {
    const raw = await readInput(input.path, options.stdin ?? process.stdin, limits);
    const prefix = named.length === 1 ? '' : `${prefixOf(input, index, named)}/`;
    if (input.name !== null) names.set(prefix.replace(/\/$/, ''), input.name);
    leftOut.push(...raw.leftOut.map(({ path, why }) => ({ path: prefix + path, why })));
    for (const file of raw.files) {
      files.set(prefix + file.path, file.bytes);
      if (file.modifiedAt !== null) modifiedAt.set(prefix + file.path, file.modifiedAt);
    }
  }
  const fallbackName = fallbackOf(named);
  const snapshot = parseSnapshot(files, { names, modifiedAt, ...(fallbackName === null ? {} : { fallbackName }) });
  return { snapshot, leftOut };
}

/** `NAME=PATH`, unless a file of that whole name exists. */
async function splitName(input: string): Promise<NamedInput> {
  const equals = input.indexOf('=');
  if (equals <= 0 || input === '-') return { name: null, path: input };
  if ((await stat(input).catch(() => null)) !== null) return { name: null, path: input };
  const name = input.slice(0, equals);
  if (!/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(name))
    throw new InputError(`"${name}" is no node name (letters, digits, "-" and ".")`);
  return { name, path: input.slice(equals + 1) };
}

/** Several inputs are told apart by their own names; equal ones by a number. */
function prefixOf(input: NamedInput, index: number, all: readonly NamedInput[]): string {
  const own = (one: NamedInput) => one.name ?? (one.path === '-' ? 'stdin' : basename(resolve(one.path)));
  const name = own(input);
  const earlier = all.slice(0, index).filter((other) => own(other) === name).length;
  return earlier === 0 ? name : `${name}.${earlier + 1}`;
}

/** A single directory or archive names a node that nothing else names. */
function fallbackOf(named: readonly NamedInput[]): string | null {
  const [only] = named;
  if (only === undefined || named.length > 1 || only.path === '-') return null;
  const name = basename(resolve(only.path)).replace(/\.(tar\.gz|tgz|tar|txt|log|md)$/, '');
  return name === '' ? null : name;
}
