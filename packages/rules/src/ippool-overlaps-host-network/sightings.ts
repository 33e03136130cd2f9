/** What was seen on the wire that confirms or contradicts: packets of pods in the host network, connections that nobody answered. */
import { type Evidence, formatIp, type Ip, type Node, type Snapshot } from '@coldtrace/core';
import { isPod, isTarget, type OverlapArea } from './demonstration.js';

export interface Sightings {
  /** A pod's own address seen as source of packets into the host network, or unanswered connections to it. */
  readonly confirming: readonly Evidence[];
  /** Answers from the host network to a pod's own address. */
  readonly contradicting: readonly Evidence[];
  /** Whose packets they were, and for whom. */
  readonly ends: { readonly pod: Ip; readonly target: Ip } | null;
}

const most = 3;

/** Before a pod's packet leaves its node it has the pod's address anyway. */
const podSide = /^(?:cali|lxc|veth|cni|tunl|vxlan|wireguard)/;

export function sightings(snapshot: Snapshot, nodes: readonly Node[], area: OverlapArea): Sightings {
  const confirming: Evidence[] = [];
  const contradicting: Evidence[] = [];
  const told = new Set<string>();
  let ends: Sightings['ends'] = null;
  for (const row of [...nodes.flatMap((node) => node.observations), ...snapshot.observations]) {
    if (row.kind !== 'packet' || row.src === null || row.dst === null) continue;
    // What is sent again says nothing new.
    const pair = `${formatIp(row.src)} ${formatIp(row.dst)}`;
    if (told.has(pair) || podSide.test(row.dev ?? '')) continue;
    told.add(pair);
    if (isPod(area, row.src) && isTarget(area, row.dst)) {
      ends ??= { pod: row.src, target: row.dst };
      confirming.push({ span: row.span, why: `seen on the wire with the pod's address ${formatIp(row.src)}` });
    }
    if (isPod(area, row.dst) && isTarget(area, row.src))
      contradicting.push({ span: row.span, why: `an answer to the pod ${formatIp(row.dst)} was seen` });
  }
  for (const { status, reply, span } of nodes.flatMap((node) => node.host.conntrack.rows)) {
    if (!status.includes('UNREPLIED') || !isPod(area, reply.dst) || !isTarget(area, reply.src)) continue;
    ends ??= { pod: reply.dst, target: reply.src };
    confirming.push({ span, why: 'a connection that nobody answered, its answers due to the pod itself' });
  }
  return { confirming: confirming.slice(0, most), contradicting: contradicting.slice(0, most), ends };
}
