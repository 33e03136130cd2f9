/** Addresses from and to text: the grammar of inet_pton(3), the print of inet_ntop(3) and so of RFC 5952. */
import { hexDigit } from './decimal.js';
import { type Ip, ip4, ip6 } from './ip.js';

const DOT = 46;
const ZERO = 48;
const COLON = 58;

/** The eight groups of the IPv6 address being read or printed; one buffer, since neither calls back. */
const groups = new Uint16Array(8);

/**
 * Reads an address of either family between two offsets of a text. The whole of it must be the address: no blanks,
 * no zone, no leading zeros in a dotted quad, at most four hex digits in a group. Null for anything else.
 */
export function parseIp(text: string, start = 0, end = text.length): Ip | null {
  // An IPv6 address has a colon among its first five characters.
  const limit = Math.min(end, start + 5);
  for (let at = start; at < limit; at++) {
    if (text.charCodeAt(at) === COLON) return parseIp6(text, start, end);
  }
  return parseIp4(text, start, end);
}

/** Reads a dotted quad (four decimal octets without leading zeros); null for anything else. */
export function parseIp4(text: string, start = 0, end = text.length): Ip | null {
  const value = parseIp4Value(text, start, end);
  return value < 0 ? null : ip4(value);
}

/** Reads a dotted quad as a uint32 without making an object; -1 for anything else. */
export function parseIp4Value(text: string, start = 0, end = text.length): number {
  let value = 0;
  let octet = -1;
  let dots = 0;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === DOT) {
      if (octet < 0 || dots === 3) return -1;
      value = (value << 8) | octet;
      octet = -1;
      dots++;
    } else if (code >= ZERO && code <= 57) {
      if (octet < 0) octet = code - ZERO;
      else if (octet === 0) return -1;
      else octet = octet * 10 + (code - ZERO);
      if (octet > 255) return -1;
    } else return -1;
  }
  return octet < 0 || dots !== 3 ? -1 : ((value << 8) | octet) >>> 0;
}

/** Reads an IPv6 address in any form that inet_pton takes, a trailing dotted quad included; null for anything else. */
export function parseIp6(text: string, start = 0, end = text.length): Ip | null {
  const count = readGroups(text, start, end);
  return count ? ip6(word(0), word(2), word(4), word(6)) : null;
}

function readGroups(text: string, start: number, end: number): boolean {
  let at = start;
  let count = 0;
  let gap = -1;
  if (text.charCodeAt(at) === COLON) {
    // A colon may only lead as the first of two.
    if (end - start < 2 || text.charCodeAt(at + 1) !== COLON) return false;
    gap = 0;
    at += 2;
  }
  while (at < end) {
    const groupStart = at;
    let value = 0;
    let code = 0;
    for (; at < end; at++) {
      code = text.charCodeAt(at);
      const digit = hexDigit(code);
      if (digit < 0) break;
      if (at - groupStart === 4) return false;
      value = value * 16 + digit;
    }
    if (at < end && code === DOT) {
      const quad = count <= 6 ? parseIp4Value(text, groupStart, end) : -1;
      if (quad < 0) return false;
      groups[count++] = quad >>> 16;
      groups[count++] = quad & 0xffff;
      break;
    }
    if (at === groupStart || count === 8) return false;
    groups[count++] = value;
    if (at === end) break;
    if (code !== COLON) return false;
    at++;
    if (at === end) return false;
    if (text.charCodeAt(at) === COLON) {
      if (gap >= 0) return false;
      gap = count;
      at++;
    }
  }
  if (gap < 0) return count === 8;
  if (count === 8) return false;
  groups.copyWithin(8 - (count - gap), gap, count);
  groups.fill(0, gap, 8 - (count - gap));
  return true;
}

function word(at: number): number {
  return (((groups[at] ?? 0) << 16) | (groups[at + 1] ?? 0)) >>> 0;
}

/**
 * Prints an address as `ip`, `iptables-save` and `ipset` do: IPv6 in lower case, the first longest run of zero groups as `::`,
 * and the last 32 bits as a dotted quad in IPv4-mapped and IPv4-compatible addresses (`::ffff:1.2.3.4`, `::1.2.3.4`, but `::1`).
 */
export function formatIp(ip: Ip): string {
  return ip.family === 4 ? formatQuad(ip.a) : formatIp6(ip);
}

/** The last quads that were printed, by a mix of their bits: those of one node are printed over and over. */
const slots = 4096;
const printedQuads = new Uint32Array(slots);
const printedTexts: string[] = Array.from({ length: slots }, () => '0.0.0.0');

function formatQuad(value: number): string {
  const slot = (value ^ (value >>> 12)) & (slots - 1);
  if (printedQuads[slot] === value >>> 0) return printedTexts[slot] ?? '';
  const text = `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
  printedQuads[slot] = value;
  printedTexts[slot] = text;
  return text;
}

function formatIp6(ip: Ip): string {
  putWord(0, ip.a);
  putWord(2, ip.b);
  putWord(4, ip.c);
  putWord(6, ip.d);
  const [runStart, runLength] = longestZeroRun();
  const embedsQuad = runStart === 0 && (runLength === 6 || (runLength === 5 && groups[5] === 0xffff));
  const hexGroups = embedsQuad ? 6 : 8;
  let out = '';
  for (let at = 0; at < hexGroups; ) {
    if (at === runStart) {
      out += '::';
      at += runLength;
    } else {
      if (at > 0 && at !== runStart + runLength) out += ':';
      out += (groups[at] ?? 0).toString(16);
      at++;
    }
  }
  if (!embedsQuad) return out;
  return `${out}${out.endsWith(':') ? '' : ':'}${formatQuad(ip.d)}`;
}

function putWord(at: number, value: number): void {
  groups[at] = value >>> 16;
  groups[at + 1] = value & 0xffff;
}

/** The first longest run of at least two zero groups, as [start, length]; start is -9 when there is none. */
function longestZeroRun(): readonly [number, number] {
  let bestStart = -9;
  let bestLength = 1;
  let length = 0;
  for (let at = 0; at < 8; at++) {
    length = groups[at] === 0 ? length + 1 : 0;
    if (length > bestLength) {
      bestLength = length;
      bestStart = at - length + 1;
    }
  }
  return [bestStart, bestStart < 0 ? 0 : bestLength];
}
