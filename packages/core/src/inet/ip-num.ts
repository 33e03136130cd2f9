/** Conversion to and from the classes of the ip-num package: the entry point `@coldtrace/core/ip-num`, used by nothing inside. */
import { IPv4, IPv4CidrRange, IPv4Prefix, IPv6, IPv6CidrRange, IPv6Prefix, RangedSet } from 'ip-num';
import { compareIp, type Ip, ip4, ip6 } from './ip.js';
import { type Prefix, prefixOf } from './prefix.js';
import type { IpRange } from './range.js';

/**
 * The ip-num object of an address (`IPv4`, `IPv6`), a prefix (`IPv4CidrRange`, `IPv6CidrRange`) or a range (`RangedSet`). Null only for
 * a range whose last address is below its first or of another family, which ip-num cannot hold. ip-num compares by number alone:
 * it holds 0.0.0.1 and `::1` for equal, so compare within one family.
 */
export function toIpNum(value: Ip): IPv4 | IPv6;
export function toIpNum(value: Prefix): IPv4CidrRange | IPv6CidrRange;
export function toIpNum(value: IpRange): RangedSet<IPv4> | RangedSet<IPv6> | null;
export function toIpNum(value: Ip | Prefix | IpRange) {
  if ('family' in value) return addressToIpNum(value);
  return 'length' in value ? prefixToIpNum(value) : rangeToIpNum(value);
}

/**
 * The address, prefix or range of an ip-num object. Host bits of a CIDR range are cleared, and a zone, which is no part of an address,
 * is left behind (`IPv6.zoneId`).
 */
export function fromIpNum(value: IPv4 | IPv6): Ip;
export function fromIpNum(value: IPv4CidrRange | IPv6CidrRange): Prefix;
export function fromIpNum(value: RangedSet<IPv4> | RangedSet<IPv6>): IpRange;
export function fromIpNum(
  value: IPv4 | IPv6 | IPv4CidrRange | IPv6CidrRange | RangedSet<IPv4> | RangedSet<IPv6>,
): Ip | Prefix | IpRange {
  if (value instanceof IPv4CidrRange || value instanceof IPv6CidrRange) {
    return prefixOf(addressFromIpNum(value.getFirst()), Number(value.getPrefix().getValue()));
  }
  if (value instanceof RangedSet) {
    return { first: addressFromIpNum(value.getFirst()), last: addressFromIpNum(value.getLast()) };
  }
  return addressFromIpNum(value);
}

function addressToIpNum(ip: Ip): IPv4 | IPv6 {
  return ip.family === 4 ? new IPv4(BigInt(ip.a)) : new IPv6(wide(ip));
}

function wide(ip: Ip): bigint {
  return (BigInt(ip.a) << 96n) | (BigInt(ip.b) << 64n) | (BigInt(ip.c) << 32n) | BigInt(ip.d);
}

function prefixToIpNum({ ip, length }: Prefix): IPv4CidrRange | IPv6CidrRange {
  return ip.family === 4
    ? new IPv4CidrRange(new IPv4(BigInt(ip.a)), new IPv4Prefix(BigInt(length)))
    : new IPv6CidrRange(new IPv6(wide(ip)), new IPv6Prefix(BigInt(length)));
}

function rangeToIpNum({ first, last }: IpRange): RangedSet<IPv4> | RangedSet<IPv6> | null {
  if (first.family !== last.family || compareIp(first, last) > 0) return null;
  return first.family === 4
    ? new RangedSet(new IPv4(BigInt(first.a)), new IPv4(BigInt(last.a)))
    : new RangedSet(new IPv6(wide(first)), new IPv6(wide(last)));
}

function addressFromIpNum(ip: IPv4 | IPv6): Ip {
  if (ip instanceof IPv4) return ip4(Number(ip.value));
  return ip6(word(ip.value, 96n), word(ip.value, 64n), word(ip.value, 32n), word(ip.value, 0n));
}

function word(value: bigint, shift: bigint): number {
  return Number((value >> shift) & 0xffffffffn);
}
