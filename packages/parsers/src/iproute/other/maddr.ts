/** `ip maddr`: multicast addresses that devices listen to (ip-maddress(8), iproute2 ip/ipmaddr.c). */

import { type Facts, type MulticastMembership, parseIp, parseMac, type Row } from '@coldtrace/core';
import { type Format, type LineVerdict, type Parsed, type Section, spanOf } from '../../format.js';
import type { Word } from '../../text/words.js';
import { commandPattern } from '../command.js';
import { type Cursor, cursorOf, next, numberValue, readValue } from '../cursor.js';
import { type Entry, type EntryGrammar, entriesOf, trustOf } from '../entry.js';
import { indexOf } from '../link/header.js';
import { settleLines } from '../problems.js';
import { finish, onlyFailed, openReader, type Reader } from '../reader.js';
import { asksForSome } from '../rows.js';
import { firstWords } from '../verdict.js';

const kinds = new Set(['link', 'inet', 'inet6']);

const grammar: EntryGrammar = {
  command: 'ip maddr',
  opens: (words) => words.length === 2 && indexOf(words[0]?.text) !== null && !words[1]?.text.endsWith(':'),
  continues: (words) => kinds.has(words[0]?.text ?? ''),
};

/** Tunnels have the outer address for a hardware address: four octets, or sixteen. No frame is for what follows from it. */
function isLinkOfTunnel(words: readonly { readonly text: string }[]): boolean {
  return words[0]?.text === 'link' && tunnelAddress.test(words[1]?.text ?? '');
}

const tunnelAddress = /^[0-9a-f]{2}(?::[0-9a-f]{2}){3}(?:(?::[0-9a-f]{2}){12})?$/i;

function readMembership(
  words: readonly Word[],
  dev: string,
  row: Row,
): { row: MulticastMembership | null; cursor: Cursor; foreign: boolean } {
  const cursor = cursorOf(words, 1);
  const foreign = isLinkOfTunnel(words);
  if (foreign) next(cursor);
  const isLink = words[0]?.text === 'link';
  const mac = isLink && !foreign ? readValue(cursor, 'a hardware address of six octets', parseMac) : null;
  const ip = words[0]?.text === 'link' ? null : readValue(cursor, 'an address', (text) => parseIp(text));
  let users = 1;
  for (let word = next(cursor); word !== null; word = next(cursor)) {
    if (word.text === 'users') users = numberValue(cursor) ?? 1;
    else if (word.text !== 'static') cursor.unknown.push(word);
  }
  return { row: mac === null && ip === null ? null : { dev, ip, mac, users, ...row }, cursor, foreign };
}

function parseMaddr(section: Section): Parsed<readonly Facts[]> {
  const reader = openReader(section);
  return finish(reader, multicastFrom(reader, entriesOf(reader, grammar)));
}

export function multicastFrom(reader: Reader, entries: readonly Entry[]): Facts[] {
  const rows: MulticastMembership[] = [];
  for (const entry of entries) {
    const dev = entry.parts[0]?.words[1]?.text ?? '';
    const cursors: Cursor[] = [];
    for (const { words } of entry.parts.slice(1)) {
      const start = words[0]?.start ?? 0;
      const span = spanOf(reader.section, start, words.at(-1)?.end ?? start);
      const read = readMembership(words, dev, { span, ...trustOf(entry) });
      cursors.push(read.cursor);
      if (read.row === null) reader.complete &&= read.foreign;
      else rows.push(read.row);
    }
    settleLines(reader, entry, cursors, 'multicast address', 'modelled');
  }
  if (onlyFailed(reader, entries.length)) return [];
  const complete = reader.complete && !asksForSome(reader) && reader.command?.family == null;
  return [{ kind: 'multicast', rows, complete }];
}

function verdict(text: string): LineVerdict {
  const words = firstWords(text, 5);
  const [first, second = ''] = words;
  if (first === undefined) return null;
  // `-o` ends the name with a backslash before the address.
  if (indexOf(first) !== null) {
    const bare = words.length === 2 && !second.endsWith(':') && text.includes('\t') && second.length <= 16;
    return bare || (second.endsWith('\\') && kinds.has(words[2] ?? '')) ? 'opens' : null;
  }
  if (first === 'link') return parseMac(second) === null && !tunnelAddress.test(second) ? null : 'continues';
  return kinds.has(first) && parseIp(second) !== null && (words.length === 2 || words[2] === 'users')
    ? 'continues'
    : null;
}

export const ipMaddr: Format = {
  id: 'ip-maddr',
  title: 'multicast addresses (ip maddr)',
  commands: [commandPattern('ip', 'maddress', 1)],
  fileNames: [/^ip[46]?[-_ .](?:-?[46o][-_ ])*maddr/i],
  line: verdict,
  parse: parseMaddr,
};
