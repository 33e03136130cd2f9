/** A pattern among the bytes of a packet of which not all are known. net/core/skbuff.c skb_find_text. */
import { byteAt, type KnownBytes, packetBytes } from '../../packet/known-bytes.js';
import type { Skb } from '../../packet/skb.js';
import { type Tri, unknown } from '../../tri.js';

export interface Search {
  readonly pattern: readonly number[];
  /** Offsets from the IP header on between which the pattern must stand. */
  readonly from: number;
  readonly to: number;
  readonly icase: boolean;
}

const notGiven = unknown('the bytes of the packet are not given');

/** `by`: which byte of the pattern must stand at `to` or before it. */
export function findBytes(search: Search, skb: Skb, by: 'first' | 'last' = 'last'): Tri {
  const bytes = packetBytes(skb);
  const { pattern, from } = search;
  const to = by === 'last' ? search.to : search.to + pattern.length;
  // A packet of no known length may hold anything behind its headers.
  const end = skb.length ?? (skb.body === undefined ? Number.POSITIVE_INFINITY : bytes.length);
  const last = Math.min(end, to) - pattern.length;
  let perhaps = last > bytes.length - pattern.length && last >= from;
  for (let at = from; at <= last && at < bytes.length; at++) {
    const found = standsAt(search, bytes, at);
    if (found === true) return true;
    perhaps ||= found !== false;
  }
  return perhaps ? notGiven : false;
}

/** So many letters are not taken to stand by chance in fields that nobody chose. */
const manyLetters = 4;

function standsAt({ pattern, icase }: Search, bytes: KnownBytes, at: number): boolean | 'perhaps' {
  let certain = true;
  let letters = 0;
  for (const [index, wanted] of pattern.entries()) {
    const { value, known } = byteAt(bytes, at + index);
    if (
      known === 255
        ? folded(value, icase) !== folded(wanted, icase)
        : ((value ^ wanted) & known & ~caseBit(icase)) !== 0
    )
      return false;
    if (known === 255) continue;
    certain = false;
    if (at + index < bytes.length && wanted > 0x20 && wanted < 0x7f) letters++;
  }
  if (certain) return true;
  return letters >= manyLetters ? false : 'perhaps';
}

function caseBit(icase: boolean): number {
  return icase ? 0x20 : 0;
}

function folded(byte: number, icase: boolean): number {
  return icase && byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte;
}
