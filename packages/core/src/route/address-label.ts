/** Labels of IPv6 addresses, which pair sources with destinations. net/ipv6/addrlabel.c, RFC 6724 section 2.1. */
import { type Ip, ip6 } from '../inet/ip.js';
import { type Prefix, prefixContains } from '../inet/prefix.js';
import type { NetNs } from '../snapshot/node.js';

interface Label {
  readonly prefix: Prefix;
  readonly dev: string | null;
  readonly label: number;
}

const block = (a: number, b: number, c: number, d: number, length: number, label: number): Label => ({
  prefix: { ip: ip6(a, b, c, d), length },
  dev: null,
  label,
});

/** What every namespace starts with. */
const initial: readonly Label[] = [
  block(0, 0, 0, 1, 128, 0),
  block(0, 0, 0, 0, 96, 3),
  block(0, 0, 0xffff, 0, 96, 4),
  block(0x20010000, 0, 0, 0, 32, 6),
  block(0x20010010, 0, 0, 0, 28, 7),
  block(0x3ffe0000, 0, 0, 0, 16, 12),
  block(0x20020000, 0, 0, 0, 16, 2),
  block(0xfec00000, 0, 0, 0, 10, 11),
  block(0xfc000000, 0, 0, 0, 7, 5),
  block(0, 0, 0, 0, 0, 1),
];

/** The label of an address on a device; longer prefixes first, as the kernel keeps them. */
export function addressLabel(ns: NetNs, ip: Ip, dev: string | null): number {
  const rows: readonly Label[] = ns.addrLabels.state === 'complete' ? ns.addrLabels.rows : initial;
  const covering = rows.filter((row) => (row.dev === null || row.dev === dev) && prefixContains(row.prefix, ip));
  const best = covering.reduce<Label | null>(
    (top, row) => (top === null || row.prefix.length > top.prefix.length ? row : top),
    null,
  );
  return best?.label ?? 0xffffffff;
}
