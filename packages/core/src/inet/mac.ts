/** Ethernet hardware addresses (EUI-48), as `ip link`, bridge and xtables print them. */

import { hexDigit } from './decimal.js';

/** Six octets: the first two in `hi` (uint16), the other four in `lo` (uint32). */
export interface Mac {
  readonly hi: number;
  readonly lo: number;
}

/** What {@link parseMac} takes beside two hex digits per octet with colons between. */
export interface MacOptions {
  /** Take octets of one digit too, as old net-tools and some systems print them: `0:1c:42:0:0:8`. */
  readonly shortOctets?: boolean;
}

/**
 * Reads six octets of hex digits of either case with colons between. Null for anything else, so also for hardware addresses of
 * other lengths (InfiniBand has 20 octets, an ipip tunnel four).
 */
export function parseMac(text: string, options?: MacOptions): Mac | null {
  let hi = 0;
  let lo = 0;
  let octets = 0;
  let digits = 0;
  let octet = 0;
  for (let at = 0; at <= text.length; at++) {
    const digit = at === text.length ? -1 : hexDigit(text.charCodeAt(at));
    if (digit >= 0) {
      if (++digits > 2) return null;
      octet = octet * 16 + digit;
      continue;
    }
    if (at < text.length && text[at] !== ':') return null;
    if (digits === 0 || (digits === 1 && !options?.shortOctets) || octets === 6) return null;
    if (octets < 2) hi = hi * 256 + octet;
    else lo = lo * 256 + octet;
    octets++;
    digits = 0;
    octet = 0;
  }
  return octets === 6 ? { hi, lo } : null;
}

/** Prints six octets of two lower-case hex digits with colons between, as the kernel does. */
export function formatMac(mac: Mac): string {
  const digits = mac.hi.toString(16).padStart(4, '0') + mac.lo.toString(16).padStart(8, '0');
  return `${digits.slice(0, 2)}:${digits.slice(2, 4)}:${digits.slice(4, 6)}:${digits.slice(6, 8)}:${digits.slice(8, 10)}:${digits.slice(10)}`;
}

/** Whether both are the same hardware address. */
export function sameMac(x: Mac, y: Mac): boolean {
  return x.lo === y.lo && x.hi === y.hi;
}

/** Whether the group bit is set: multicast, and broadcast with it. */
export function isGroupMac(mac: Mac): boolean {
  return (mac.hi & 0x0100) !== 0;
}

/** Whether it is ff:ff:ff:ff:ff:ff. */
export function isBroadcastMac(mac: Mac): boolean {
  return mac.hi === 0xffff && mac.lo === 0xffffffff;
}

/** Whether it is 00:00:00:00:00:00, which stands for every address in the forwarding entries of a VXLAN device. */
export function isZeroMac(mac: Mac): boolean {
  return mac.hi === 0 && mac.lo === 0;
}
