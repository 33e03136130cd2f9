/** Devices of a namespace and their hardware addresses, as rules about the link layer ask for them. ip-link(8). */
import {
  type Evidence,
  formatMac,
  type Link,
  type Mac,
  type NetNs,
  type Snapshot,
  type Span,
  sameMac,
} from '@coldtrace/core';
import { partOf } from './part-of.js';

const byName = new WeakMap<readonly Link[], ReadonlyMap<string, Link>>();

export function linkNamed({ links: { rows } }: NetNs, name: string): Link | undefined {
  let index = byName.get(rows);
  if (index === undefined) {
    index = new Map([...rows].reverse().flatMap((row) => (row.trust === 'claimed' ? [] : [[row.name, row] as const])));
    byName.set(rows, index);
  }
  return index.get(name);
}

/** Devices that have the hardware address and are part of a wire: no loopback, no dummy, nothing without ARP. */
export function linksWithMac(ns: NetNs, mac: Mac): readonly Link[] {
  return ns.links.rows.filter(
    (row) => row.mac !== null && sameMac(row.mac, mac) && row.trust !== 'claimed' && isEthernet(row),
  );
}

export function isEthernet({ type, flags, mac, details }: Link): boolean {
  if (mac === null || flags.includes('NOARP') || flags.includes('LOOPBACK')) return false;
  if (details?.kind === 'vxlan' || (details?.kind === 'other' && details.type === 'dummy')) return false;
  return type === null || type === 'ether';
}

/** The hardware address where `ip link` or `ifconfig` prints it, which may be a line below the device's first. */
export function macEvidence(snapshot: Pick<Snapshot, 'files'>, link: Link, why: string): Evidence {
  return { span: partOfLink(snapshot, link, link.mac === null ? '' : formatMac(link.mac)), why };
}

/** Where one of the lines that print the device holds the text; its first line where none does. */
export function partOfLink(snapshot: Pick<Snapshot, 'files'>, link: Link, words: string): Span {
  const { file, start, end } = link.span;
  const text = snapshot.files[file]?.text ?? '';
  const below = /\n(?=\S|\r?\n|$)/.exec(text.slice(end, end + 2000));
  const block = { file, start, end: below === null ? end : end + below.index };
  const found = partOf(snapshot, block, words);
  return found === block ? link.span : found;
}
