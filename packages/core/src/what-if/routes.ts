/** Routes put in and taken out as the kernel does it. net/ipv4/fib_trie.c, net/ipv6/ip6_fib.c; ip-route(8). */
import type { Family } from '../inet/ip.js';
import { sameIp } from '../inet/ip.js';
import { type Prefix, samePrefix } from '../inet/prefix.js';
import type { NetNs } from '../snapshot/node.js';
import type { NextHop, Route } from '../snapshot/route.js';
import { type Changed, done, open, refused } from './changed.js';
import { covers, withRows } from './dump-rows.js';

/** `add` refuses a route of the same destination, TOS and metric; `append` does not; `replace` takes its place; `change` needs one. */
export type RouteVerb = 'add' | 'append' | 'prepend' | 'replace' | 'change';

/** Same key in the kernel's table: what `add` collides with. */
function sameKey(one: Route, other: Route): boolean {
  return (
    one.family === other.family &&
    one.table === other.table &&
    one.metric === other.metric &&
    one.tos === other.tos &&
    samePrefix(one.dst, other.dst) &&
    samePrefixOrNone(one.src, other.src)
  );
}

function samePrefixOrNone(one: Prefix | null, other: Prefix | null): boolean {
  return one === null || other === null ? one === other : samePrefix(one, other);
}

/** `ip route add` and its kin. The next hops are taken as they are: `checkedHop` judges them. */
export function putRoute(ns: NetNs, route: Route, verb: RouteVerb): Changed<NetNs> {
  const { rows } = ns.routes;
  const first = placeOf(rows, route, verb);
  const known = covers(ns.routes, route.family, route.table);
  if (verb === 'add' && first >= 0) return refused('File exists');
  if (verb === 'change' && first < 0) return missing(known, 'No such file or directory', route);
  if ((verb === 'add' || verb === 'change') && !known && route.table === 'main' && ns.routes.state === 'absent')
    return done(insert(ns, route, rows.length));
  if (verb === 'append' || verb === 'prepend') {
    const twin = rows.some((one) => sameKey(one, route) && sameWay(one, route));
    if (twin || rows.some((one) => sharesHop(one, route))) return refused('File exists');
    const joined = rows.find((one) => joinsWays(one, route));
    if (joined !== undefined) {
      const row = { ...joined, nexthops: [...joined.nexthops, ...route.nexthops] };
      return done({ ...ns, routes: withRows(ns.routes, rows.with(rows.indexOf(joined), row)) });
    }
    const last = rows.findLastIndex((one) => sameKey(one, route));
    return done(insert(ns, route, first < 0 ? rows.length : verb === 'append' ? last + 1 : first));
  }
  if (first < 0) return done(insert(ns, route, rows.length));
  const kept = [...rows];
  kept[first] = route;
  return done({ ...ns, routes: withRows(ns.routes, kept) });
}

/** Of IPv6 routes with one key `replace` takes the place of one that has gateways as it has, or else of the first. net/ipv6/ip6_fib.c fib6_add_rt2node. */
function placeOf(rows: readonly Route[], route: Route, verb: RouteVerb): number {
  const first = rows.findIndex((one) => sameKey(one, route));
  if (route.family === 4 || (verb !== 'replace' && verb !== 'change')) return first;
  const alike = rows.findIndex((one) => sameKey(one, route) && hasGateways(one) === hasGateways(route));
  return alike < 0 ? first : alike;
}

const hasGateways = ({ type, nexthops }: Route): boolean =>
  type === 'unicast' && nexthops.length > 0 && nexthops.every(({ via }) => via !== null);

/** IPv6 routes with one key and gateways are one route of several ways. */
function joinsWays(one: Route, other: Route): boolean {
  return one.family === 6 && sameKey(one, other) && hasGateways(one) && hasGateways(other);
}

function sharesHop(one: Route, other: Route): boolean {
  return joinsWays(one, other) && one.nexthops.some((hop) => other.nexthops.some((same) => sameHop(hop, same)));
}

function insert(ns: NetNs, route: Route, at: number): NetNs {
  const { rows } = ns.routes;
  return { ...ns, routes: withRows(ns.routes, [...rows.slice(0, at), route, ...rows.slice(at)]) };
}

function missing(known: boolean, why: string, { table }: Pick<Route, 'table'>): Changed<never> {
  return known ? refused(why) : open(`the routes of table ${table} were not captured`);
}

function sameWay(one: Route, other: Route): boolean {
  const hops = one.nexthops;
  if (one.type !== other.type || one.scope !== other.scope || hops.length !== other.nexthops.length) return false;
  if (!sameOrNone(one.prefsrc, other.prefsrc)) return false;
  return hops.every((hop, at) => sameHop(hop, other.nexthops[at]));
}

function sameHop(one: NextHop, other: NextHop | undefined): boolean {
  return other !== undefined && one.dev === other.dev && one.weight === other.weight && sameOrNone(one.via, other.via);
}

