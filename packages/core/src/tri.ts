/** Kleene's three truth values: `true`, `false`, or unknown with the reasons that leave it open. */
import type { DumpId } from './capture/table.js';

/** Why something is open: the dump that would settle it, where one would, and a sentence. */
export interface Reason {
  readonly dump: DumpId | null;
  readonly text: string;
  /** Without it things fail: what fails anyway does not rest on it. */
  readonly unlessFails?: true;
}

/** Neither true nor false as far as the snapshot goes. */
export interface Unknown {
  readonly because: readonly Reason[];
  /** What was asked changes the packet besides, and how is not known either. */
  readonly changes?: true;
}

/** `=== true` and `=== false` are certain; anything else says why it is not. */
export type Tri = boolean | Unknown;

export function unknown(text: string, dump: DumpId | null = null): Unknown {
  return { because: [{ dump, text }] };
}

export function isUnknown(value: Tri): value is Unknown {
  return typeof value === 'object';
}

export function not(value: Tri): Tri {
  return typeof value === 'object' ? value : !value;
}

/** False wins over unknown: what is false whatever the open part may be is false. */
export function and(left: Tri, right: Tri): Tri {
  if (left === false || right === false) return false;
  if (left === true) return right;
  if (right === true) return left;
  return { because: mergeReasons(left.because, right.because) };
}

/** True wins over unknown. */
export function or(left: Tri, right: Tri): Tri {
  if (left === true || right === true) return true;
  if (left === false) return right;
  if (right === false) return left;
  return { because: mergeReasons(left.because, right.because) };
}

/** The value, negated when the option carried a `!`. */
export function inverted(value: Tri, invert: boolean): Tri {
  return invert ? not(value) : value;
}

export function mergeReasons(left: readonly Reason[], right: readonly Reason[]): readonly Reason[] {
  if (right.length === 0) return left;
  if (left.length === 0) return right;
  const seen = new Set(left.map((reason) => reason.text));
  return [...left, ...right.filter((reason) => !seen.has(reason.text))];
}
