/** The ways that a packet may take by one route, with the part each gets. net/ipv4/fib_semantics.c fib_select_path, net/ipv6/route.c fib6_select_path. */
import type { RouteAnswer, RouteQuestion } from '../route/question.js';
import { selectHopSource } from '../route/source.js';
import { byNeighbours, preferring, type Share, shares } from '../route/spread.js';
import { isCompleteFor } from '../snapshot/dump.js';
import type { NextHop, NextHopObject } from '../snapshot/route.js';
import { nextHopObject } from '../snapshot/rows-by.js';
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
  /** Nothing tells which of the shares it is. */
  readonly open?: readonly Reason[];
}

type Found = RouteAnswer & { readonly kind: 'route' };

const all = () => true;

export function waysOf(place: Place, answer: Found, question: RouteQuestion): Ways {
  const { hops, route } = answer;
  const [first] = hops;
  if (first === undefined) return known([]);
  if (hops.length === 1) return known([{ hop: first, weight: 1 }]);
  const hash = multipathHash(place, question);
  if (route.nhid !== null) return byObject(place, route.nhid, answer, question, hash);
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

/** IPv4 takes the first way over the device that a socket is bound to; a resilient group asks no neighbour. */
function byObject(place: Place, id: number, { hops }: Found, question: RouteQuestion, hash: number | null): Ways {
  const [first] = hops;
  if (question.family === 4 && question.oif !== null && first !== undefined) return known([{ hop: first, weight: 1 }]);
  const object = nextHopObject(place.ns, id);
  if (object === undefined) return unseenGroup(place, id, hops, hash);
  if (!object.rest.includes('type resilient')) return living(place, hops, hash);
  const filled = buckets(object, hops);
  if (filled !== null) return known(filled);
  const text = `which way the resilient group ${id} takes depends on its buckets (ip nexthop bucket), which no dump shows`;
  return { ...known(shares(hops, all)), open: [{ dump: null, text }] };
}

/** How many buckets each way has once the group is balanced; which are whose depends on history. net/ipv4/nexthop.c nh_res_group_rebalance. */
function buckets({ rest, group }: NextHopObject, hops: readonly NextHop[]): readonly Share[] | null {
  const count = Number(/^buckets (\d+)$/.exec(rest.find((words) => words.startsWith('buckets ')) ?? '')?.[1] ?? 0);
  if (count === 0 || group.length !== hops.length || !rest.includes('unbalanced_time 0')) return null;
  const total = hops.reduce((sum, { weight }) => sum + weight, 0);
  let weight = 0;
  let before = 0;
  const filled = hops.map((hop): Share => {
    weight += hop.weight;
    const until = Math.floor((count * weight + Math.floor(total / 2)) / total);
    const share = { hop, weight: until - before };
    before = until;
    return share;
  });
  return filled.filter((share) => share.weight > 0);
}

/** Its ways stand with the route, but not whether it is a resilient one. */
function unseenGroup(place: Place, id: number, hops: readonly NextHop[], hash: number | null): Ways {
  const reason = missing(place, 'ip-nexthop', `whether group ${id} of a route is a resilient one is not known`);
  if (place.assume === 'none') return { ...known(shares(hops, all)), open: [reason] };
  const ways = living(place, hops, hash);
  return { ...ways, assumed: [...ways.assumed, reason] };
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
  const text = 'which way of a route gives the source that the packet has is not known';
  const unseen = isCompleteFor(place.ns.addresses, 4) ? [] : [missing(place, 'ip-addr', text)];
  if (unseen.length > 0 && place.assume === 'none') return { shares: [], assumed: ways.assumed, because: unseen };
  const assumed = [...ways.assumed, ...unseen];
  const fitting = preferring(hops.filter(serves), (hop) => selectHopSource(place, route, hop), src);
  if (fitting === null) return { ...ways, assumed };
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