function sameOrNone(one: NextHop['via'], other: NextHop['via']): boolean {
  return one === null || other === null ? one === other : sameIp(one, other);
}

/** What `ip route del` names: null is anything. */
export interface RouteSelector {
  readonly family: Family;
  readonly dst: Prefix;
  readonly table: string;
  readonly tos: number;
  readonly metric: number | null;
  readonly type: Route['type'] | null;
  readonly scope: string | null;
  readonly protocol: string | null;
  readonly prefsrc: Route['prefsrc'];
  /** Ways out that it must have; empty: any. */
  readonly nexthops: readonly NextHop[];
}

export function isSelected(route: Route, by: RouteSelector): boolean {
  const { family, dst, table, tos, metric, type, scope, protocol, prefsrc, nexthops } = by;
  if (route.family !== family || route.table !== table || route.tos !== tos || !samePrefix(route.dst, dst))
    return false;
  if (metric !== null && metric !== 0 && route.metric !== metric) return false;
  if (type !== null && route.type !== type) return false;
  if (scope !== null && (route.scope ?? 'global') !== scope) return false;
  if (protocol !== null && route.protocol !== protocol) return false;
  if (prefsrc !== null && !sameOrNone(route.prefsrc, prefsrc)) return false;
  return nexthops.length === 0 || goesBy(route, nexthops);
}

function goesBy({ family, nexthops }: Route, wanted: readonly NextHop[]): boolean {
  const fits = (hop: NextHop | undefined, want: NextHop) =>
    hop !== undefined &&
    (want.dev === null || hop.dev === want.dev) &&
    (want.via === null || (hop.via !== null && sameIp(hop.via, want.via)));
  // Of an IPv6 route of several ways, one way can be deleted by naming it.
  if (family === 6 && wanted.length === 1) return nexthops.some((hop) => wanted.every((want) => fits(hop, want)));
  // Of an IPv4 route the first way counts; the whole route is deleted by it. net/ipv4/fib_semantics.c fib_nh_match.
  const [only] = wanted;
  if (only !== undefined && wanted.length === 1) return fits(nexthops[0], only);
  return wanted.length === nexthops.length && wanted.every((want, at) => fits(nexthops[at], want));
}

/** Of several that fit, the one of the lowest metric goes. */
export function deleteRoute(ns: NetNs, by: RouteSelector): Changed<NetNs> {
  const { rows } = ns.routes;
  const [found] = rows.filter((route) => isSelected(route, by)).sort((x, y) => x.metric - y.metric);
  if (found === undefined) return missing(covers(ns.routes, by.family, by.table), 'No such process', by);
  const rest = by.family === 6 ? withoutHop(found, by.nexthops) : null;
  const kept = rows.flatMap((route) => (route === found ? (rest === null ? [] : [rest]) : [route]));
  return done({ ...ns, routes: withRows(ns.routes, kept) });
}

/** The IPv6 route without the way that is named; null when nothing is left of it. */
function withoutHop(route: Route, named: readonly NextHop[]): Route | null {
  const [want] = named;
  if (route.nexthops.length < 2 || named.length > 1) return null;
  // Without a way, or with one: the first that fits goes.
  const at = want === undefined ? -1 : route.nexthops.findIndex((hop) => goesBy({ ...route, nexthops: [hop] }, [want]));
  return at < 0 ? null : { ...route, nexthops: route.nexthops.toSpliced(at, 1) };
}

/** Rows that stay; a route loses the ways that go, and is gone without any. */
export function keepRoutes(ns: NetNs, keep: (route: Route) => boolean): NetNs {
  const rows = ns.routes.rows.filter(keep);
  return rows.length === ns.routes.rows.length ? ns : { ...ns, routes: { ...ns.routes, rows } };
}

/** What is left of a route when a device is gone: a way fewer, or nothing. */
export function withoutDevice(route: Route, dev: string, stays: (route: Route) => boolean): readonly Route[] {
  if (!route.nexthops.some((hop) => hop.dev === dev) || stays(route)) return [route];
  const left = route.nexthops.filter((hop) => hop.dev !== dev);
  if (left.every(({ dead }) => dead && route.family === 4)) return [];
  if (route.family === 6) return [{ ...route, nexthops: left }];
  return [
    {
      ...route,
      nexthops: route.nexthops.map((hop) => (hop.dev === dev ? { ...hop, dead: true, linkdown: true } : hop)),
    },
  ];
}

/** A device that is deleted takes a whole IPv4 route with it, its other ways too. net/ipv4/fib_semantics.c fib_sync_down_dev. */
export function afterRemoval(route: Route, dev: string): readonly Route[] {
  const goes = route.family === 4 && route.nexthops.some((hop) => hop.dev === dev);
  return goes ? [] : withoutDevice(route, dev, () => false);
}
