/** IPv6 addresses with a zone, as `fe80::1%eth0` (RFC 4007 section 11); the zone is never part of the address. */
import type { Ip } from './ip.js';
import { formatIp, parseIp } from './ip-text.js';

/** An address and the interface it is meant on, if any was written. The zone is kept as written. */
export interface ZonedIp {
  readonly ip: Ip;
  readonly zone: string | null;
}

/**
 * Reads an address with or without `%zone`. A zone is any non-empty text without blanks, `%` and `/` (what the kernel lets an
 * interface be called, dots and dashes included). Null for anything else, and for an IPv4 address with a zone.
 */
export function parseZonedIp(text: string): ZonedIp | null {
  const percent = text.indexOf('%');
  if (percent < 0) {
    const ip = parseIp(text);
    return ip === null ? null : { ip, zone: null };
  }
  const ip = parseIp(text, 0, percent);
  const zone = text.slice(percent + 1);
  if (ip === null || ip.family !== 6 || zone === '' || /[\s%/]/.test(zone)) return null;
  return { ip, zone };
}

/** Prints `address` or `address%zone`. */
export function formatZonedIp(zoned: ZonedIp): string {
  return zoned.zone === null ? formatIp(zoned.ip) : `${formatIp(zoned.ip)}%${zoned.zone}`;
}
