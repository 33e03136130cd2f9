/** `ip neigh` as text, proxy entries included (ip-neighbour(8), iproute2 ip/ipneigh.c print_neigh). */
import { type Facts, type Ip, type Mac, type Neighbour, parseIp, parseMac } from '@coldtrace/core';
import type { Format, LineVerdict, Parsed, Section } from '../../format.js';
import { unendedLine } from '../../text/lines.js';
import type { Word } from '../../text/words.js';
import { report } from '../codes.js';
import { argumentOf, commandPattern, familyAsked, type IpCommand } from '../command.js';
import { type Cursor, cursorOf, isClean, next, readValue, textValue, valueWord } from '../cursor.js';
import { type Entry, type EntryGrammar, entriesOf, entrySpan, trusted } from '../entry.js';
import { nudStates } from '../nud.js';
import { settle } from '../problems.js';
import { finish, leaveUnread, onlyFailed, openReader, type Reader } from '../reader.js';
import { firstWords } from '../verdict.js';

interface Draft {
  ip: Ip | null;
  dev: string | null;
  lladdr: Mac | null;
  nud: string | null;
  proxy: boolean;
  router: boolean;
  externLearn: boolean;
}

function readNeighbour(words: readonly Word[]): { draft: Draft; cursor: Cursor } {
  const cursor = cursorOf(words);
  const draft: Draft = {
    ip: null,
    dev: null,
    lladdr: null,
    nud: null,
    proxy: false,
    router: false,
    externLearn: false,
  };
  if (words[0]?.text === 'proxy') {
    draft.proxy = true;
    next(cursor);
  }
  draft.ip = readValue(cursor, 'an address', (text) => parseIp(text));
  for (let word = next(cursor); word !== null; word = next(cursor)) readWord(cursor, draft, word);
  return { draft, cursor };
}

function readWord(cursor: Cursor, draft: Draft, word: Word): void {
  const { text } = word;
  if (nudStates.has(text)) {
    draft.nud = text;
    return;
  }
  switch (text) {
    case 'dev':
      draft.dev = textValue(cursor);
      return;
    case 'lladdr':
      draft.lladdr = readValue(cursor, 'a hardware address of six octets', parseMac);
      return;
    case 'proxy':
      draft.proxy = true;
      return;
    case 'router':
      draft.router = true;
      return;
    case 'extern_learn':
      draft.externLearn = true;
      return;
    case 'managed':
    case 'offload':
    case 'extern_valid':
      return;
    case 'nud':
      draft.nud = textValue(cursor)?.toUpperCase() ?? null;
      return;
    case 'used':
      // iproute2 6.1 prints no blank before the next word: `used 0/60/0probes 4`.
      if (valueWord(cursor)?.text.endsWith('probes')) valueWord(cursor);
      return;
    case 'ref':
    case 'probes':
    case 'proto':
      valueWord(cursor);
      return;
    default:
      if (text.includes(',') && text.split(',').every((part) => nudStates.has(part))) draft.nud = text;
      else cursor.unknown.push(word);
  }
}

const grammar: EntryGrammar = {
  command: 'ip neigh',
  opens: (words) => {
    const [first, second] = words;
    if (first === undefined) return false;
    if (parseIp(first.text) !== null) return second === undefined || !/^\d/.test(second.text);
    return second?.text === 'dev' && /^[0-9a-fA-F*:][^\s]*[.:]/.test(first.text);
  },
  continues: () => false,
  fits: (parts) => {
    const { draft, cursor } = readNeighbour(parts[0]?.words ?? []);
    return isClean(cursor) && draft.ip !== null && draft.dev !== null && (draft.nud !== null || draft.proxy);
  },
};

/** `ip neigh` hides entries without a state and proxy entries; asked for one device or state it hides the others. */
function isFiltered(command: IpCommand | null): boolean {
  const args = command?.args ?? [];
  return (
    command?.typed === true && args.some((word, at) => !(word === 'all' && args[at - 1] === 'nud') && word !== 'nud')
  );
}

export function parseNeighbours(section: Section): Parsed<readonly Facts[]> {
  const reader = openReader(section);
  return finish(reader, neighboursFrom(reader, entriesOf(reader, grammar)));
}

export function neighboursFrom(reader: Reader, entries: readonly Entry[]): Facts[] {
  const asked = argumentOf(reader.command, 'dev');
  const rows: Neighbour[] = [];
  for (const entry of entries) {
    const { draft, cursor } = readNeighbour(entry.parts[0]?.words ?? []);
    const { ip } = draft;
    const dev = draft.dev ?? asked;
    const line = entry.lines[0];
    // `dev flannel.1 lldadr 5e:…`: what it says of the address is not known, and not that it says nothing.
    if (line !== undefined && draft.lladdr === null && cursor.unknown.length > 0) {
      leaveUnread(reader, line, grammar.command, 'opaque');
      continue;
    }
    // An entry in part may be of another state or address than it seems: the dump does not speak for all of them.
    settle(reader, entry, [cursor], 'neighbour entry', ip === null || dev === null || !isClean(cursor));
    const span = entrySpan(reader, entry);
    if (ip !== null && dev === null) reader.diagnostics.push(report('name-missing', span, { row: 'neighbour entry' }));
    if (ip === null || dev === null) continue;
    const { lladdr, nud, proxy, router, externLearn } = draft;
    rows.push(trusted({ ip, dev, lladdr, nud, proxy, router, externLearn, span }, entry));
  }
  if (onlyFailed(reader, rows.length)) return [];
  const last = rows.at(-1);
  const line = unendedLine(reader.section, reader.lines);
  if (last !== undefined && line !== null && last.span.end >= line.start && last.nud === null && !last.proxy) {
    reader.complete = false;
    reader.diagnostics.push(report('cut-off', last.span));
  }
  const family = familyAsked(reader.command, rows);
  // `ip neigh show proxy` lists these alone, and `ip neigh` none of them.
  const complete = reader.complete && !isFiltered(reader.command) && !rows.some(({ proxy }) => proxy);
  return [{ kind: 'neighbours', rows, complete, ...(family === null ? {} : { family }) }];
}

const unmistakable = new Set(['lladdr', 'managed', 'extern_learn', 'router', 'proxy', 'ref', 'used']);

function neighVerdict(text: string): LineVerdict {
  const words = firstWords(text, 5);
  const [first = '', dev, , fourth = ''] = words;
  if (dev === 'lladdr') return parseIp(first) === null ? null : 'opens';
  if (dev !== 'dev') return null;
  const known = parseIp(first) !== null;
  if (!known && !(first.length <= 64 && /^[0-9a-fA-F*:][^\s/]*$/.test(first) && /[.:]/.test(first))) return null;
  if (nudStates.has(fourth) || unmistakable.has(fourth)) return known ? 'opens' : 'continues';
  return known && words.length === 3 ? 'continues' : null;
}

export const ipNeigh: Format = {
  id: 'ip-neigh',
  title: 'neighbour entries (ip neigh)',
  commands: [commandPattern('ip', 'neighbour', 1), commandPattern('ip', 'neighbor', 8)],
  fileNames: [/^ip[46]?[-_ .](?:-?[46ds][-_ ])*neigh/i, /^neigh(?:bou?rs?)?(?:\.|[-_]|$)/i],
  line: neighVerdict,
  parse: parseNeighbours,
};
