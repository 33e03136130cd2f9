/** Address prefixes (CIDR blocks, RFC 4632 and RFC 4291 section 2.3). */
import { parseDecimal } from './decimal.js';
import { type Family, type Ip, ip4, ip6, sameIp } from './ip.js';
import { formatIp, parseIp } from './ip-text.js';
import { applyMask, bitsOf, maskLength, maskOf, wordMask } from './mask.js';

/** A block of addresses: its first address (host bits cleared) and the number of leading bits that are fixed. */
export interface Prefix {
  readonly ip: Ip;
  readonly length: number;
}

/** An address together with the length of its subnet, host bits and all, as `ip addr` prints it: `10.0.0.5/24`. */
export interface CidrAddress {
  readonly ip: Ip;
  readonly length: number;
}

/** How {@link parsePrefix} takes `10.0.0.5/24`: as 10.0.0.0/24 (the default, as iptables and ipset do) or not at all (as `ip route` does). */
export interface PrefixOptions {
  readonly hostBits?: 'clear' | 'refuse';
}

/** The prefix of that length (a whole number) around an address. A length outside the family is taken as its nearest bound. */
export function prefixOf(ip: Ip, length: number): Prefix {
  if (length === bitsOf(ip.family)) return { ip, length };
  const bits = Math.min(Math.max(length, 0), bitsOf(ip.family));
  return { ip: applyMask(ip, maskOf(ip.family, bits)), length: bits };
}

/** The prefix that holds this address only: /32 or /128. */
export function hostPrefix(ip: Ip): Prefix {
  return { ip, length: bitsOf(ip.family) };
}

/** The prefix that holds every address of the family: 0.0.0.0/0 or ::/0. */
export function defaultPrefix(family: Family): Prefix {
  return { ip: family === 4 ? ip4(0) : ip6(0, 0, 0, 0), length: 0 };
}

/**
 * Reads `address/length`, `address/mask` with a contiguous mask, or a bare address (all bits fixed). The length is decimal without
 * leading zeros. Null for anything else, for a mask with a hole, and for host bits where they are refused.
 */
export function parsePrefix(text: string, options?: PrefixOptions): Prefix | null {
  const parsed = parseCidrAddress(text);
  if (parsed === null) return null;
  const prefix = prefixOf(parsed.ip, parsed.length);
  return options?.hostBits === 'refuse' && !sameIp(prefix.ip, parsed.ip) ? null : prefix;
}

/** Reads what {@link parsePrefix} reads and keeps the host bits. Null for anything else. */
export function parseCidrAddress(text: string): CidrAddress | null {
  const slash = text.indexOf('/');
  if (slash < 0) {
    const ip = parseIp(text);
    return ip === null ? null : { ip, length: bitsOf(ip.family) };
  }
  const ip = parseIp(text, 0, slash);
  if (ip === null) return null;
  const length = parseDecimal(text, bitsOf(ip.family), slash + 1) ?? lengthOfMask(text, slash + 1, ip.family);
  return length === null ? null : { ip, length };
}

function lengthOfMask(text: string, start: number, family: Family): number | null {
  const mask = parseIp(text, start);
  return mask === null || mask.family !== family ? null : maskLength(mask);
}

/** Prints `address/length`, also for a single address. Host bits of a {@link CidrAddress} are printed. */
export function formatPrefix(prefix: Prefix | CidrAddress): string {
  return `${formatIp(prefix.ip)}/${prefix.length}`;
}

/** Prints a single address bare and any other prefix as `address/length`, as `ip route` and ipset do. */
export function formatAddressOrPrefix(prefix: Prefix | CidrAddress): string {
  return prefix.length === bitsOf(prefix.ip.family) ? formatIp(prefix.ip) : formatPrefix(prefix);
}

/** Whether the address lies in the prefix; never across families. */
export function prefixContains(prefix: Prefix, ip: Ip): boolean {
  const at = prefix.ip;
  const length = prefix.length;
  if (at.family !== ip.family) return false;
  if (length === 0) return true;
  if (length <= 32) return (at.a ^ ip.a) >>> (32 - length) === 0;
  return (
    at.a === ip.a &&
    ((at.b ^ ip.b) & wordMask(length - 32)) === 0 &&
    ((at.c ^ ip.c) & wordMask(length - 64)) === 0 &&
    ((at.d ^ ip.d) & wordMask(length - 96)) === 0
  );
}

/** Whether every address of `inner` lies in `outer`; equal prefixes cover each other. */
export function prefixCovers(outer: Prefix, inner: Prefix): boolean {
  return outer.length <= inner.length && prefixContains(outer, inner.ip);
}

/** Whether the prefixes share an address: then one covers the other. */
export function prefixesOverlap(x: Prefix, y: Prefix): boolean {
  return prefixCovers(x, y) || prefixCovers(y, x);
}

/** Whether both are the same prefix of the same family. */
export function samePrefix(x: Prefix, y: Prefix): boolean {
  return x.length === y.length && sameIp(x.ip, y.ip);
}

/** The lowest address of the prefix. */
export function firstIp(prefix: Prefix): Ip {
  return prefix.ip;
}

/** The highest address of the prefix, which in an IPv4 subnet is its directed broadcast address. */
export function lastIp(prefix: Prefix): Ip {
  const { ip, length } = prefix;
  if (ip.family === 4) return ip4(ip.a | ~wordMask(length));
  return ip6(
    ip.a | ~wordMask(length),
    ip.b | ~wordMask(length - 32),
    ip.c | ~wordMask(length - 64),
    ip.d | ~wordMask(length - 96),
  );
}
