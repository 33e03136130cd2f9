/** Ranges of addresses, first to last, as `-m iprange` and ipset write them (iptables-extensions(8), ipset(8)). */
import { parseDecimal } from './decimal.js';
import { compareIp, type Ip, ip4, nextIp, sameIp } from './ip.js';
import { formatIp, parseIp } from './ip-text.js';
import { bitsOf } from './mask.js';
import { firstIp, lastIp, type Prefix, prefixOf } from './prefix.js';

/** The addresses from `first` to `last`, both included and of one family. A range with `last` below `first` holds none. */
export interface IpRange {
  readonly first: Ip;
  readonly last: Ip;
}

/** What {@link parseRange} takes beside `first-last` in ascending order. */
export interface RangeOptions {
  /** Take `10.0.0.1-9` as 10.0.0.1 to 10.0.0.9. */
  readonly lastOctet?: boolean;
  /**
   * What becomes of a last address below the first: refused (the default), kept as iptables does (it then matches nothing),
   * or the two exchanged as ipset does.
   */
  readonly reversed?: 'keep' | 'refuse' | 'swap';
}

/** Reads `first-last` of one family, or a bare address as a range of one. Null for anything else. */
export function parseRange(text: string, options?: RangeOptions): IpRange | null {
  const dash = text.indexOf('-');
  if (dash < 0) {
    const ip = parseIp(text);
    return ip === null ? null : { first: ip, last: ip };
  }
  const first = parseIp(text, 0, dash);
  if (first === null) return null;
  const last = parseIp(text, dash + 1) ?? (options?.lastOctet ? sameSubnet(first, text, dash + 1) : null);
  if (last === null || last.family !== first.family) return null;
  if (compareIp(first, last) <= 0 || options?.reversed === 'keep') return { first, last };
  return options?.reversed === 'swap' ? { first: last, last: first } : null;
}

function sameSubnet(first: Ip, text: string, start: number): Ip | null {
  const octet = first.family === 4 ? parseDecimal(text, 255, start) : null;
  return octet === null ? null : ip4((first.a & 0xffffff00) | octet);
}

/** Prints `first-last`, also when both are the same. */
export function formatRange(range: IpRange): string {
  return `${formatIp(range.first)}-${formatIp(range.last)}`;
}

/** The addresses of a prefix as a range. */
export function prefixRange(prefix: Prefix): IpRange {
  return { first: firstIp(prefix), last: lastIp(prefix) };
}

/** Whether the address lies in the range; never across families. */
export function rangeContains(range: IpRange, ip: Ip): boolean {
  return ip.family === range.first.family && compareIp(range.first, ip) <= 0 && compareIp(ip, range.last) <= 0;
}

/** Whether the ranges share an address; never across families. */
export function rangesOverlap(x: IpRange, y: IpRange): boolean {
  if (x.first.family !== y.first.family) return false;
  const first = compareIp(x.first, y.first) < 0 ? y.first : x.first;
  return rangeContains(x, first) && rangeContains(y, first);
}

/** Whether both have the same ends. */
export function sameRange(x: IpRange, y: IpRange): boolean {
  return sameIp(x.first, y.first) && sameIp(x.last, y.last);
}

/** The fewest prefixes that hold exactly the range, in ascending order; none for a reversed range. */
export function rangeToPrefixes(range: IpRange): Prefix[] {
  const prefixes: Prefix[] = [];
  let from: Ip | null = range.first;
  while (from !== null && compareIp(from, range.last) <= 0) {
    const prefix: Prefix = largestPrefixAt(from, range.last);
    prefixes.push(prefix);
    from = nextIp(lastIp(prefix));
  }
  return prefixes;
}

function largestPrefixAt(from: Ip, last: Ip): Prefix {
  let best = prefixOf(from, bitsOf(from.family));
  while (best.length > 0) {
    const wider = prefixOf(from, best.length - 1);
    if (!sameIp(wider.ip, from) || compareIp(lastIp(wider), last) > 0) break;
    best = wider;
  }
  return best;
}
