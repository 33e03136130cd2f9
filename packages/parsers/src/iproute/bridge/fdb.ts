/** `bridge fdb` as text (bridge(8), iproute2 bridge/fdb.c). */
import { type Facts, type FdbEntry, parseIp, parseMac, type Row } from '@coldtrace/core';
import type { Format, LineVerdict } from '../../format.js';
import { unendedLine } from '../../text/lines.js';
import type { Word } from '../../text/words.js';
import { report } from '../codes.js';
import { argumentOf, commandPattern } from '../command.js';
import { type Cursor, cursorOf, isClean, next, numberValue, readValue, textValue, valueWord } from '../cursor.js';
import type { Entry } from '../entry.js';
import type { Reader } from '../reader.js';
import { asksForSome, parseRows, type RowGrammar, rowsFrom } from '../rows.js';
import { firstWords } from '../verdict.js';

type Draft = { -readonly [Key in keyof Omit<FdbEntry, 'span' | 'trust'>]: FdbEntry[Key] };

const flags = new Set([
  'permanent',
  'static',
  'self',
  'extern_learn',
  'offload',
  'sticky',
  'router',
  'stale',
  'locked',
  'dynamic',
]);

function readFdb(words: readonly Word[], asked: string | null): { row: Draft | null; cursor: Cursor } {
  const cursor = cursorOf(words);
  const mac = readValue(cursor, 'a hardware address of six octets', parseMac);
  const draft = {
    dev: null as string | null,
    dst: null as FdbEntry['dst'],
    port: null as number | null,
    vni: null as number | null,
    via: null as string | null,
    vlan: null as number | null,
    master: null as string | null,
    flags: [] as string[],
  };
  for (let word = next(cursor); word !== null; word = next(cursor)) {
    switch (word.text) {
      case 'dev':
      case 'via':
      case 'master':
        draft[word.text] = textValue(cursor);
        break;
      case 'dst':
        draft.dst = readValue(cursor, 'an address', (text) => parseIp(text));
        break;
      case 'port':
      case 'vni':
      case 'vlan':
        draft[word.text] = numberValue(cursor);
        break;
      case 'src_vni':
      case 'nhid':
      case 'link-netnsid':
        draft.flags.push(`${word.text} ${textValue(cursor) ?? ''}`);
        break;
      case 'used':
      case 'updated':
      case 'proto':
        valueWord(cursor);
        break;
      default:
        if (flags.has(word.text)) draft.flags.push(word.text);
        else cursor.unknown.push(word);
    }
  }
  const dev = draft.dev ?? asked;
  return { row: mac === null || dev === null ? null : { ...draft, mac, dev }, cursor };
}

const grammar: RowGrammar<Draft> = {
  command: 'bridge fdb',
  row: 'forwarding entry',
  opens: (words) => parseMac(words[0]?.text ?? '') !== null,
  read: (words, reader) => readFdb(words, argumentOf(reader.command, 'dev') ?? argumentOf(reader.command, 'brport')),
  fits: (parts) => isClean(readFdb(parts[0]?.words ?? [], '').cursor),
};

const second = new Set(['dev', 'dst', 'self', 'master', 'vlan', 'permanent', 'port', 'vni']);

function verdict(text: string): LineVerdict {
  const words = firstWords(text, 2);
  return parseMac(words[0] ?? '') !== null && second.has(words[1] ?? '') ? 'opens' : null;
}

const factsOf = (rows: readonly (Draft & Row)[], reader: Reader): Facts => {
  const cut = cutOff(rows, reader);
  if (cut !== null) reader.diagnostics.push(report('cut-off', cut.span));
  return {
    kind: 'fdb',
    rows: cut === null ? rows : rows.slice(0, -1),
    complete: reader.complete && cut === null && !asksForSome(reader),
  };
};

/** Every entry is of the device itself or of its master; the last one of a dump that breaks off may lack the word. */
function cutOff(rows: readonly (Draft & Row)[], reader: Reader): (Draft & Row) | null {
  const line = unendedLine(reader.section, reader.lines);
  const last = rows.at(-1);
  if (line === null || last === undefined || last.span.end < line.start) return null;
  return last.master === null && !last.flags.includes('self') ? last : null;
}

export const fdbFrom = (reader: Reader, entries: readonly Entry[]): Facts[] =>
  rowsFrom(reader, entries, grammar, factsOf);

export const bridgeFdb: Format = {
  id: 'bridge-fdb',
  title: 'bridge and vxlan forwarding entries (bridge fdb)',
  commands: [commandPattern('bridge', 'fdb', 1)],
  fileNames: [/^bridge[-_ .](?:-?[ds][-_ ])*fdb/i, /^fdb(?:\.|[-_]|$)/i],
  line: verdict,
  parse: (section) => parseRows(section, grammar, factsOf),
};
