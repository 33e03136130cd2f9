/**
 * IPv4 addresses as people type them to iptables(8) and ip(8), which take fewer octets and octal or hexadecimal ones. No dump
 * prints these, and `parseIp` refuses them (libxtables/xtables.c, iproute2 lib/utils.c).
 */
import { parseUint32 } from './decimal.js';
import { type Ip, ip4 } from './ip.js';
import { parseIp6 } from './ip-text.js';
import { bitsOf, maskOf } from './mask.js';
import { type Masked, masked } from './masked.js';

/**
 * Reads an address as those tools do: an IPv4 address of one to four octets in base 0, zeros for those left out (`10.1` is 10.1.0.0,
 * `010.0.0.1` is 8.0.0.1), or an IPv6 address in its usual form. Null for anything else.
 */
export function parseTypedIp(text: string, start = 0, end = text.length): Ip | null {
  return parseOctets(text, start, end, 1) ?? parseIp6(text, start, end);
}

/** Reads `address`, `address/length` or `address/mask` in that grammar; a mask has all four octets. Null for anything else. */
export function parseTypedMasked(text: string): Masked | null {
  const slash = text.indexOf('/');
  const ip = parseTypedIp(text, 0, slash < 0 ? text.length : slash);
  if (ip === null) return null;
  const bits = bitsOf(ip.family);
  if (slash < 0) return { ip, mask: maskOf(ip.family, bits) };
  const mask = ip.family === 4 ? parseOctets(text, slash + 1, text.length, 4) : parseIp6(text, slash + 1);
  if (mask !== null) return masked(ip, mask);
  const length = parseUint32(text, slash + 1);
  return length === null || length > bits ? null : masked(ip, maskOf(ip.family, length));
}

function parseOctets(text: string, start: number, end: number, fewest: number): Ip | null {
  let value = 0;
  let octets = 0;
  for (let from = start; from <= end; octets++) {
    const dot = text.indexOf('.', from);
    const to = dot < 0 || dot > end ? end : dot;
    const octet = octets < 4 ? parseUint32(text, from, to) : null;
    if (octet === null || octet > 255) return null;
    value = value * 256 + octet;
    from = to + 1;
  }
  return octets < fewest ? null : ip4(value * 256 ** (4 - octets));
}
