/** Devices of a namespace and their hardware addresses, as rules about the link layer ask for them. ip-link(8). */
import { type Evidence, formatMac, type Link, type Mac, type NetNs, type Snapshot, sameMac } from '@coldtrace/core';
import { partOf } from './part-of.js';

export function linkNamed(ns: NetNs, name: string): Link | undefined {
  return ns.links.rows.find((row) => row.name === name && row.trust !== 'claimed');
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
  const mac = link.mac === null ? '' : formatMac(link.mac);
  const { file, start, end } = link.span;
  const text = snapshot.files[file]?.text ?? '';
  const below = /\n(?=\S|\r?\n|$)/.exec(text.slice(end, end + 2000));
  const block = { file, start, end: below === null ? end : end + below.index };
  const found = partOf(snapshot, block, mac);
  return { span: found === block ? link.span : found, why };
}
