/** Neighbour entries that name the hardware address of another interface of the node that holds the address. arp(7). */
import {
  type Address,
  formatIp,
  type Ip,
  type Link,
  type Mac,
  type Neighbour,
  type Node,
  prefixContains,
  prefixOf,
  sameIp,
  sameMac,
} from '@coldtrace/core';
import { isEthernet, linkNamed, linksWithMac } from '../facts/links.js';

export type Addressed = Neighbour & { readonly lladdr: Mac };

export interface Misdirected {
  readonly node: Node;
  readonly entry: Addressed;
  /** Who holds the address, and on which interface. */
  readonly holder: Node;
  readonly address: Address;
  readonly right: Link & { readonly mac: Mac };
  /** The interface whose hardware address the entry has. */
  readonly wrong: Link;
  /** The node's own address in the same network; null: its addresses were not captured. */
  readonly own: Address | null;
}

export interface Held {
  readonly node: Node;
  readonly address: Address;
}

/** Every captured host address and who has it. */
export function heldAddresses(nodes: readonly Node[]): ReadonlyMap<string, readonly Held[]> {
  const held = new Map<string, Held[]>();
  for (const node of nodes) {
    for (const address of node.host.addresses.rows) {
      if (address.trust === 'claimed' || address.dev === 'lo') continue;
      const key = formatIp(address.ip);
      held.set(key, [...(held.get(key) ?? []), { node, address }]);
    }
  }
  return held;
}

const unusable = new Set(['FAILED', 'INCOMPLETE', 'NOARP', 'NONE']);

export function misdirectedEntries(node: Node, held: ReadonlyMap<string, readonly Held[]>): readonly Misdirected[] {
  return node.host.neighbours.rows.flatMap((entry) => {
    if (!isUsable(entry)) return [];
    const [only, another] = held.get(formatIp(entry.ip)) ?? [];
    if (only === undefined || another !== undefined || only.node === node) return [];
    return judge(node, entry, only) ?? [];
  });
}

/** It names a hardware address, and the kernel sends there. */
export function isUsable(entry: Neighbour): entry is Addressed {
  return entry.lladdr !== null && !entry.proxy && entry.trust !== 'claimed' && !unusable.has(entry.nud ?? '');
}

/** It asks from another network than the one that the address stands in: there anybody may answer for it. */
export function standsElsewhere(node: Node, { dev, ip }: Neighbour): boolean {
  return (
    ownAddress(node, dev, ip) === null &&
    node.host.addresses.rows.some((row) => row.dev === dev && row.ip.family === ip.family)
  );
}

function judge(node: Node, entry: Addressed, { node: holder, address }: Held): Misdirected | null {
  const { lladdr } = entry;
  const right = linkNamed(holder.host, address.dev);
  if (right === undefined || right.mac === null || sameMac(right.mac, lladdr) || !isEthernet(right)) return null;
  const wrong = otherInterface(holder, right, lladdr);
  if (wrong === null) return null;
  if (standsElsewhere(node, entry)) return null;
  const own = ownAddress(node, entry.dev, entry.ip);
  return { node, entry, holder, address, right: { ...right, mac: right.mac }, wrong, own };
}

/** A member of a bond answers for the bond, and a device stands on another one; masters go before their members. */
export function otherInterface(holder: Node, right: Link, lladdr: Mac): Link | null {
  const candidates = linksWithMac(holder.host, lladdr).filter(
    (link) => link.master !== right.name && right.peer !== link.name,
  );
  return candidates.find(({ master }) => master === null) ?? candidates[0] ?? null;
}

export function ownAddress(node: Node, dev: string, ip: Ip): Address | null {
  const found = node.host.addresses.rows.find(
    (row) =>
      row.dev === dev &&
      row.trust !== 'claimed' &&
      !sameIp(row.ip, ip) &&
      prefixContains(prefixOf(row.ip, row.prefixLength), ip),
  );
  return found ?? null;
}
