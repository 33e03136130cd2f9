/** What a repair leaves behind: where it was made, what stood there and what it was read as. */
import type { Diagnostic } from '@coldtrace/core';
import { iptablesProblem } from '../codes.js';
import type { Words } from '../words.js';

export type MendCode = Extract<Parameters<typeof iptablesProblem>[0], `repaired-${string}`>;

export interface Mend {
  readonly code: MendCode;
  readonly start: number;
  readonly end: number;
  readonly was: string;
  readonly read: string;
}

/** Words of pasted text; a repaired word keeps the place of what it was read from. */
export interface PastedWords extends Words {
  /** The word is the first of its line, and not of the statement: a line was broken before it. */
  readonly broken: readonly boolean[];
}

export function mendDiagnostic(file: number, { code, start, end, was, read }: Mend): Diagnostic {
  return iptablesProblem(code, { file, start, end }, { was, read });
}

/** Some of the words, in order. */
export function pickWords(words: PastedWords, keep: readonly number[]): PastedWords {
  const pick = <T>(list: readonly T[]): T[] => keep.flatMap((at) => list[at] ?? []);
  return {
    text: pick(words.text),
    start: pick(words.start),
    end: pick(words.end),
    broken: keep.map((at) => words.broken[at] === true),
  };
}

export function sliceWords(words: PastedWords, from: number, to: number): PastedWords {
  return {
    text: words.text.slice(from, to),
    start: words.start.slice(from, to),
    end: words.end.slice(from, to),
    broken: words.broken.slice(from, to),
  };
}
