/** One command that a what-if carries out, and what may come of it. */
import type { Changed, NetNs, SourceFile, Span } from '@coldtrace/core';
import type { ShellWord, Stretch } from './shell/syntax.js';

export interface Call {
  /** Name without its folder. */
  readonly tool: string;
  /** Words after the name. */
  readonly args: readonly ShellWord[];
  /** What comes on standard input: the lines of a here-document. */
  readonly input: Stretch | null;
  readonly span: Span;
  /** Where the lines of a file stand that these commands wrote; null: they wrote none of that path. */
  readonly written: (path: string) => Stretch | null;
  /** The text that holds the command; new rows point into it. */
  readonly file: SourceFile;
  /** Every file of the snapshot. */
  readonly files: readonly SourceFile[];
}

/** Something is wrong with the words, or cannot be simulated. */
export interface Fault {
  readonly kind: 'fault';
  readonly code: 'bad-words' | 'unsupported';
  readonly why: string;
  readonly at: Stretch | null;
  /** What was done before that and stays. */
  readonly left?: NetNs;
}

export type Result<T = NetNs> = Changed<T> | Fault;

export type Tool = (ns: NetNs, call: Call) => Result;

export function badWords(why: string, at: Stretch | null = null): Fault {
  return { kind: 'fault', code: 'bad-words', why, at };
}

export function unsupported(why: string, at: Stretch | null = null): Fault {
  return { kind: 'fault', code: 'unsupported', why, at };
}

/** A file whose lines nobody knows. */
export function unwritten(path: string): string {
  return `reading ${path}, which no here-document of these commands writes,`;
}

/** The next step after one that was done. */
export function next<T, U>(result: Result<T>, step: (value: T) => Result<U>): Result<U> {
  return result.kind === 'done' ? step(result.value) : result;
}
