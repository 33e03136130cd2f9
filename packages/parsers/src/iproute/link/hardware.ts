/** The `link/ether …` line (iproute2 ip/ipaddress.c print_linkinfo, lib/ll_addr.c). */
import { parseDecimal, parseMac } from '@coldtrace/core';
import type { Word } from '../../text/words.js';
import { cursorOf, next, peek, textValue, valueWord } from '../cursor.js';
import type { LinkDraft } from './draft.js';

const pairs = new Set([
  'brd',
  'permaddr',
  'promiscuity',
  'allmulti',
  'minmtu',
  'maxmtu',
  'addrgenmode',
  'numtxqueues',
  'numrxqueues',
  'gso_max_size',
  'gso_max_segs',
  'tso_max_size',
  'tso_max_segs',
  'gro_max_size',
  'gso_ipv4_max_size',
  'gro_ipv4_max_size',
  'portname',
  'portid',
  'switchid',
  'parentbus',
  'parentdev',
  'protodown_reason',
  'new-nsid',
  'new-ifindex',
  'event',
  'max_pacing_offload_horizon',
  'headroom',
  'tailroom',
]);
const alone = new Set(['protodown', 'on', 'off', 'netns-immutable']);

/** Words of a details line or of the `link/` line that say nothing a verdict depends on. */
export const isGeneric = (word: string): boolean => pairs.has(word);

export function readHardware(draft: LinkDraft, words: readonly Word[]): void {
  const cursor = cursorOf(words, 1);
  draft.cursors.push(cursor);
  draft.type = words[0]?.text.slice('link/'.length) ?? null;
  const first = peek(cursor);
  if (first !== null && /[.:]/.test(first)) {
    // A tunnel shows an IP address here, InfiniBand twenty octets: those are no MACs.
    draft.mac = parseMac(first);
    next(cursor);
  }
  for (let word = next(cursor); word !== null; word = next(cursor)) {
    if (word.text === 'promiscuity') draft.detailed = true;
    switch (word.text) {
      case 'link-netns':
        draft.peerNetns = textValue(cursor);
        break;
      case 'link-netnsid':
        draft.peerNetns = nsidText(textValue(cursor));
        break;
      case 'peer':
        valueWord(cursor);
        break;
      default:
        if (pairs.has(word.text)) valueWord(cursor);
        else if (!alone.has(word.text)) cursor.unknown.push(word);
    }
  }
}

/** An id that no name was known for; `unknown` stays as it is. */
export function nsidText(text: string | null): string | null {
  return text !== null && parseDecimal(text, 0x7fffffff) !== null ? `nsid ${text}` : text;
}
