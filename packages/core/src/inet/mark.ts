/** Packet and connection marks with masks (iptables-extensions(8) mark, MARK, connmark, CONNMARK; ip-rule(8) fwmark). */
import { parseUint32 } from './decimal.js';

/** A value and the bits of the mark that it concerns, both uint32. The value may have bits outside the mask. */
export interface Mark {
  readonly value: number;
  readonly mask: number;
}

/** Reads `value` (mask of all ones) or `value/mask`, each as strtoul(3) with base 0 does; null for anything else. */
export function parseMark(text: string): Mark | null {
  const slash = text.indexOf('/');
  const value = parseUint32(text, 0, slash < 0 ? text.length : slash);
  const mask = slash < 0 ? 0xffffffff : parseUint32(text, slash + 1);
  return value === null || mask === null ? null : { value, mask };
}

/** Prints value and mask, `0x1/0xff`, as the targets MARK and CONNMARK print `--set-xmark`. */
export function formatMark(mark: Mark): string {
  return `0x${mark.value.toString(16)}/0x${mark.mask.toString(16)}`;
}

/** Prints the mask only if a bit of it is clear, as the matches mark and connmark do. */
export function formatShortMark(mark: Mark): string {
  return mark.mask === 0xffffffff ? `0x${mark.value.toString(16)}` : formatMark(mark);
}

/** Prints as `ip rule` does: like {@link formatShortMark}, but zero is `0` without `0x`. */
export function formatFwmark({ value, mask }: Mark): string {
  const head = alternateHex(value);
  return mask === 0xffffffff ? head : `${head}/${alternateHex(mask)}`;
}

function alternateHex(value: number): string {
  return value === 0 ? '0' : `0x${value.toString(16)}`;
}

/** Whether a packet's mark satisfies `-m mark --mark`: the bits under the mask equal the whole value (net/netfilter/xt_mark.c). */
export function markMatches(packetMark: number, { value, mask }: Mark): boolean {
  return (packetMark & mask) >>> 0 === value;
}

/** Whether a packet's mark satisfies `ip rule fwmark`: value and packet agree under the mask (net/core/fib_rules.c). */
export function fwmarkMatches(packetMark: number, { value, mask }: Mark): boolean {
  return ((packetMark ^ value) & mask) === 0;
}

/** The mark after `--set-xmark value/mask`: the bits under the mask cleared, then the value xor-ed in. */
export function setXmark(packetMark: number, { value, mask }: Mark): number {
  return ((packetMark & ~mask) ^ value) >>> 0;
}

/** The mark after `--set-mark value/mask`: the bits of mask and value cleared, then the value or-ed in. */
export function setMark(packetMark: number, { value, mask }: Mark): number {
  return setXmark(packetMark, { value, mask: (mask | value) >>> 0 });
}
