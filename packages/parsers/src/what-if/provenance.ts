/** What a snapshot was read from: kept aside so that a what-if can change a file and read everything anew. */
import type { Snapshot, SourceFile } from '@coldtrace/core';
import type { FileEdit } from './file-edits.js';

/** The files as they were read, how, and the commands that were carried out since. */
export interface Origin {
  readonly files: readonly SourceFile[];
  /** Reads files as these were read. */
  readonly read: (files: readonly (readonly [name: string, text: string])[]) => Snapshot;
  /** What those commands wrote and removed, which stands in `files` already. */
  readonly placed?: readonly FileEdit[];
  readonly applied: readonly { readonly text: string; readonly node?: string; readonly fileName?: string }[];
}

/** By the list of files: copies of a snapshot with fewer nodes share it. */
const origins = new WeakMap<readonly SourceFile[], Origin>();

export function rememberOrigin({ files }: Pick<Snapshot, 'files'>, origin: Origin): void {
  origins.set(files, origin);
}

export function originOf({ files }: Pick<Snapshot, 'files'>): Origin | undefined {
  return origins.get(files);
}
