/** How the ways of a multipath route share the packets. net/ipv4/fib_semantics.c fib_select_multipath, net/ipv4/nexthop.c nexthop_select_path_hthr. */
import { type Ip, sameIp } from '../inet/ip.js';
import { missing, type Place } from '../path/place.js';
import type { NextHop } from '../snapshot/route.js';
import type { Reason } from '../tri.js';
import { gatewayNeighbour } from './gateway-neighbour.js';

/** A way and its part of the sum of all weights. */
export interface Share {
  readonly hop: NextHop;
  readonly weight: number;
}

/**
 * The hash of a packet falls into the interval of one way, each as wide as its weight. Ways that `serves` refuses are passed by: the first
 * that serves behind them takes their part, and where none stands behind, the first that serves at all. `hash`: 31 bits, where they are known.
 */
export function shares(
  hops: readonly NextHop[],
  serves: (hop: NextHop) => boolean,
  hash: number | null = null,
): readonly Share[] {
  if (hash !== null) return fallsTo(hops, serves, hash);
  const parts = new Map<NextHop, number>();
  const first = hops.find(serves) ?? hops[0];
  if (first === undefined) return [];
  let pending = 0;
  for (const hop of hops) {
    pending += hop.weight;
    if (!serves(hop)) continue;
    parts.set(hop, (parts.get(hop) ?? 0) + pending);
    pending = 0;
  }
  if (pending > 0) parts.set(first, (parts.get(first) ?? 0) + pending);
  return [...parts].map(([hop, weight]) => ({ hop, weight }));
}

/** The way that this hash takes: upper bounds are rounded to the nearest whole number. */
function fallsTo(hops: readonly NextHop[], serves: (hop: NextHop) => boolean, hash: number): readonly Share[] {
  const total = hops.reduce((sum, { weight }) => sum + weight, 0);
  let before = 0;
  for (const hop of hops) {
    before += hop.weight;
    const bound = Math.floor((before * 2 ** 31 + Math.floor(total / 2)) / total) - 1;
    if (serves(hop) && hash <= bound) return [{ hop, weight: 1 }];
  }
  const first = hops.find(serves) ?? hops[0];
  return first === undefined ? [] : [{ hop: first, weight: 1 }];
}

export interface Reachability {
  readonly serves: (hop: NextHop) => boolean;
  /** Ways whose neighbour nothing tells of. */
  readonly because: readonly Reason[];
}

const lost = new Set(['FAILED', 'INCOMPLETE', 'NONE']);

/** A gateway serves unless its neighbour entry says that it did not answer (fib_good_nh). */
export function byNeighbours(place: Place, hops: readonly NextHop[]): Reachability {
  const { neighbours } = place.ns;
  const entryOf = (hop: NextHop) => gatewayNeighbour(place.ns, hop);
  const serves = (hop: NextHop) => !lost.has(entryOf(hop)?.nud ?? '');
  const known = neighbours.state === 'complete' || hops.every((hop) => hop.via === null || entryOf(hop) !== undefined);
  const text = 'which way of a route is taken depends on whether its gateways answered';
  return { serves, because: known ? [] : [missing(place, 'ip-neigh', text)] };
}

/** Since Linux 6.16 a packet that has its source prefers the ways whose device would give it that source. */
export function preferring(hops: readonly NextHop[], sourceOf: (hop: NextHop) => Ip | null, src: Ip) {
  const fitting = (hop: NextHop) => {
    const own = sourceOf(hop);
    return own !== null && sameIp(own, src);
  };
  return hops.some(fitting) ? fitting : null;
}
