/** `ip nexthop` as text (ip-nexthop(8), iproute2 ip/ipnexthop.c). */

import { type Facts, type NextHopObject, parseDecimal, parseIp, type Row } from '@coldtrace/core';
import type { Format, LineVerdict } from '../../format.js';
import type { Word } from '../../text/words.js';
import { commandPattern } from '../command.js';
import { type Cursor, cursorOf, isClean, next, numberValue, peek, readValue, textValue, valueWord } from '../cursor.js';
import type { Entry } from '../entry.js';
import type { Reader } from '../reader.js';
import { asksForSome, parseRows, type RowGrammar, rowsFrom } from '../rows.js';
import { firstWords } from '../verdict.js';

type Draft = { -readonly [Key in keyof Omit<NextHopObject, 'span' | 'trust'>]: NextHopObject[Key] };

const flags = new Set([
  'onlink',
  'dead',
  'linkdown',
  'pervasive',
  'offload',
  'trap',
  'unresolved',
  'fdb',
  'notify',
  'rt_offload',
  'rt_trap',
]);
const pairs = new Set([
  'scope',
  'proto',
  'type',
  'buckets',
  'idle_timer',
  'unbalanced_timer',
  'unbalanced_time',
  'master',
  'vrf',
  'hw_stats',
  'used',
]);

function readNexthop(words: readonly Word[]): { row: Draft | null; cursor: Cursor } {
  const cursor = cursorOf(words, 1);
  const id = numberValue(cursor);
  const draft: Draft = { id: id ?? 0, via: null, dev: null, blackhole: false, group: [], flags: [], rest: [] };
  for (let word = next(cursor); word !== null; word = next(cursor)) readWord(cursor, draft, word);
  return { row: id === null ? null : draft, cursor };
}

function readWord(cursor: Cursor, draft: Draft, word: Word): void {
  switch (word.text) {
    case 'via':
      if (peek(cursor) === 'inet' || peek(cursor) === 'inet6') next(cursor);
      draft.via = readValue(cursor, 'an address', (text) => parseIp(text));
      return;
    case 'dev':
      draft.dev = textValue(cursor);
      return;
    case 'blackhole':
      draft.blackhole = true;
      return;
    case 'group':
      draft.group = readValue(cursor, 'a list of nexthop ids', groupOf) ?? [];
      return;
    case 'encap':
      draft.rest = [...draft.rest, readEncap(cursor)];
      return;
    default:
      if (flags.has(word.text)) draft.flags = [...draft.flags, word.text];
      else if (pairs.has(word.text)) draft.rest = [...draft.rest, `${word.text} ${valueWord(cursor)?.text ?? ''}`];
      else cursor.unknown.push(word);
  }
}

function readEncap(cursor: Cursor): string {
  const words = ['encap'];
  for (let text = peek(cursor); text !== null && text !== 'via' && text !== 'dev'; text = peek(cursor)) {
    words.push(text);
    next(cursor);
  }
  return words.join(' ');
}

/** `1/2,5`: ids with the weight after a comma where it is not 1. */
function groupOf(text: string): NextHopObject['group'] | null {
  const members = text.split('/').map((part) => {
    const [id = '', weight = '1'] = part.split(',');
    return { id: parseDecimal(id, 0xffffffff), weight: parseDecimal(weight, 0x10000) };
  });
  const group: { id: number; weight: number }[] = [];
  for (const { id, weight } of members) {
    if (id === null || weight === null) return null;
    group.push({ id, weight });
  }
  return group;
}

const grammar: RowGrammar<Draft> = {
  command: 'ip nexthop',
  row: 'nexthop',
  opens: (words) => words[0]?.text === 'id' && /^\d+$/.test(words[1]?.text ?? ''),
  read: readNexthop,
  fits: (parts) => isClean(readNexthop(parts[0]?.words ?? []).cursor),
};

const second = new Set(['via', 'dev', 'blackhole', 'group', 'encap', 'scope']);

function verdict(text: string): LineVerdict {
  const [id, number, word = ''] = firstWords(text, 3);
  if (id !== 'id' || number === undefined || !/^\d{1,10}$/.test(number)) return null;
  return second.has(word) ? 'opens' : null;
}

const factsOf = (rows: readonly (Draft & Row)[], reader: Reader): Facts => ({
  kind: 'nexthops',
  rows,
  complete: reader.complete && !asksForSome(reader),
});

export const nexthopsFrom = (reader: Reader, entries: readonly Entry[]): Facts[] =>
  rowsFrom(reader, entries, grammar, factsOf);

export const ipNexthop: Format = {
  id: 'ip-nexthop',
  title: 'nexthop objects (ip nexthop)',
  commands: [commandPattern('ip', 'nexthop', 3)],
  fileNames: [/^ip[-_ .](?:-?[ds][-_ ])*nexthops?/i],
  line: verdict,
  parse: (section) => parseRows(section, grammar, factsOf),
};
