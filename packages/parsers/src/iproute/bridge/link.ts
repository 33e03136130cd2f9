/** `bridge link` and `bridge -d link`: the ports of bridges (bridge(8), iproute2 bridge/link.c). */

import type { BridgePort, Facts, Link } from '@coldtrace/core';
import type { Format, LineVerdict, Parsed, Section } from '../../format.js';
import { commandPattern } from '../command.js';
import { type Cursor, cursorOf, next, numberValue, textValue, valueWord } from '../cursor.js';
import { type Entry, type EntryGrammar, entriesOf, entrySpan, type Part, trusted } from '../entry.js';
import { portOf } from '../link/details.js';
import { type LinkDraft, linkOf, newLink } from '../link/draft.js';
import { indexOf, readFlags, readName } from '../link/header.js';
import { settleLines } from '../problems.js';
import { finish, onlyFailed, openReader, type Reader } from '../reader.js';
import { firstWords } from '../verdict.js';

const portStates = new Set(['disabled', 'listening', 'learning', 'forwarding', 'blocking']);

const switches = new Set(['hairpin', 'guard', 'root_block', 'fastleave', 'learning', 'flood', 'learning_sync']);

const isPort = (words: readonly { readonly text: string }[]): boolean =>
  indexOf(words[0]?.text) !== null &&
  words.some((word, at) => word.text === 'state' && portStates.has(words[at + 1]?.text ?? ''));

const grammar: EntryGrammar = {
  command: 'bridge link',
  opens: (words) => indexOf(words[0]?.text) !== null && words.slice(1, 6).some((word) => word.text.startsWith('<')),
  continues: (words) => switches.has(words[0]?.text ?? '') || words[0]?.text === 'hwmode',
};

function readPort(entry: Entry): LinkDraft {
  const words = entry.parts[0]?.words ?? [];
  const draft = newLink(entry, indexOf(words[0]?.text), '');
  const flagsAt = words.findIndex((word) => word.text.startsWith('<'));
  // Old versions print `5: veth0 state UP @if4: <…>`.
  const name = words[1]?.text.replace(/:$/, '') ?? '';
  const apart = words.slice(2, flagsAt).find((word) => word.text.startsWith('@'));
  readName(draft, apart === undefined ? name : name + apart.text.replace(/:$/, ''));
  draft.flags = readFlags(words[flagsAt]?.text ?? '') ?? [];
  const cursor = cursorOf(words, flagsAt + 1);
  draft.cursors.push(cursor);
  draft.port = { ...portOf([]), state: readRest(cursor, draft) };
  for (const part of entry.parts.slice(1)) draft.port = merge(draft.port, part);
  return draft;
}

function readRest(cursor: Cursor, draft: LinkDraft): string | null {
  let state: string | null = null;
  for (let word = next(cursor); word !== null; word = next(cursor)) {
    switch (word.text) {
      case 'mtu':
        draft.mtu = numberValue(cursor);
        break;
      case 'master':
        draft.master = textValue(cursor);
        break;
      case 'state':
        state = textValue(cursor);
        break;
      case 'priority':
      case 'cost':
      case 'hwmode':
        valueWord(cursor);
        break;
      default:
        cursor.unknown.push(word);
    }
  }
  return state;
}

function merge(port: BridgePort, part: Part): BridgePort {
  const more = portOf(part.words.map((word) => word.text));
  return {
    hairpin: more.hairpin ?? port.hairpin,
    learning: more.learning ?? port.learning,
    flood: more.flood ?? port.flood,
    mcastFlood: more.mcastFlood ?? port.mcastFlood,
    bcastFlood: more.bcastFlood ?? port.bcastFlood,
    isolated: more.isolated ?? port.isolated,
    ...(more.locked === true || port.locked === true ? { locked: true } : {}),
    state: port.state,
  };
}

/** Only ports are listed, so these links are never all there are. */
function parseBridgeLink(section: Section): Parsed<readonly Facts[]> {
  const reader = openReader(section);
  return finish(reader, bridgePortsFrom(reader, entriesOf(reader, grammar)));
}

export function bridgePortsFrom(reader: Reader, entries: readonly Entry[]): Facts[] {
  const rows: Link[] = [];
  for (const entry of entries) {
    const draft = readPort(entry);
    settleLines(reader, entry, draft.cursors, 'bridge port', 'modelled');
    rows.push(trusted(linkOf(draft, entrySpan(reader, entry)), entry));
  }
  return onlyFailed(reader, rows.length) ? [] : [{ kind: 'links', rows, complete: false }];
}

function verdict(text: string): LineVerdict {
  const [first] = firstWords(text, 1);
  if (first !== 'hairpin' && indexOf(first) === null) return null;
  const words = firstWords(text, 24);
  if (indexOf(words[0]) !== null) return isPort(words.map((word) => ({ text: word }))) ? 'opens' : null;
  return words[0] === 'hairpin' && (words[2] === 'guard' || words.length === 2) ? 'continues' : null;
}

export const bridgeLink: Format = {
  id: 'bridge-link',
  title: 'bridge ports (bridge link)',
  commands: [commandPattern('bridge', 'link', 1)],
  fileNames: [/^bridge[-_ .](?:-?[ds][-_ ])*link/i],
  line: verdict,
  parse: parseBridgeLink,
};
