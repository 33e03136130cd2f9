/** What an IPv6 routing table says of a packet: prefix, source prefix, metric, then device and router preference. net/ipv6/route.c fib6_table_lookup, find_rr_leaf. */

import { isLinkLocal, isLoopback, isMulticast } from '../inet/ip-kind.js';
import { missing, type Place, sysctl } from '../path/place.js';
import { bareHop } from '../snapshot/bare-rows.js';
import { isCompleteFor } from '../snapshot/dump.js';
import type { NextHop, Route } from '../snapshot/route.js';
import { gatewayNeighbour } from './gateway-neighbour.js';
import type { RouteQuestion } from './question.js';
import { coveringRoutes, type RouteTable } from './table.js';
import { judge, openHit, sourceFits, type TableHit } from './table-lookup.js';

interface Candidate {
  readonly hit: TableHit;
  readonly score: number;
}

export function lookupTable6(place: Place, table: RouteTable, question: RouteQuestion): TableHit | null {
  const leaves = leavesOf(table, question);
  if (question.reverse === true) return backward(place, leaves, question);
  const first = pick(place, leaves, question, 'all');
  if (first === null || first.kind !== 'route' || !hasGateway(first.hops)) return first;
  return reachable(place, leaves, question, first);
}

/**
 * Routes of one prefix and source prefix stand together; a more specific source comes first. The search starts at the longest prefix; where that
 * one has routes for certain sources of which none fits, it starts at a shorter one, and its routes for all sources are never seen, except for
 * default routes (fib6_node_lookup_1).
 */
function leavesOf(table: RouteTable, question: RouteQuestion): readonly (readonly Route[])[] {
  const leaves: (readonly Route[])[] = [];
  for (const node of nodesOf([...coveringRoutes(table, question.dst)])) {
    const fitting = node.filter((route) => sourceFits(route, question));
    const forSome = node.some((route) => route.src !== null && route.dst.length > 0);
    const hidden = forSome && fitting.every((route) => route.src === null);
    if (leaves.length > 0 || !hidden) leaves.push(...byMetric(fitting));
  }
  return leaves;
}

/** `-m rpfilter` takes the first route of the prefix over the device, whatever its metric, else the first of all (rt6_device_match). */
function backward(place: Place, leaves: readonly (readonly Route[])[], question: RouteQuestion): TableHit | null {
  const nodes = grouped(leaves.flat(), (route) => `${route.dst.length} ${sourceLength(route)}`);
  for (const node of nodes) {
    const hits = node.flatMap((route) => judge(place, route, question) ?? []);
    const unclear = hits.find(({ kind }) => kind === 'open');
    if (unclear !== undefined) return unclear;
    const fitting = hits.find((hit) => waysOf(hit).some(({ dev }) => dev === question.oif));
    const chosen = fitting ?? (question.strict === true ? undefined : hits[0]);
    if (chosen !== undefined) return chosen;
  }
  return null;
}

function waysOf(hit: TableHit): readonly NextHop[] {
  return hit.kind === 'route' ? hit.hops : [onLoopback];
}

/** One list for each prefix, longest first. */
function nodesOf(routes: readonly Route[]): readonly (readonly Route[])[] {
  return grouped(routes, (route) => `${route.dst.length}`);
}

/** Of one source prefix those of the least metric stand alone. Where none of them fits, all others compete, whatever their metrics (find_rr_leaf). */
function byMetric(routes: readonly Route[]): readonly (readonly Route[])[] {
  const sorted = routes
    .map((route, index) => ({ route, index }))
    .sort((x, y) => sourceLength(y.route) - sourceLength(x.route) || x.index - y.index)
    .map(({ route }) => route);
  return grouped(sorted, (route) => `${sourceLength(route)}`).flatMap((leaf) => {
    const others = leaf.findIndex(({ metric }) => metric !== leaf[0]?.metric);
    return others < 0 ? [leaf] : [leaf.slice(0, others), leaf.slice(others)];
  });
}

function grouped(routes: readonly Route[], key: (route: Route) => string): readonly (readonly Route[])[] {
  const groups = new Map<string, Route[]>();
  for (const route of routes) {
    const group = groups.get(key(route));
    if (group === undefined) groups.set(key(route), [route]);
    else group.push(route);
  }
  return [...groups.values()];
}

function sourceLength(route: Route): number {
  return route.src?.length ?? -1;
}

type Routers = 'all' | 'without-failed' | 'without-any';

