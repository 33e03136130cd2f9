/** `ip addrlabel` as text: the label table of RFC 6724 source selection (ip-addrlabel(8)). */

import { type AddrLabel, type Facts, parsePrefix, type Row } from '@coldtrace/core';
import type { Format, LineVerdict } from '../../format.js';
import type { Word } from '../../text/words.js';
import { commandPattern } from '../command.js';
import { type Cursor, cursorOf, next, numberValue, readValue, textValue } from '../cursor.js';
import type { Entry } from '../entry.js';
import type { Reader } from '../reader.js';
import { parseRows, type RowGrammar, rowsFrom } from '../rows.js';
import { firstWords } from '../verdict.js';

type Draft = Omit<AddrLabel, 'span' | 'trust'>;

function readLabel(words: readonly Word[]): { row: Draft | null; cursor: Cursor } {
  const cursor = cursorOf(words, 1);
  const prefix = readValue(cursor, 'a prefix', (text) => parsePrefix(text));
  let dev: string | null = null;
  let label: number | null = null;
  for (let word = next(cursor); word !== null; word = next(cursor)) {
    if (word.text === 'dev') dev = textValue(cursor);
    else if (word.text === 'label') label = numberValue(cursor);
    else cursor.unknown.push(word);
  }
  return { row: prefix === null || label === null ? null : { prefix, dev, label }, cursor };
}

const grammar: RowGrammar<Draft> = {
  command: 'ip addrlabel',
  row: 'address label',
  opens: (words) => words[0]?.text === 'prefix' && words.length > 2,
  read: readLabel,
};

function verdict(text: string): LineVerdict {
  const words = firstWords(text, 6);
  return words[0] === 'prefix' && words.includes('label') && words[1]?.includes('/') ? 'opens' : null;
}

const factsOf = (rows: readonly (Draft & Row)[], reader: Reader): Facts => ({
  kind: 'addr-labels',
  rows,
  complete: reader.complete,
});

export const addrLabelsFrom = (reader: Reader, entries: readonly Entry[]): Facts[] =>
  rowsFrom(reader, entries, grammar, factsOf);

export const ipAddrlabel: Format = {
  id: 'ip-addrlabel',
  title: 'address labels (ip addrlabel)',
  commands: [commandPattern('ip', 'addrlabel', 5)],
  fileNames: [/^ip[46]?[-_ .](?:-?6[-_ ])?addrlabel/i],
  line: verdict,
  parse: (section) => parseRows(section, grammar, factsOf),
};
