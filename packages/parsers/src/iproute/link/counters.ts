/** The counters of `ip -s link`: a line of headings, then a line of numbers (iproute2 ip/ipaddress.c print_link_stats64). */
import { type LinkCounters, parseDecimal } from '@coldtrace/core';
import type { LinkDraft } from './draft.js';

const none: LinkCounters = {
  rxBytes: 0,
  rxPackets: 0,
  rxErrors: 0,
  rxDropped: 0,
  txBytes: 0,
  txPackets: 0,
  txErrors: 0,
  txDropped: 0,
};

/** `RX:`, `TX:`, `RX errors:`; sets what the next line of numbers means. */
export function readHeadings(draft: LinkDraft, words: readonly string[]): boolean {
  const [first = '', second = ''] = words;
  if (first !== 'RX:' && first !== 'TX:' && first !== 'RX' && first !== 'TX') return false;
  if (!first.endsWith(':')) {
    if (!second.startsWith('errors')) return false;
    draft.awaiting = 'errors';
  } else draft.awaiting = first === 'RX:' ? 'rx' : 'tx';
  return true;
}

/** Numbers in the order bytes, packets, errors, dropped, which no version changed; `-h` rounds them, then they are left out. */
export function readNumbers(draft: LinkDraft, words: readonly string[]): boolean {
  if (draft.awaiting === null || !isNumbers(words)) return false;
  const side = draft.awaiting;
  draft.awaiting = null;
  if (side === 'errors') return true;
  const numbers = words.slice(0, 4).map((word) => parseDecimal(word, Number.MAX_SAFE_INTEGER));
  const [bytes, packets, errors, dropped] = numbers;
  if (bytes == null || packets == null || errors == null || dropped == null) return true;
  draft.counters = {
    ...(draft.counters ?? none),
    ...(side === 'rx'
      ? { rxBytes: bytes, rxPackets: packets, rxErrors: errors, rxDropped: dropped }
      : { txBytes: bytes, txPackets: packets, txErrors: errors, txDropped: dropped }),
  };
  return true;
}

export function isNumbers(words: readonly string[]): boolean {
  return words.length > 0 && words.every((word) => /^\d+(?:\.\d+)?[kKMGTPi]*$/.test(word));
}
