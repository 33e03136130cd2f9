/** The words of ifconfig(8) of every version and of BusyBox and BSD: `key:value`, `key value` and flags become one stream of words. */
import type { Line } from '../text/lines.js';
import { wordsOf } from '../text/words.js';
import { translated } from './ifconfig-translations.js';

export interface IfconfigWord {
  readonly text: string;
  /** Index of its line in the section. */
  readonly line: number;
  readonly start: number;
  readonly end: number;
}

export interface BlockHead {
  readonly name: string;
  readonly old: boolean;
  readonly flags: readonly string[];
  /** Offset in the line of what follows the name. */
  readonly rest: number;
}

const newHead = /^([^\s:]{1,32}(?::[^\s:]{1,15})?): ?flags=(?:[0-9a-f]{1,16})<([A-Z0-9_,]*)>/;
const oldHead = /^(\S{1,32}) +Link encap:/;
const oldKeys =
  /^(encap|addr|Bcast|Mask|P-t-P|Scope|MTU|Metric|packets|errors|dropped|overruns|frame|carrier|collisions|txqueuelen|bytes|Interrupt|Memory|address|chan):(.*)$/;

/** Whether an interface begins at an offset of a line, and how. */
export function readHead(text: string, at = 0): BlockHead | null {
  const rest = text.slice(at, at + 400);
  const fresh = newHead.exec(rest);
  if (fresh !== null) {
    const flags = (fresh[2] ?? '').split(',').filter((flag) => flag !== '');
    return { name: fresh[1] ?? '', old: false, flags, rest: at + fresh[0].length };
  }
  const aged = oldHead.exec(rest);
  return aged === null ? null : { name: aged[1] ?? '', old: true, flags: [], rest: at + (aged[1] ?? '').length };
}

/** Offsets of a line at which further interfaces begin: more than one when line breaks were lost. */
export function headsOf(text: string): readonly number[] {
  const heads: number[] = [];
  if (!text.includes('flags=') && !text.includes('Link encap:')) return heads;
  for (let at = 0; at >= 0 && at < text.length; ) {
    if (text[at] !== ' ' && text[at] !== '\t' && readHead(text, at) !== null) heads.push(at);
    const blank = text.indexOf(' ', at);
    at = blank < 0 ? -1 : blank + 1;
  }
  return heads;
}

function textsOf(word: string): readonly string[] {
  if (word.length >= 200) return [word];
  const parts = oldKeys.exec(word);
  if (parts === null) return translated(word) ?? [word];
  const [, key = '', value = ''] = parts;
  return [key, ...(value === '' ? [] : (translated(value) ?? [value]))];
}

/** The words of a line from an offset, `key:value` taken apart. */
export function ifconfigWords(line: Line, from: number, to: number): readonly IfconfigWord[] {
  const words = wordsOf({ text: line.text.slice(from, to), start: line.start + from });
  return words.flatMap((word) => {
    return textsOf(word.text).map((text) => ({ text, line: line.index, start: word.start, end: word.end }));
  });
}
