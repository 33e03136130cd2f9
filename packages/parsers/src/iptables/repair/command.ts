/** What comes before the body of a rule: tool, table, command and chain, in any order and damaged or not. iptables(8). */
import { tableNames } from '@coldtrace/core';
import { damagedCommand, isCommand, isTool } from '../statement-words.js';
import { type Mend, type MendCode, type PastedWords, pickWords } from './mend.js';
import { chainMeant, type NamedChains } from './names.js';
import { isOneEdit } from './near.js';

export interface Head {
  readonly tool: string | null;
  /** As `-t` says. */
  readonly table: string | null;
  readonly command: string;
  /** Command, chain, then the rest: the body begins at 2. */
  readonly words: PastedWords;
  readonly mends: readonly Mend[];
}

interface Reading {
  readonly source: string;
  readonly words: PastedWords;
  readonly pasted: boolean;
  readonly mends: Mend[];
}

/** Null: there is no command in it. `chains` is null in a canonical text, where nothing is repaired. */
export function readHead(source: string, given: PastedWords, chains: NamedChains | null): Head | null {
  const reading: Reading = { source, words: given, pasted: chains !== null, mends: [] };
  const toolAt = given.text.findIndex(isTool);
  const keep: number[] = [];
  let table: string | null = null;
  for (let at = toolAt + 1; at < given.text.length; at++) {
    const taken = takeToolOption(reading, at);
    if (taken === null) keep.push(at);
    else {
      table = taken.table ?? table;
      at += taken.words - 1;
    }
  }
  const words = pickWords(given, keep);
  const at = commandAt(words, reading.pasted);
  if (at === null) return null;
  const command = commandOf(reading, words, at);
  const ordered = at === 0 ? words : reordered(words, at);
  const named = chains === null ? ordered : chainNamed(reading, ordered, chains);
  return { tool: toolAt < 0 ? null : (given.text[toolAt] ?? null), table, command, words: named, mends: reading.mends };
}

const toolFlags = new Set([
  '-w',
  '--wait',
  '-W',
  '-n',
  '--numeric',
  '-v',
  '--verbose',
  '-x',
  '--exact',
  '--line-numbers',
]);

/** Options of the tool itself may stand anywhere; null: the word is none. */
function takeToolOption(
  reading: Reading,
  at: number,
): { readonly words: number; readonly table: string | null } | null {
  const { words, pasted } = reading;
  const word = words.text[at] ?? '';
  const value = words.text[at + 1] ?? '';
  if (word === '-t' || word === '--table') return { words: 2, table: tableNamed(reading, at + 1, value) };
  if (word.startsWith('--table=')) return { words: 1, table: tableNamed(reading, at, word.slice(8)) };
  if (word === '\\') return { words: 1, table: null };
  if (toolFlags.has(word)) {
    const counted = /^(?:-w|-W|--wait)$/.test(word) && /^\d+$/.test(value);
    return { words: counted ? 2 : 1, table: null };
  }
  if (/^(?:-w\d+|--wait=\d+|--modprobe=\S*)$/.test(word)) return { words: 1, table: null };
  const glued = /^-t([a-z]+)$/.exec(word)?.[1];
  if (glued !== undefined && isTable(glued)) return { words: 1, table: glued };
  if (!pasted) return null;
  const damaged = word === '-T' || /^-{1,3}table$/i.test(word) || word === '--t' || (word === 't' && at === 0);
  if (!damaged || !isTable(value.toLowerCase())) return null;
  mend(reading, word === '-T' ? 'repaired-case' : 'repaired-dashes', at, '-t');
  return { words: 2, table: tableNamed(reading, at + 1, value) };
}

function isTable(name: string): boolean {
  return tableNames.some((table) => table === name);
}

function tableNamed(reading: Reading, at: number, name: string): string {
  if (!reading.pasted || isTable(name) || name === '') return name;
  const lower = name.toLowerCase();
  const near = tableNames.filter((table) => table === lower || isOneEdit(lower, table));
  const [only] = near;
  if (only === undefined || near.length > 1) return name;
  mend(reading, only === lower ? 'repaired-case' : 'repaired-spelling', at, only);
  return only;
}

function mend({ mends, words, source }: Reading, code: MendCode, at: number, read: string): void {
  const start = words.start[at] ?? 0;
  const end = words.end[at] ?? start;
  mends.push({ code, start, end, was: source.slice(start, end), read });
}

/** The first command word; in pasted text also a damaged one in the first place. */
function commandAt(words: PastedWords, pasted: boolean): number | null {
  const first = /^\[\d+:\d+\]$/.test(words.text[0] ?? '') ? 1 : 0;
  if (pasted && (damagedCommand(words, first) !== null || gluedChain(words.text[first] ?? '') !== null)) return first;
  const at = words.text.findIndex(isCommand);
  return at < 0 ? null : at;
}

/** `-AINPUT` */
function gluedChain(word: string): string | null {
  return (
    /^-A((?:PREROUTING|INPUT|FORWARD|OUTPUT|POSTROUTING)|KUBE-[\w-]{3,24}|cali-[\w-]{3,23})$/.exec(word)?.[1] ?? null
  );
}

function commandOf(reading: Reading, words: PastedWords, at: number): string {
  const word = words.text[at] ?? '';
  if (isCommand(word)) return word;
  const read = damagedCommand(words, at) ?? '-A';
  mend(
    { ...reading, words },
    word.toLowerCase() === read.toLowerCase() ? 'repaired-case' : 'repaired-dashes',
    at,
    read,
  );
  return read;
}

/** `-p tcp -A INPUT --dport 80` is `-A INPUT -p tcp --dport 80`; counters in front stay where they are not the rule's. */
function reordered(words: PastedWords, at: number): PastedWords {
  const before = Array.from({ length: at }, (_, index) => index).filter((index) => !isOutside(words.text[index] ?? ''));
  const rest = Array.from({ length: Math.max(words.text.length - at - 2, 0) }, (_, index) => at + 2 + index);
  return pickWords(words, [at, ...(at + 1 < words.text.length ? [at + 1] : []), ...before, ...rest]);
}

function isOutside(word: string): boolean {
  return /^\[\d+:\d+\]$/.test(word) || word === 'sudo';
}

function chainNamed(reading: Reading, words: PastedWords, chains: NamedChains): PastedWords {
  const glued = gluedChain(words.text[0] ?? '');
  if (glued !== null) {
    return {
      text: ['-A', glued, ...words.text.slice(1)],
      start: [words.start[0] ?? 0, ...words.start],
      end: [words.end[0] ?? 0, ...words.end],
      broken: [false, ...words.broken],
    };
  }
  const name = words.text[1] ?? '';
  const meant = chainMeant(name, chains);
  if (meant === null) return words;
  mend({ ...reading, words }, 'repaired-case', 1, meant);
  const text = [...words.text];
  text[1] = meant;
  return { ...words, text };
}
