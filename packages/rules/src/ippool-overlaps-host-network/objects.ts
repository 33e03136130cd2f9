/** From IPPool objects and node addresses alone: the overlap is certain, what becomes of a connection is not, unless its packets were seen. */
import { hostPrefix, type KubeIpPool, type Prefix, prefixContains, type Snapshot } from '@coldtrace/core';
import { type NodeAddress, nodeAddresses } from './nodes.js';
import { poolObjects } from './pools.js';
import { type Sightings, sightings } from './sightings.js';

export interface ObjectOverlap {
  readonly pool: KubeIpPool & { readonly cidr: Prefix };
  readonly held: NodeAddress;
  readonly seen: Sightings;
}

/** The first pool that holds a node's address and was not told of yet; one whose packets were seen unanswered comes first. */
export function overlapOfObjects(snapshot: Snapshot, isTold: (cidr: Prefix) => boolean): ObjectOverlap | null {
  const overlaps = poolObjects(snapshot).flatMap((pool) => {
    if (isTold(pool.cidr) || pool.natOutgoing === false) return [];
    const held = nodeAddresses(snapshot).find(({ ip }) => prefixContains(pool.cidr, ip));
    if (held === undefined) return [];
    const area = { pods: [pool.cidr], exempt: pool.cidr, network: held.network ?? hostPrefix(held.ip) };
    return [{ pool, held, seen: sightings(snapshot, snapshot.nodes, area) }];
  });
  return overlaps.find(isUnanswered) ?? overlaps[0] ?? null;
}

export function isUnanswered({ seen }: Pick<ObjectOverlap, 'seen'>): boolean {
  return seen.ends !== null && seen.contradicting.length === 0;
}
