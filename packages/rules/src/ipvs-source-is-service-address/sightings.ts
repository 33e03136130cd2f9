/** What was seen of such calls: opening packets on the wire with a Service's address as their source, tracked connections that nobody answered. */
import { type Evidence, formatIp, type Ip, type IpvsEntry, type Node, type Snapshot, sameIp } from '@coldtrace/core';
import { sightingsOf } from '../connections/observed.js';
import { type AddressService, isServiceAddress } from '../facts/ipvs-services.js';

const most = 2;

/** Of the node's calls to the address, or of any of its Service addresses when `ip` is null. */
export function sightings(snapshot: Snapshot, node: Node, ip: Ip | null): readonly Evidence[] {
  const packets = seenPackets(snapshot, node)
    .filter(({ src }) => ip === null || sameIp(src, ip))
    .map(({ span, src, dev }) => ({
      span,
      why: `sent ${dev === null ? '' : `by ${dev} `}with the Service's address ${formatIp(src)} as its source`,
    }));
  const stuck = node.host.conntrack.rows
    .filter(
      ({ original, reply, status }) =>
        status.includes('UNREPLIED') &&
        sameIp(original.src, original.dst) &&
        sameIp(reply.dst, original.src) &&
        !sameIp(reply.src, original.dst) &&
        (ip === null ? isServiceAddress(node.host, original.src) : sameIp(original.src, ip)),
    )
    .map(({ span }) => ({ span, why: 'a call that nobody answered, its answers due to the Service address itself' }));
  return [...packets.slice(0, most), ...stuck.slice(0, most)];
}

export interface SeenCall {
  readonly span: Evidence['span'];
  readonly dev: string | null;
  readonly src: Ip;
  readonly dst: Ip;
  readonly dport: number | null;
}

/** Packets that open a connection, from a Service address to another host's. */
export function seenPackets(snapshot: Snapshot, node: Node): readonly SeenCall[] {
  return [...node.observations, ...snapshot.observations].flatMap((row) => {
    if (row.kind !== 'packet' || row.src === null || row.dst === null || row.dev === 'lo') return [];
    const opens = row.proto === 17 ? row.dport !== null && row.dport < 1024 : row.flags === 'S';
    if (!opens || sameIp(row.src, row.dst) || row.direction === 'in') return [];
    if (!isServiceAddress(node.host, row.src) || isServiceAddress(node.host, row.dst)) return [];
    return [{ span: row.span, dev: row.dev, src: row.src, dst: row.dst, dport: row.dport }];
  });
}

/** Clients and logs of the node that tell of calls of the Service which nobody answered, unless another was. */
export function unansweredCalls(
  snapshot: Snapshot,
  node: Node,
  { ip, port }: Pick<AddressService, 'ip' | 'port'>,
): readonly Evidence[] {
  const calls = sightingsOf(snapshot).filter(
    ({ connection: { from, to } }) =>
      from.node === node && from.origin.ns === node.host && sameIp(to.ip, ip) && to.port === port,
  );
  if (calls.some(({ says }) => says === 'answered')) return [];
  const stuck = stuckCalls(node).filter(({ virtual }) => sameIp(virtual.ip, ip) && virtual.port === port);
  return [
    ...calls.slice(0, most).map(({ evidence }) => evidence),
    ...stuck.slice(0, most).map(({ span }) => ({
      span,
      why: 'IPVS passed the call on with the Service address as its source, and no server has answered',
    })),
  ];
}

/** Connections of IPVS from the virtual address itself that are not past their SYN. */
function stuckCalls({ host }: Node): readonly IpvsEntry[] {
  return host.ipvsConnections.rows.filter(
    ({ client, virtual, state, trust }) => state === 'SYN_RECV' && sameIp(client.ip, virtual.ip) && trust !== 'claimed',
  );
}

export interface UnansweredCall {
  readonly ip: Ip;
  readonly port: number;
  readonly evidence: readonly Evidence[];
}

/** The Service addresses that the node holds and calls in vain, the first such call first. */
export function unansweredBound(snapshot: Snapshot, node: Node): readonly UnansweredCall[] {
  const called = new Map<string, { readonly ip: Ip; readonly port: number }>();
  for (const { connection } of sightingsOf(snapshot)) {
    const { ip, port } = connection.to;
    if (port === null || connection.from.node !== node || !isServiceAddress(node.host, ip)) continue;
    called.set(`${formatIp(ip)} ${port}`, { ip, port });
  }
  for (const { virtual } of stuckCalls(node))
    called.set(`${formatIp(virtual.ip)} ${virtual.port}`, { ip: virtual.ip, port: virtual.port });
  return [...called.values()]
    .map((to) => ({ ...to, evidence: unansweredCalls(snapshot, node, to) }))
    .filter(({ evidence }) => evidence.length > 0);
}
