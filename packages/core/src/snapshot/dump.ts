/** How much of one kind of row the input holds, and where it came from. Absent, partial and empty are three different things. */
import type { Family } from '../inet/ip.js';
import type { Span } from '../source/span.js';

/**
 * How far a row can be trusted. `captured`: read from a dump as the tool printed it. `repaired`: read after mending damage of a
 * paste (see the diagnostics). `claimed`: stated in prose or a log line.
 */
export type Trust = 'captured' | 'repaired' | 'claimed';

/** One thing that the input states, and where. */
export interface Row {
  readonly span: Span;
  /** Absent means `captured`. */
  readonly trust?: Trust;
}

/** One output that a dump was read from. */
export interface Provenance {
  readonly span: Span;
  /** Format that read it, e.g. `iptables-save`. */
  readonly format: string;
  /** Command as typed, where the input shows it. */
  readonly command: string | null;
  /** Milliseconds since the epoch, where it can be known. */
  readonly takenAt: number | null;
  /** Copied by hand, so that names in it may be misspelt. */
  readonly pasted?: boolean;
}

/** A command that was run but did not deliver: "command not found", "permission denied". Never the same as an empty dump. */
export interface FailedCapture extends Row {
  readonly message: string;
}

/**
 * - `complete`: every row the kernel had is here
 * - `partial`: some rows are here (grep, cut-off file, claims); absence of a row proves nothing
 * - `absent`: not captured, or the command failed
 */
export type Completeness = 'complete' | 'partial' | 'absent';

/** The rows of one kind, whether they are all there are, and which outputs they were read from. */
export interface Dump<T> {
  readonly state: Completeness;
  /** Of a partial dump: the families whose rows are all here (`ip -4 addr`). */
  readonly families?: readonly Family[];
  readonly rows: readonly T[];
  readonly sources: readonly Provenance[];
}

/** Whether every row of a family is here. */
export function isCompleteFor(dump: Pick<Dump<unknown>, 'state' | 'families'>, family: Family): boolean {
  return dump.state === 'complete' || dump.families?.includes(family) === true;
}

/** A dump that nobody took. One for all kinds: nothing is ever written to it. */
export const absent: Dump<never> = { state: 'absent', rows: [], sources: [] };
