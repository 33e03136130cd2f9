/** The words of a command that runs another one: its options, then the command proper, in quotes or not. */
import type { Place } from './command.js';
import { wordsOfShell } from './shell-words.js';

export interface Rest {
  /** Words before the command proper. */
  readonly skip: number;
  readonly place?: Place;
  /** The command proper, where it stood in quotes. */
  readonly inner?: string;
}

export function quoted(words: readonly string[], from: number): Rest {
  return { skip: from, inner: wordsOfShell(words.slice(from).join(' '))[0] ?? '' };
}

/** Index of the first word that is no option; `valued` are the options whose value is a word of its own. */
export function options(words: readonly string[], from: number, valued: RegExp): number {
  let at = from;
  while (words[at]?.startsWith('-') && words[at] !== '--') at += valued.test(words[at] ?? '') ? 2 : 1;
  return words[at] === '--' ? at + 1 : at;
}
