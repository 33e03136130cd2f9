/** Addresses under an arbitrary mask, as xtables keeps `-s` and `-d` (iptables(8); struct ipt_ip). */
import { parseDecimal } from './decimal.js';
import { type Ip, sameIp } from './ip.js';
import { formatIp, parseIp } from './ip-text.js';
import { applyMask, bitsOf, maskLength, maskOf } from './mask.js';
import { type Prefix, prefixOf } from './prefix.js';

/** The addresses whose bits under `mask` are those of `ip`. The mask may have holes; `ip` has no bit outside it. */
export interface Masked {
  readonly ip: Ip;
  readonly mask: Ip;
}

/** The masked address; bits outside the mask are cleared, as the tools do before they load a rule. */
export function masked(ip: Ip, mask: Ip): Masked {
  return { ip: applyMask(ip, mask), mask };
}

/** The same addresses as a prefix holds. */
export function maskedOfPrefix(prefix: Prefix): Masked {
  return { ip: prefix.ip, mask: maskOf(prefix.ip.family, prefix.length) };
}

/** The same addresses as a prefix, or null when the mask has a hole. */
export function prefixOfMasked(value: Masked): Prefix | null {
  const length = maskLength(value.mask);
  return length === null ? null : prefixOf(value.ip, length);
}

/**
 * Reads `address`, `address/length` or `address/mask` with any mask of the family, and clears the bits outside the mask.
 * Null for anything else.
 */
export function parseMasked(text: string): Masked | null {
  const slash = text.indexOf('/');
  const ip = parseIp(text, 0, slash < 0 ? text.length : slash);
  if (ip === null) return null;
  if (slash < 0) return { ip, mask: maskOf(ip.family, bitsOf(ip.family)) };
  const length = parseDecimal(text, bitsOf(ip.family), slash + 1);
  if (length !== null) return masked(ip, maskOf(ip.family, length));
  const mask = parseIp(text, slash + 1);
  return mask === null || mask.family !== ip.family ? null : masked(ip, mask);
}

/** Prints it as iptables-save does: `10.0.0.0/24`, `10.0.0.1/32`, and the mask itself when it has a hole. */
export function formatMasked(value: Masked): string {
  const length = maskLength(value.mask);
  return `${formatIp(value.ip)}/${length === null ? formatIp(value.mask) : length}`;
}

/** Whether the address is one of them; never across families. */
export function maskedContains(value: Masked, ip: Ip): boolean {
  const at = value.ip;
  const mask = value.mask;
  return (
    at.family === ip.family &&
    (ip.a & mask.a) >>> 0 === at.a &&
    (ip.b & mask.b) >>> 0 === at.b &&
    (ip.c & mask.c) >>> 0 === at.c &&
    (ip.d & mask.d) >>> 0 === at.d
  );
}

/** Whether both hold the same addresses. */
export function sameMasked(x: Masked, y: Masked): boolean {
  return sameIp(x.ip, y.ip) && sameIp(x.mask, y.mask);
}
