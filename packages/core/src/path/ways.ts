/** The ways that a packet may take by one route, with the part each gets. net/ipv4/fib_semantics.c fib_select_path, net/ipv6/route.c fib6_select_path. */
import type { RouteAnswer, RouteQuestion } from '../route/question.js';
import { selectHopSource } from '../route/source.js';
import { byNeighbours, preferring, type Share, shares } from '../route/spread.js';
import { isCompleteFor } from '../snapshot/dump.js';
import type { NextHop } from '../snapshot/route.js';
import type { Reason } from '../tri.js';
import { since } from './kernel-release.js';
import { multipathHash } from './multipath-hash.js';
import { anySwitch } from './parameter.js';
import { missing, type Place } from './place.js';

export interface Ways {
  readonly shares: readonly Share[];
  readonly assumed: readonly Reason[];
  /** Nothing tells which way is taken, not even by chance. */
  readonly because: readonly Reason[];
}

type Found = RouteAnswer & { readonly kind: 'route' };

const all = () => true;

export function waysOf(place: Place, answer: Found, question: RouteQuestion): Ways {
  const { hops, route } = answer;
  const [first] = hops;
  if (first === undefined) return known([]);
  if (hops.length === 1) return known([{ hop: first, weight: 1 }]);
  const hash = multipathHash(place, question);
  if (route.nhid !== null) return living(place, hops, hash);
  if (question.family === 6) return ways6(place, hops, question);
  // A socket that is bound to a device takes the first way over it.
  if (question.oif !== null) return known([{ hop: first, weight: 1 }]);
  const asks = anySwitch(place, 'fib_multipath_use_neigh', ['net/ipv4/fib_multipath_use_neigh']);
  if (asks.because.length > 0) return { shares: [], assumed: [], because: asks.because };
  const ways = asks.on ? living(place, hops, null) : known(shares(hops, all));
  if (ways.because.length > 0) return ways;
  const serving = new Set(ways.shares.map(({ hop }) => hop));
  const serves: Serves = (hop) => serving.has(hop);
  const hashed = { ...ways, shares: shares(hops, serves, hash) };
  if (question.iif !== null || question.src === null) return hashed;
  const assumed = [...asks.assumed, ...ways.assumed];
  return withSource(place, answer, { ...hashed, assumed }, serves, { src: question.src, hash });
}

type Serves = (hop: NextHop) => boolean;

function known(found: readonly Share[]): Ways {
  return { shares: found, assumed: [], because: [] };
}

function living(place: Place, hops: readonly NextHop[], hash: number | null): Ways {
  const { serves, because } = byNeighbours(place, hops);
  if (because.length === 0) return known(shares(hops, serves, hash));
  if (place.assume === 'none') return { shares: [], assumed: [], because };
  return { shares: shares(hops, serves, hash), assumed: because, because: [] };
}

/** A packet that has its source already, as in the second lookup of connect(2). */
function withSource(
  place: Place,
  { hops, route }: Found,
  ways: Ways,
  serves: Serves,
  { src, hash }: { readonly src: NonNullable<RouteQuestion['src']>; readonly hash: number | null },
): Ways {
  const { assumed } = ways;
  if (!isCompleteFor(place.ns.addresses, 4) && place.assume === 'none') {
    const text = 'which way of a route gives the source that the packet has is not known';
    return { shares: [], assumed, because: [missing(place, 'ip-addr', text)] };
  }
  const fitting = preferring(hops.filter(serves), (hop) => selectHopSource(place, route, hop), src);
  if (fitting === null) return ways;
  const release = since(place, 6, 16, 'which prefers the way of the source');
  if (release.because.length > 0) return { shares: [], assumed, because: release.because };
  const found = release.yes ? shares(hops, (hop) => serves(hop) && fitting(hop), hash) : ways.shares;
  return { shares: found, assumed: [...assumed, ...release.assumed], because: [] };
}

/**
 * IPv6 begins with the first way; one by another device than the one that must be taken gives its part to the first by that one. Before Linux 6.15 it began
 * with the way over the device asked for, or by which the packet came in, and those before had no part; old kernels may have been mended.
 */
function ways6(place: Place, hops: readonly NextHop[], question: RouteQuestion): Ways {
  const { oif, iif, strict } = question;
  const wanted = oif ?? iif;
  const match = Math.max(
    0,
    hops.findIndex((hop) => hop.dev === wanted),
  );
  const now = strict === true && oif !== null ? within(hops, oif) : shares(hops, all);
  const before = shares(hops, (hop) => hops.indexOf(hop) >= match);
  if (sameShares(now, before)) return known(now);
  const release = since(place, 6, 15, 'which begins with the first way of a route');
  if (release.because.length > 0) return { shares: [], assumed: [], because: release.because };
  if (release.yes) return { shares: now, assumed: release.assumed, because: [] };
  const text = 'with which way of a route the kernel begins depends on whether it was mended (since Linux 6.15 it is)';
  return { shares: [], assumed: [], because: [{ dump: null, text }] };
}

function within(hops: readonly NextHop[], dev: string): readonly Share[] {
  const first = hops.find((hop) => hop.dev === dev);
  if (first === undefined) return shares(hops, all);
  const parts = new Map<NextHop, number>([[first, 0]]);
  for (const hop of hops) {
    const taker = hop.dev === dev ? hop : first;
    parts.set(taker, (parts.get(taker) ?? 0) + hop.weight);
  }
  return [...parts].map(([hop, weight]) => ({ hop, weight }));
}

function sameShares(x: readonly Share[], y: readonly Share[]): boolean {
  return x.length === y.length && x.every(({ hop, weight }, at) => hop === y[at]?.hop && weight === y[at].weight);
}
