/** Pods of nodes that were not captured: a route of its own leads to their subnet, which is one of the plan that the node's own pods are of. */
import {
  formatPrefix,
  hostPrefix,
  type Ip,
  type Node,
  type Prefix,
  prefixContains,
  prefixOf,
  type Snapshot,
  samePrefix,
} from '@coldtrace/core';
import { routeTo } from '../facts/route-to.js';

export interface Sibling {
  readonly name: string;
  readonly ip: Ip;
}

/** Of the subnets of one cluster all but this last part of the address is the same, where a node has 254 addresses: 10.244.1.0/24 and 10.244.2.0/24. */
const bitsOfNodes = 8;

/** The first of them; null where every subnet's node was captured, or nothing shows what the own one is. */
export function siblingOf(snapshot: Snapshot, node: Node, pod: Ip): Sibling | null {
  const own = routeTo(node, pod)?.dst ?? null;
  if (own === null || own.length <= bitsOfNodes || own.length >= (pod.family === 4 ? 32 : 128)) return null;
  const plan = prefixOf(own.ip, own.length - bitsOfNodes);
  for (const { type, table, dst, nexthops } of node.host.routes.rows) {
    const via = nexthops.length === 1 ? (nexthops[0]?.via ?? null) : null;
    if (type !== 'unicast' || table !== 'main' || via === null) continue;
    if (dst.length !== own.length || !prefixContains(plan, dst.ip) || samePrefix(dst, own)) continue;
    if (!snapshot.nodes.some((other) => other !== node && (holds(other, dst) || holds(other, hostPrefix(via)))))
      return { name: `pods of ${formatPrefix(dst)}`, ip: secondOf(dst.ip) };
  }
  return null;
}

const holds = ({ host }: Node, subnet: Prefix) => host.addresses.rows.some(({ ip }) => prefixContains(subnet, ip));

/** The first is the bridge's. */
function secondOf(ip: Ip): Ip {
  return ip.family === 4 ? { ...ip, a: (ip.a + 2) >>> 0 } : { ...ip, d: (ip.d + 2) >>> 0 };
}