function pick(
  place: Place,
  leaves: readonly (readonly Route[])[],
  question: RouteQuestion,
  routers: Routers,
): TableHit | null {
  for (const leaf of leaves) {
    const candidates = leaf.flatMap((route) => candidate(place, route, question, routers));
    const [first] = candidates;
    if (first === undefined) continue;
    const best = candidates.reduce((top, one) => (one.score > top.score ? one : top), first);
    const unclear = candidates.find(({ hit }) => hit.kind === 'open');
    if (unclear !== undefined) return unclear.hit;
    if (areSiblings(candidates.filter(({ hit }) => hit.route.metric === best.hit.route.metric)))
      return openHit(best.hit.route, 'several routes of one metric share the traffic, each with its own line');
    return best.hit;
  }
  return null;
}

function candidate(place: Place, route: Route, question: RouteQuestion, routers: Routers): readonly Candidate[] {
  const hit = judge(place, route, question);
  if (hit === null) return [];
  if (hit.kind === 'open') return [{ hit, score: 0 }];
  // A received packet prefers, among equal routes, the device that it came in by.
  const wanted = question.oif ?? question.iif;
  const hops = waysOf(hit).filter((hop) => serves(place, hop, routers));
  const fitting = hops.filter((hop) => wanted === null || hop.dev === wanted);
  // A next hop object that is a blackhole ends the search, whatever device was asked for (__find_rr_leaf).
  if (hit.kind === 'error' && route.nhid !== null) return [{ hit, score: Number.POSITIVE_INFINITY }];
  const left = needsDevice(question) ? fitting : hops;
  if (left.length === 0) return [];
  const score = (fitting.length > 0 ? 2 : 0) + preference(route);
  // Of a group one way must fit, and then any may be taken (fib6_select_path).
  return [{ hit: hit.kind === 'route' && route.nhid === null ? { ...hit, hops: left } : hit, score }];
}

function serves(place: Place, hop: NextHop, routers: Routers): boolean {
  if (hop.via === null || routers === 'all') return true;
  return routers === 'without-failed' && !hasFailed(place, hop);
}

/** Where the kernel puts routes of the error types. */
const onLoopback = bareHop('lo');

/** The device must fit: scoped destinations and loopback (rt6_need_strict), and a device asked for without a source. */
function needsDevice({ dst, src, oif, strict }: RouteQuestion): boolean {
  return strict === true || isLinkLocal(dst) || isLoopback(dst) || isMulticast(dst) || (oif !== null && src === null);
}

const preferences: Readonly<Record<string, number>> = { low: 4, medium: 8, high: 12 };

function preference(route: Route): number {
  return preferences[route.pref ?? 'medium'] ?? 8;
}

/** Routes by gateways that an administrator set become one multipath route; those of router advertisements do not. */
function areSiblings(candidates: readonly Candidate[]): boolean {
  const qualified = candidates.filter(
    ({ hit }) => hit.kind === 'route' && hasGateway(hit.hops) && hit.route.protocol !== 'ra',
  );
  return qualified.length > 1;
}

function hasGateway(hops: readonly NextHop[]): boolean {
  return hops.some((hop) => hop.via !== null);
}

function hasFailed({ ns }: Place, hop: NextHop): boolean {
  return gatewayNeighbour(ns, hop)?.nud === 'FAILED';
}

/** A host, unlike a router, passes over gateways that it could not reach while there are others (RT6_LOOKUP_F_REACHABLE). */
function reachable(
  place: Place,
  leaves: readonly (readonly Route[])[],
  question: RouteQuestion,
  first: TableHit,
): TableHit | null {
  const forwarding = sysctl(place, 'net/ipv6/conf/all/forwarding');
  if (forwarding.value !== null && forwarding.value !== '0') return first;
  const certain = forwarding.value === '0' || forwarding.known;
  const avoiding = pick(place, leaves, question, 'without-failed') ?? first;
  if (avoiding.kind !== first.kind || avoiding.route !== first.route) {
    return certain
      ? avoiding
      : openHit(
          first.route,
          missing(place, 'sysctl', 'whether a failed gateway is passed over is not known').text,
          'sysctl',
        );
  }
  if (isCompleteFor(place.ns.neighbours, 6) || place.assume === 'defaults') return first;
  const other = pick(place, leaves, question, 'without-any');
  if (other === null || other.route === first.route) return first;
  return openHit(
    first.route,
    missing(place, 'ip-neigh', 'whether a gateway has failed, so that another route is used, is not known').text,
    'ip-neigh',
  );
}
