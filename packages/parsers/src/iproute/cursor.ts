/** Walks the words of an entry and collects what is wrong with them, so that each grammar is a plain list of keywords. */
import { parseDecimal } from '@coldtrace/core';
import type { Word } from '../text/words.js';

export interface Cursor {
  readonly words: readonly Word[];
  at: number;
  /** Words that are not understood and may matter. */
  readonly unknown: Word[];
  /** Words that should be a value of some kind and are not, with what they should be. */
  readonly bad: { readonly word: Word; readonly expected: string }[];
  /** The keyword whose value is missing because the words end. */
  cut: Word | null;
}

export function cursorOf(words: readonly Word[], at = 0): Cursor {
  return { words, at, unknown: [], bad: [], cut: null };
}

export function peek(cursor: Cursor): string | null {
  return cursor.words[cursor.at]?.text ?? null;
}

export function next(cursor: Cursor): Word | null {
  return cursor.words[cursor.at++] ?? null;
}

/** The value after a keyword; null (and noted) when the words end. */
export function valueWord(cursor: Cursor): Word | null {
  const word = next(cursor);
  if (word === null) cursor.cut = cursor.words.at(-1) ?? null;
  return word;
}

export function textValue(cursor: Cursor): string | null {
  return valueWord(cursor)?.text ?? null;
}

/** The value after a keyword, read by `read`; null (and noted) when it is not one. */
export function readValue<T>(cursor: Cursor, expected: string, read: (text: string) => T | null): T | null {
  const word = valueWord(cursor);
  if (word === null) return null;
  const value = read(word.text);
  if (value === null) cursor.bad.push({ word, expected });
  return value;
}

export function numberValue(cursor: Cursor, max = 0xffffffff): number | null {
  return readValue(cursor, 'a number', (text) => parseDecimal(text, max));
}

/** True when every word was understood. */
export function isClean(cursor: Cursor): boolean {
  return cursor.unknown.length === 0 && cursor.bad.length === 0 && cursor.cut === null;
}
