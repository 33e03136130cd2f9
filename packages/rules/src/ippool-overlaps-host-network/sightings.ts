/** What was seen on the wire that confirms or contradicts: packets of pods in the host network, connections that nobody answered. */
import { type Evidence, formatIp, type Node, type Snapshot } from '@coldtrace/core';
import { isPod, isTarget, type OverlapArea } from './demonstration.js';

export interface Sightings {
  /** A pod's own address seen as source of packets into the host network, or unanswered connections to it. */
  readonly confirming: readonly Evidence[];
  /** Answers from the host network to a pod's own address. */
  readonly contradicting: readonly Evidence[];
}

const most = 3;

export function sightings(snapshot: Snapshot, node: Node, area: OverlapArea): Sightings {
  const confirming: Evidence[] = [];
  const contradicting: Evidence[] = [];
  const told = new Set<string>();
  for (const row of [...node.observations, ...snapshot.observations]) {
    if (row.kind !== 'packet' || row.src === null || row.dst === null) continue;
    // What is sent again says nothing new.
    const ends = `${formatIp(row.src)} ${formatIp(row.dst)}`;
    if (told.has(ends)) continue;
    told.add(ends);
    if (isPod(area, row.src) && isTarget(area, row.dst))
      confirming.push({ span: row.span, why: `seen on the wire with the pod's address ${formatIp(row.src)}` });
    if (isPod(area, row.dst) && isTarget(area, row.src))
      contradicting.push({ span: row.span, why: `an answer to the pod ${formatIp(row.dst)} was seen` });
  }
  for (const entry of node.host.conntrack.rows) {
    const stuck = entry.status.includes('UNREPLIED') && isPod(area, entry.reply.dst) && isTarget(area, entry.reply.src);
    if (stuck)
      confirming.push({
        span: entry.span,
        why: 'a connection that nobody answered, its answers due to the pod itself',
      });
  }
  return { confirming: confirming.slice(0, most), contradicting: contradicting.slice(0, most) };
}
