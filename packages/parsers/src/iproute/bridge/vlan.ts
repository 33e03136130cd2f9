/** `bridge vlan`, with ranges (`-c`) or one VLAN a line, in the columns of old and new versions (bridge(8), bridge/vlan.c). */

import { type BridgeVlan, type Facts, parseDecimal } from '@coldtrace/core';
import { type Format, type LineVerdict, type Parsed, type Section, spanOf } from '../../format.js';
import { mark } from '../../text/lines.js';
import { type Word, wordsOf } from '../../text/words.js';
import { report } from '../codes.js';
import { commandPattern } from '../command.js';
import { finish, leaveUnread, onlyFailed, openReader, type Reader, takeMessage } from '../reader.js';
import { asksForSome } from '../rows.js';
import { firstWords, isIndented } from '../verdict.js';

interface Vlans {
  readonly first: number;
  readonly last: number;
}

function vlansOf(text: string | undefined): Vlans | null {
  if (text === undefined) return null;
  const dash = text.indexOf('-');
  const first = parseDecimal(text, 4095, 0, dash < 0 ? text.length : dash);
  const last = dash < 0 ? first : parseDecimal(text, 4095, dash + 1);
  return first === null || last === null ? null : { first, last };
}

const isHeading = (first: string | undefined, second: string | undefined): boolean =>
  first === 'port' && (second === 'vlan-id' || second === 'vlan');

const flags = new Set(['PVID', 'Egress', 'Untagged']);
/** Words of `-d`, `-s` and tunnel lines that no verdict here depends on. */
const further = new Set(['RX:', 'TX:', 'state', 'mcast_router', 'neigh_suppress', 'mcast_n_groups', 'msti']);

function parseVlans(section: Section): Parsed<readonly Facts[]> {
  const reader = openReader(section);
  const rows: BridgeVlan[] = [];
  let dev: string | null = null;
  for (const line of reader.lines) {
    if (takeMessage(reader, line)) continue;
    const words = wordsOf(line);
    const [first, second] = words;
    if (first === undefined) continue;
    if (isHeading(first.text, second?.text) || (further.has(first.text) && isIndented(line.text))) {
      mark(reader.ledger, line, 'inert');
      continue;
    }
    const own = vlansOf(first.text) !== null && (isIndented(line.text) || (section.freeForm && dev !== null));
    if (!own) dev = first.text;
    if (own && !isIndented(line.text)) reader.unindented.push(line);
    const vlans = own ? vlansOf(first.text) : vlansOf(second?.text);
    if (dev === null || (vlans === null && second !== undefined && second.text !== 'None')) {
      leaveUnread(reader, line, 'bridge vlan');
      continue;
    }
    mark(reader.ledger, line, 'modelled');
    if (vlans === null) continue;
    const repaired = own && !isIndented(line.text) ? ({ trust: 'repaired' } as const) : {};
    const row = rowOf(
      reader,
      dev,
      vlans,
      words.slice(own ? 1 : 2),
      spanOf(section, first.start, words.at(-1)?.end ?? first.end),
    );
    rows.push({ ...row, ...repaired });
  }
  if (onlyFailed(reader, rows.length)) return finish(reader, []);
  return finish(reader, [{ kind: 'bridge-vlans', rows, complete: reader.complete && !asksForSome(reader) }]);
}

function rowOf(
  reader: Reader,
  dev: string,
  vlans: Vlans,
  words: readonly Word[],
  span: BridgeVlan['span'],
): BridgeVlan {
  const texts = new Set(words.map((word) => word.text));
  for (const word of words) {
    if (flags.has(word.text) || further.has(word.text)) continue;
    reader.diagnostics.push(
      report('unknown-word', spanOf(reader.section, word.start, word.end), { word: word.text, row: 'VLAN' }),
    );
    break;
  }
  return { dev, ...vlans, pvid: texts.has('PVID'), untagged: texts.has('Untagged'), span };
}

/** The lines below a VLAN with `-d` and `-s`. */
function isFurther([first, second, third]: readonly string[]): boolean {
  if (first === 'state') return second !== undefined && third === 'mcast_router';
  return (first === 'RX:' || first === 'TX:') && third === 'bytes';
}

function verdict(text: string): LineVerdict {
  const words = firstWords(text, 5);
  const [first, second] = words;
  if (isHeading(first, second)) return 'opens';
  if (isIndented(text) && isFurther(words)) return 'continues';
  const rest = words.slice(isIndented(text) ? 1 : 2);
  if (!rest.every((word) => flags.has(word))) return null;
  if (isIndented(text)) return vlansOf(first) === null ? null : 'continues';
  if (vlansOf(second) === null || first?.endsWith(':')) return null;
  return rest.length > 0 ? 'opens' : 'continues';
}

export const bridgeVlan: Format = {
  id: 'bridge-vlan',
  title: 'VLANs of bridge ports (bridge vlan)',
  commands: [commandPattern('bridge', 'vlan', 1)],
  fileNames: [/^bridge[-_ .](?:-?[dsc][-_ ])*vlan/i],
  line: verdict,
  parse: parseVlans,
};
