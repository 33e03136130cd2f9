/** A paste of two nodes that names neither: an entry for an address that the same text shows on a device, which no node has of its own. arp(7). */
import {
  type Address,
  formatIp,
  formatMac,
  type Link,
  type Mac,
  type Neighbour,
  type Node,
  sameIp,
  sameMac,
} from '@coldtrace/core';
import { linkNamed } from '../facts/links.js';
import type { Fix } from '../finding.js';
import { vteps } from '../flannel/flannel-node.js';

export interface OwnEntry {
  readonly device: Link;
  readonly address: Address;
  readonly entry: Neighbour;
  readonly old: Mac;
  readonly mac: Mac;
}

/** Entries that a peer must have written: their hardware address is not the device's. */
export function ownEntries(node: Node): readonly OwnEntry[] {
  const { host } = node;
  return vteps(node).flatMap((name) => {
    const device = linkNamed(host, name);
    const mac = device?.mac ?? null;
    if (device === undefined || mac === null) return [];
    return host.neighbours.rows.flatMap((entry): readonly OwnEntry[] => {
      const { dev, ip, lladdr: old } = entry;
      if (dev !== name || old === null || sameMac(old, mac)) return [];
      const address = host.addresses.rows.find((row) => row.dev === name && sameIp(row.ip, ip));
      // Dumps of one node in files of their own: such an entry is left over from when the subnet was another node's.
      const isPaste = address?.span.file === entry.span.file;
      return address === undefined || !isPaste ? [] : [{ device, address, entry, old, mac }];
    });
  });
}

export const twoNodes =
  'a node has no entry for an address of its own: the entry is taken to be another node’s than the device';

export function ownEntryFix({ device, entry, old, mac }: OwnEntry): Fix {
  const words = (lladdr: Mac) =>
    `ip neigh replace ${formatIp(entry.ip)} lladdr ${formatMac(lladdr)} dev ${device.name} nud permanent`;
  return {
    steps: [
      {
        node: null,
        command: `${words(mac)}   # on each node that holds the entry`,
        disrupts: 'nothing: frames for its pods go to nobody now',
        undo: words(old),
      },
      {
        node: null,
        command: `bridge fdb show dev ${device.name} | grep ${formatMac(old)}   # there: what it prints is to name ${formatMac(mac)}`,
        disrupts: 'nothing: it shows entries',
        undo: 'none needed',
      },
    ],
    persist:
      'flanneld writes both entries from the annotations of the Node objects when it starts: restart the one of the node that has the device, then the others.',
    notes: '',
    verified: null,
  };
}
