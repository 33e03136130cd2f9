/** A packet from a pod of one flannel node to a pod of another: which pods stand for them, and the way it takes. */
import {
  type AssumeMode,
  type Family,
  type Ip,
  type KubePod,
  type Origin,
  type Outcome,
  type Prefix,
  prefixContains,
  type Snapshot,
  sameIp,
  type Trace,
} from '@coldtrace/core';
import { traceOnce } from '../connections/trace-once.js';
import { deviceTowards } from '../who/towards.js';
import type { FlannelNode } from './flannel-node.js';

export interface PodPair {
  readonly src: Ip;
  readonly dst: Ip;
  readonly trace: Trace;
  readonly outcomes: readonly Outcome[];
}

/** An echo request, since it needs no listener. null: one of the nodes has no known subnet of that family, or was not captured. */
export function betweenPods(
  snapshot: Snapshot,
  from: FlannelNode,
  to: FlannelNode,
  family: Family,
  assume: AssumeMode,
): PodPair | null {
  const [src, dst] = [podOf(snapshot, from, family), podOf(snapshot, to, family)];
  if (from.node === null || src === null || dst === null) return null;
  const dev = deviceTowards(from.node.host, src);
  if (dev === null) return null;
  const origin: Origin = { kind: 'entering', node: from.node, ns: from.node.host, dev, src };
  const trace = echo(snapshot, origin, dst, assume);
  return { src, dst, trace, outcomes: trace.outcomes };
}

export function echo(snapshot: Snapshot, from: Origin, to: Ip, assume: AssumeMode): Trace {
  const question = { from, to: { ip: to, port: null }, proto: to.family === 4 ? 1 : 58, sport: null, assume } as const;
  return traceOnce(snapshot, question);
}

/** A pod of the API, else a neighbour in the subnet, else an address of it. */
function podOf(snapshot: Snapshot, { name, node, object, subnets }: FlannelNode, family: Family): Ip | null {
  const subnet = subnets.find(({ value }) => value.ip.family === family)?.value ?? null;
  const listed = snapshot.objects.flatMap((one) =>
    one.kind === 'Pod' && one.nodeName === (object?.meta.name ?? name) && isOwn(one) ? one.ips : [],
  );
  const inside = (ip: Ip) => ip.family === family && (subnet === null || prefixContains(subnet, ip));
  const pod = listed.find(inside);
  if (pod !== undefined) return pod;
  if (subnet === null) return null;
  const own = (ip: Ip) => node?.host.addresses.rows.some((row) => sameIp(row.ip, ip)) === true;
  const seen = node?.host.neighbours.rows.find(
    ({ ip, lladdr, dev }) => inside(ip) && lladdr !== null && !dev.startsWith('flannel') && !own(ip),
  );
  return seen?.ip ?? numbered(subnet, 2);
}

function isOwn(pod: KubePod): boolean {
  return pod.hostNetwork !== true && pod.phase !== 'Failed' && pod.phase !== 'Succeeded';
}

function numbered({ ip, length }: Prefix, number: number): Ip | null {
  if (length > (ip.family === 4 ? 29 : 120)) return null;
  return ip.family === 4 ? { ...ip, a: ip.a + number } : { ...ip, d: ip.d + number };
}
