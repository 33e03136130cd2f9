/** `ip netns [list]` and `ip netns list-id`: names of network namespaces and the ids they are known by (ip-netns(8)). */

import { type Facts, type NamedText, parseDecimal, type Row } from '@coldtrace/core';
import type { Format, LineVerdict } from '../../format.js';
import type { Word } from '../../text/words.js';
import { commandPattern } from '../command.js';
import { type Cursor, cursorOf } from '../cursor.js';
import type { Entry } from '../entry.js';
import type { Reader } from '../reader.js';
import { parseRows, type RowGrammar, rowsFrom } from '../rows.js';
import { firstWords } from '../verdict.js';

type Draft = Omit<NamedText, 'span' | 'trust'>;

const idIn = (word: string | undefined): number | null =>
  word?.endsWith(')') ? parseDecimal(word, 0x7fffffff, 0, word.length - 1) : null;

/** `NAME`, `NAME (id: 5)`, `nsid 5 (iproute2 netns name: NAME)`. */
function readName(words: readonly Word[]): { row: Draft | null; cursor: Cursor } {
  const cursor = cursorOf(words);
  const texts = words.map((word) => word.text);
  const listed = texts[0] === 'nsid' ? nsidLine(texts) : nameLine(texts);
  if (listed === null) {
    const [first] = words;
    if (first !== undefined) cursor.unknown.push(first);
  }
  return { row: listed, cursor };
}

function nameLine(texts: readonly string[]): Draft | null {
  const [text, mark] = texts;
  if (text === undefined) return null;
  if (texts.length === 1) return { text };
  const nsid = mark === '(id:' && texts.length === 3 ? idIn(texts[2]) : null;
  return nsid === null ? null : { text, nsid };
}

function nsidLine(texts: readonly string[]): Draft | null {
  const nsid = parseDecimal(texts[1] ?? '', 0x7fffffff);
  const at = texts.indexOf('name:');
  const name = at < 0 ? null : texts[at + 1];
  return nsid === null || !name?.endsWith(')') ? null : { text: name.slice(0, -1), nsid };
}

const grammar: RowGrammar<Draft> = {
  command: 'ip netns',
  row: 'network namespace',
  opens: (words) => words.length === 1 || words[1]?.text === '(id:' || words[0]?.text === 'nsid',
  read: readName,
};

/** A bare name could be anything; the names that container runtimes choose are told by their shape. */
function verdict(text: string): LineVerdict {
  const words = firstWords(text, 4);
  if (words.length === 1 && /^cni-[0-9a-f]{8}-[0-9a-f-]{20,30}$/.test(words[0] ?? '')) return 'continues';
  if (words.length === 3 && words[1] === '(id:' && idIn(words[2]) !== null) return 'opens';
  return words[0] === 'nsid' && words[2] === '(iproute2' ? 'opens' : null;
}

const factsOf = (rows: readonly (Draft & Row)[], reader: Reader): Facts => ({
  kind: 'netns-names',
  rows,
  complete: reader.complete,
});

export const netnsNamesFrom = (reader: Reader, entries: readonly Entry[]): Facts[] =>
  rowsFrom(reader, entries, grammar, factsOf);

export const ipNetns: Format = {
  id: 'ip-netns',
  title: 'names of network namespaces (ip netns)',
  commands: [commandPattern('ip', 'netns', 3, String.raw`(?:\s+(?:l(?:i(?:st?)?)?|ls|list-id|show))?\s*(?:$|[|;&>])`)],
  fileNames: [/^ip[-_ .]netns/i, /^netns(?:\.|[-_]|$)/i],
  line: verdict,
  parse: (section) => parseRows(section, grammar, factsOf),
};
