/** Netmasks as addresses: contiguous by length, or any bits at all, as xtables permits (iptables(8), `-s address[/mask]`). */
import { type Family, type Ip, ip4, ip6 } from './ip.js';

/** The bits of an address of the family: 32 or 128. */
export function bitsOf(family: Family): 32 | 128 {
  return family === 4 ? 32 : 128;
}

/** A 32-bit word whose upper `bits` bits are set: 0 for 0 and below, all ones for 32 and above. */
export function wordMask(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? 0xffffffff : (-1 << (32 - bits)) >>> 0;
}

/** Every contiguous mask once: a ruleset of 100,000 rules needs but a few of them. */
const masks4 = Array.from({ length: 33 }, (_, length) => ip4(wordMask(length)));
const masks6 = Array.from({ length: 129 }, (_, length) =>
  ip6(wordMask(length), wordMask(length - 32), wordMask(length - 64), wordMask(length - 96)),
);

const noMask4 = ip4(0);
const noMask6 = ip6(0, 0, 0, 0);

/**
 * The contiguous mask of a prefix length; a length outside the family is taken as its nearest bound, and one that is no whole
 * number as 0. Masks are shared objects.
 */
export function maskOf(family: Family, length: number): Ip {
  if (family === 4) return masks4[Math.min(Math.max(length, 0), 32)] ?? noMask4;
  return masks6[Math.min(Math.max(length, 0), 128)] ?? noMask6;
}

/** The length of a contiguous mask, or null for a mask with a hole. */
export function maskLength(mask: Ip): number | null {
  const a = wordLength(mask.a);
  if (mask.family === 4 || a < 0) return a < 0 ? null : a;
  const b = wordLength(mask.b);
  const c = wordLength(mask.c);
  const d = wordLength(mask.d);
  if (b < 0 || c < 0 || d < 0) return null;
  if ((a < 32 && b > 0) || (b < 32 && c > 0) || (c < 32 && d > 0)) return null;
  return a + b + c + d;
}

function wordLength(word: number): number {
  const inverted = ~word >>> 0;
  return (inverted & (inverted + 1)) === 0 ? Math.clz32(inverted) : -1;
}

/** `ip & mask`, in the family of the address. */
export function applyMask(ip: Ip, mask: Ip): Ip {
  return ip.family === 4 ? ip4(ip.a & mask.a) : ip6(ip.a & mask.a, ip.b & mask.b, ip.c & mask.c, ip.d & mask.d);
}
