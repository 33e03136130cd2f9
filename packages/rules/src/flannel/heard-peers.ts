/** Nodes that are known only from what flanneld of another node logged about them. flannel: pkg/backend/route_network.go, pkg/backend/vxlan. */
import {
  formatIp,
  type Ip,
  type Node,
  type Prefix,
  parseIp,
  prefixesOverlap,
  type SeenLog,
  sameIp,
} from '@coldtrace/core';
import { type FlannelNode, flannelLogs, networkOf, type Told } from './flannel-node.js';

interface Heard {
  readonly subnet: Told<Prefix>;
  readonly at: Told<Ip>;
}

/** One for each subnet that no known node holds; the address stands for the name that nothing tells. */
export function heardPeers(nodes: readonly Node[], known: readonly FlannelNode[]): readonly FlannelNode[] {
  const peers: FlannelNode[] = [];
  for (const { subnet, at } of nodes.flatMap(heardBy)) {
    const taken = [...known, ...peers].some(
      (one) =>
        one.subnets.some(({ value }) => prefixesOverlap(value, subnet.value)) ||
        one.publicIps.some(({ value }) => sameIp(value, at.value)),
    );
    if (!taken) peers.push({ name: formatIp(at.value), node: null, object: null, subnets: [subnet], publicIps: [at] });
  }
  return peers;
}

/** What was added and not removed later. */
function heardBy(node: Node): readonly Heard[] {
  const heard = new Map<string, Heard>();
  for (const row of flannelLogs(node)) {
    const subnet = networkOf(row.data['subnet'] ?? '');
    if (subnet === null) continue;
    const key = row.data['subnet'] ?? '';
    if (row.event === 'flannel-subnet-removed') heard.delete(key);
    const at = parseIp(row.data['via'] ?? row.data['publicIp'] ?? '');
    if (at === null || (row.event !== 'flannel-subnet-added' && row.event !== 'flannel-peer')) continue;
    heard.set(key, { subnet: told(subnet, row), at: told(at, row) });
  }
  return [...heard.values()];
}

function told<T>(value: T, { span }: SeenLog): Told<T> {
  return { value, evidence: { span, why: 'flanneld heard of this node' }, trust: 'claimed', source: 'peer-log' };
}
