/** Addresses that host-local hands out on a node: how many there are, how many are reserved. containernetworking plugins, ipam/host-local/backend/allocator. */
import {
  type AddressReservation,
  type Evidence,
  formatPrefix,
  type Ip,
  type Node,
  type Observation,
  type Prefix,
  parseIp,
  parsePrefix,
  prefixContains,
  prefixOf,
  type SeenLog,
  type Setting,
  type Snapshot,
} from '@coldtrace/core';

export interface AddressRange {
  readonly subnet: Prefix;
  /** Addresses that pods can get: all but the network's, the broadcast's and the gateway's. */
  readonly usable: number;
  readonly evidence: Evidence;
}

export interface AddressUse {
  readonly network: string;
  readonly range: AddressRange | null;
  readonly reserved: readonly AddressReservation[];
}

/** Reservations of a node by network, each with the range that its addresses come from. */
export function addressUses(snapshot: Snapshot, node: Node): readonly AddressUse[] {
  const byNetwork = new Map<string, AddressReservation[]>();
  for (const row of node.reservations.rows) {
    const name = row.network ?? '';
    byNetwork.set(name, [...(byNetwork.get(name) ?? []), row]);
  }
  const ranges = rangesOf(snapshot, node);
  return [...byNetwork].map(([network, reserved]) => {
    const range = ranges.find(({ subnet }) => reserved.some(({ ip }) => prefixContains(subnet, ip))) ?? null;
    const inside = range === null ? reserved : reserved.filter(({ ip }) => prefixContains(range.subnet, ip));
    return { network, range, reserved: inside };
  });
}

const subnetKeys = /(?:^|\.)ipam\.(?:subnet|ranges\.\d+\.\d+\.subnet)$/;

/** What says the node's subnet, the most direct first: flannel's lease, the plugin's own configuration, the Node object. */
function rangesOf(snapshot: Snapshot, node: Node): readonly AddressRange[] {
  const lease = settings(node, 'FLANNEL_SUBNET').flatMap((row) => rangeOf(row.value, row, 'subnet of the node'));
  const plugin = node.settings
    .filter(({ key }) => subnetKeys.test(key))
    .flatMap((row) => rangeOf(row.value, row, 'subnet of the plugin'));
  const object = snapshot.objects.flatMap((one) =>
    one.kind === 'Node' && one.meta.name === node.name
      ? one.podCidrs.flatMap((cidr) => rangeOf(formatPrefix(cidr), one, `podCIDR of node ${node.name}`))
      : [],
  );
  return [...lease, ...plugin, ...object];
}

function settings(node: Node, key: string): readonly Setting[] {
  return node.settings.filter((row) => row.key === key);
}

function rangeOf(text: string, { span }: Pick<Setting, 'span'>, why: string): readonly AddressRange[] {
  const subnet = networkOf(text);
  if (subnet === null) return [];
  const free = (subnet.ip.family === 4 ? 32 : 128) - subnet.length;
  // An IPv6 network has no broadcast address, but host-local keeps its last one back all the same.
  return free < 2 ? [] : [{ subnet, usable: 2 ** free - 3, evidence: { span, why } }];
}

/** `10.244.1.1/24`: the address of the bridge with its network's length. */
function networkOf(text: string): Prefix | null {
  const [address = '', length = ''] = text.split('/');
  const ip: Ip | null = parseIp(address);
  if (ip === null || !/^\d{1,3}$/.test(length)) return parsePrefix(text);
  return Number(length) > (ip.family === 4 ? 32 : 128) ? null : prefixOf(ip, Number(length));
}

export function isExhaustion(row: Observation): row is SeenLog {
  return row.kind === 'log' && row.event === 'ipam-exhausted';
}

/** Log lines that say that no address was left. */
export function exhaustionLines(snapshot: Snapshot, node: Node): readonly Evidence[] {
  return [...node.observations, ...(snapshot.nodes.length === 1 ? snapshot.observations : [])]
    .filter(isExhaustion)
    .map(({ span }) => ({ span, why: 'a pod got no address' }));
}
