/** Everything that was captured, typed, with the text it was read from. */
import type { Diagnostic } from '../diagnostic/diagnostic.js';
import type { LineCounts } from '../ledger/ledger.js';
import type { SourceFile } from '../source/source-file.js';
import type { FileId, Span } from '../source/span.js';
import type { KubeObject } from './kubernetes.js';
import type { Node } from './node.js';
import type { Observation } from './observation.js';

/** One recognised stretch of a file. */
export interface ReadSection {
  readonly span: Span;
  /** Format id, or null for prose and what nobody recognised. */
  readonly format: string | null;
  readonly command: string | null;
  readonly node: string | null;
  readonly netns: string | null;
  readonly takenAt: number | null;
  /** `takenAt` is only when the file was written. */
  readonly timeOfFile?: boolean;
}

/** What became of one file. */
export interface ReadFile {
  readonly file: FileId;
  readonly lineCount: number;
  /** Sums to `lineCount`. */
  readonly counts: LineCounts;
  readonly sections: readonly ReadSection[];
  /** Set when the file is not text: why it was not read. */
  readonly unreadable: string | null;
}

/** All that was read of the input, whichever files it came in. Data only: a what-if makes another one. */
export interface Snapshot {
  /** By their `FileId`, which is the index. */
  readonly files: readonly SourceFile[];
  /** One for each file, in the same order. */
  readonly read: readonly ReadFile[];
  readonly nodes: readonly Node[];
  /** API objects of the cluster, whichever node's dump they came from. */
  readonly objects: readonly KubeObject[];
  /** Observations that belong to no node in particular. */
  readonly observations: readonly Observation[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The file that a span points into; undefined: the span is of another snapshot. */
export function fileOf(snapshot: Pick<Snapshot, 'files'>, id: FileId): SourceFile | undefined {
  return snapshot.files[id];
}
