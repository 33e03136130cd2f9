/** Addresses that host-local hands out on a node: how many there are, how many are reserved. containernetworking plugins, ipam/host-local/backend/allocator. */
import {
  type AddressReservation,
  compareIp,
  type Evidence,
  formatPrefix,
  formatRange,
  type Ip,
  type IpRange,
  type Node,
  nextIp,
  type Observation,
  parseIp,
  parsePrefix,
  prefixContains,
  prefixRange,
  previousIp,
  rangeContains,
  type SeenLog,
  type Setting,
  type Snapshot,
} from '@coldtrace/core';
import { isOn } from './api-nodes.js';

export interface AddressRange {
  /** `10.244.1.0/24`, or `10.9.8.10-10.9.8.20` where the plugin was given its ends; the members of a set of ranges joined. */
  readonly text: string;
  /** Addresses that pods can get: all but the network's, the gateway's and, of IPv4, the broadcast's. */
  readonly usable: number;
  readonly holds: (ip: Ip) => boolean;
  readonly evidence: readonly Evidence[];
}

export interface AddressUse {
  readonly network: string;
  /** One per family and subnet that its addresses come from; a pod of two families needs one of each. */
  readonly ranges: readonly { readonly range: AddressRange; readonly count: number }[];
  readonly reserved: readonly AddressReservation[];
}

/** Reservations of a node by network, with the ranges that their addresses come from. */
export function addressUses(snapshot: Snapshot, node: Node): readonly AddressUse[] {
  const byNetwork = new Map<string, AddressReservation[]>();
  for (const row of node.reservations.rows) {
    const name = row.network ?? '';
    const rows = byNetwork.get(name);
    if (rows === undefined) byNetwork.set(name, [row]);
    else rows.push(row);
  }
  const known = rangesOf(snapshot, node);
  return [...byNetwork].map(([network, reserved]) => {
    const counts = new Map<AddressRange, number>();
    for (const { ip } of reserved) {
      const range = known.find((one) => one.holds(ip));
      if (range !== undefined) counts.set(range, (counts.get(range) ?? 0) + 1);
    }
    return { network, ranges: [...counts].map(([range, count]) => ({ range, count })), reserved };
  });
}

const subnetKeys = /(?:^|\.)ipam\.(?:subnet|ranges\.\d+\.\d+\.subnet)$/;

/** What says the node's subnet, the most direct first: flannel's lease, the plugin's own configuration, the Node object. */
function rangesOf(snapshot: Snapshot, node: Node): readonly AddressRange[] {
  const lease = node.settings
    .filter(({ key }) => key === 'FLANNEL_SUBNET' || key === 'FLANNEL_IPV6_SUBNET')
    .flatMap(({ value, span }) => rangeOf(value, { span, why: 'subnet of the node' }));
  const plugin = [...configuredSets(node)].flatMap((rows) => setOf(rows.map((row) => configuredRange(node, row))));
  const object = snapshot.objects.flatMap((one) =>
    one.kind === 'Node' && isOn(snapshot, node, one.meta.name)
      ? one.podCidrs.flatMap((cidr) =>
          rangeOf(formatPrefix(cidr), { span: one.span, why: `podCIDR of node ${node.name}` }),
        )
      : [],
  );
  return [...lease, ...plugin, ...object];
}

/** Subnets by the set of ranges that they stand in (`ranges.0`): a pod gets one address of each set, whichever range of it has one left. */
function configuredSets({ settings }: Node): Iterable<readonly Setting[]> {
  const sets = new Map<string, Setting[]>();
  for (const row of settings) {
    if (!subnetKeys.test(row.key)) continue;
    const name = `${row.span.file} ${row.source} ${row.key.replace(/(?<=\.ranges\.\d+)\.\d+\.subnet$/, '')}`;
    const known = sets.get(name);
    if (known === undefined) sets.set(name, [row]);
    else known.push(row);
  }
  return sets.values();
}

/** The ranges of a set as one; none where one of them does not say how large it is. */
function setOf(ranges: readonly (readonly AddressRange[])[]): readonly AddressRange[] {
  const members = ranges.flat();
  const [first] = members;
  if (first === undefined || ranges.some(({ length }) => length === 0)) return [];
  if (members.length === 1) return [first];
  return [
    {
      text: members.map(({ text }) => text).join(' and '),
      usable: members.reduce((sum, { usable }) => sum + usable, 0),
      holds: (ip) => members.some(({ holds }) => holds(ip)),
      evidence: members.flatMap(({ evidence }) => evidence),
    },
  ];
}

/** The subnet, and the ends and the gateway that stand beside it in the same file. */
function configuredRange(node: Node, { key, value, span, source }: Setting): readonly AddressRange[] {
  const beside = (name: string) => {
    const other = `${key.slice(0, -'subnet'.length)}${name}`;
    const found = node.settings.find(
      (row) => row.key === other && row.source === source && row.span.file === span.file,
    );
    return found === undefined ? null : parseIp(found.value);
  };
  return rangeOf(
    value,
    { span, why: 'subnet of the plugin' },
    { first: beside('rangeStart'), last: beside('rangeEnd'), gateway: beside('gateway') },
  );
}

interface Ends {
  readonly first: Ip | null;
  readonly last: Ip | null;
  readonly gateway: Ip | null;
}

const unsaid: Ends = { first: null, last: null, gateway: null };

function rangeOf(text: string, evidence: Evidence, { first, last, gateway }: Ends = unsaid): readonly AddressRange[] {
  const subnet = parsePrefix(text);
  if (subnet === null) return [];
  const whole = prefixRange(subnet);
  const lowest = nextIp(whole.first);
  // IPv6 knows no broadcast address: the last one is handed out.
  const highest = subnet.ip.family === 4 ? previousIp(whole.last) : whole.last;
  if (lowest === null || highest === null || compareIp(lowest, highest) >= 0) return [];
  const inside = (ip: Ip | null): ip is Ip => ip !== null && prefixContains(subnet, ip);
  const range = { first: inside(first) ? first : lowest, last: inside(last) ? last : highest };
  const own = inside(gateway) ? gateway : lowest;
  return [
    {
      text: inside(first) || inside(last) ? formatRange(range) : formatPrefix(subnet),
      usable: sizeOf(range) - (rangeContains(range, own) ? 1 : 0),
      holds: (ip) => rangeContains(range, ip),
      evidence: [evidence],
    },
  ];
}

/** Exact up to 2^53 addresses, which is more than anybody reserves. */
function sizeOf({ first, last }: IpRange): number {
  const words = ({ a, b, c, d }: Ip) => [a, b, c, d];
  const low = words(first);
  const distance = words(last).reduce((sum, word, at) => sum * 2 ** 32 + (word - (low[at] ?? 0)), 0);
  return (first.family === 4 ? distance / 2 ** 96 : distance) + 1;
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
