/**
 * A later fragment has no header of the upper layer. Expressions of iptables-nft compare the bytes that stand in its place: in IPv4 those behind the IP
 * header, in IPv6 the beginning of the IPv6 header itself. net/netfilter/nft_payload.c, nf_tables_ipv6.h.
 */
import { byteAt, type KnownBits, packetBytes } from '../../packet/known-bytes.js';
import type { Skb } from '../../packet/skb.js';
import { inverted, type Tri, unknown } from '../../tri.js';
import { within } from './u32-bytes.js';
import type { PortTest } from './udp.js';

const headerless = unknown('iptables-nft reads bytes of a later fragment as header');

/** The bytes at an offset as a number; null: the packet ends before. */
function fieldAt(skb: Skb, offset: number, size: number): KnownBits | null {
  const at = skb.family === 4 ? 20 + offset : offset;
  const bytes = packetBytes(skb);
  const end = skb.length ?? (skb.body === undefined ? Number.POSITIVE_INFINITY : bytes.length);
  if (at + size > end) return null;
  let value = 0;
  let known = 0;
  for (let index = at; index < at + size; index++) {
    const byte = byteAt(bytes, index);
    value = value * 256 + byte.value;
    known = known * 256 + byte.known;
  }
  return { value, known: size === 4 ? known : (known | (0xffffffff << (8 * size))) >>> 0 };
}

/** As a port test of the header at `offset`. */
export function fragmentPort(test: PortTest | null, skb: Skb, offset: 0 | 2): Tri {
  if (test === null) return true;
  const field = fieldAt(skb, offset, 2);
  return field === null ? false : inverted(within(field, test.range.first, test.range.last, headerless), test.invert);
}

/** As a test of the byte of TCP flags. */
export function fragmentFlags(
  test: { readonly mask: number; readonly comp: number; readonly invert: boolean },
  skb: Skb,
): Tri {
  const field = fieldAt(skb, 13, 1);
  if (field === null) return false;
  const masked = { value: field.value & test.mask, known: (field.known | ~test.mask) >>> 0 };
  return inverted(within(masked, test.comp, test.comp, headerless), test.invert);
}
