/** Which address node-ip has to name: the one that is dialled, unless it is that of a bridge for containers, which the node took for its own. */
import { formatIp, isLoopback, type Node, parseIp, sameIp } from '@coldtrace/core';
import { ownerOfLink } from '../owner/owner.js';
import { hasAddress } from './judge.js';

export interface OwnAddress {
  readonly address: string;
  /** The bridge that holds the dialled address; null: the node may keep that one. */
  readonly bridge: string | null;
}

/** What docker gives its bridge where nobody says otherwise. */
const dockersDefault = '172.17.0.1';

/** `names`: what the certificate is valid for, the node's former address among them. */
export function ownAddress(node: Node | null, dialled: string, names: readonly string[]): OwnAddress {
  const bridge = bridgeOf(node, dialled);
  if (bridge === null) return { address: dialled, bridge };
  const former = names.find((name) => {
    const ip = parseIp(name);
    if (ip === null || isLoopback(ip) || bridgeOf(node, formatIp(ip)) !== null) return false;
    return node === null || node.host.addresses.state === 'absent' || hasAddress(node, name);
  });
  return { address: former ?? 'ADDRESS-OF-THE-NODE', bridge };
}

function bridgeOf(node: Node | null, address: string): string | null {
  const ip = parseIp(address);
  if (ip === null) return null;
  const rows = node?.host.addresses.rows.filter((row) => sameIp(row.ip, ip)) ?? [];
  const held = rows.find(({ dev }) => ownerOfLink(dev) !== null);
  if (held !== undefined) return held.dev;
  return rows.length === 0 && formatIp(ip) === dockersDefault ? 'docker0' : null;
}
