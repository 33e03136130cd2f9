/** What one routing table says of a packet. net/ipv4/fib_trie.c fib_table_lookup; IPv6 in `table-lookup6.ts`. */
import { type Ip, sameIp } from '../inet/ip.js';
import { prefixContains } from '../inet/prefix.js';
import type { Place } from '../path/place.js';
import type { NextHop, Route } from '../snapshot/route.js';
import type { Reason } from '../tri.js';
import { liveDefault } from './default-gateways.js';
import { lostDevice, usableHops } from './nexthops.js';
import type { RouteErrorType, RouteQuestion } from './question.js';
import { coveringRoutes, type RouteTable } from './table.js';
import { lookupTable6 } from './table-lookup6.js';

export type TableHit =
  | { readonly kind: 'route'; readonly route: Route; readonly hops: readonly NextHop[] }
  | { readonly kind: 'error'; readonly type: RouteErrorType; readonly route: Route }
  /** Back to the policy rules. */
  | { readonly kind: 'throw'; readonly route: Route }
  | { readonly kind: 'open'; readonly because: readonly Reason[]; readonly route: Route };

/** null: nothing in the table covers the destination. */
export function lookupInTable(place: Place, table: RouteTable, question: RouteQuestion): TableHit | null {
  return question.family === 6 ? lookupTable6(place, table, question) : lookupTable4(place, table, question);
}

/**
 * Routes that begin with one address stand in one leaf of the trie, which the kernel leaves behind a route by a next hop object of which no way fits:
 * those of other metrics, and of shorter prefixes that begin alike, are never seen.
 */
function lookupTable4(place: Place, table: RouteTable, question: RouteQuestion): TableHit | null {
  let hit: TableHit | null = null;
  let left: Ip | null = null;
  for (const route of coveringRoutes(table, question.dst)) {
    if (left !== null && sameIp(route.dst.ip, left)) continue;
    if (!fitsTos(route, question)) continue;
    if (hit !== null) return takesTurns(question) ? amongDefaults(place, table, hit, question) : hit;
    hit = judge(place, route, question);
    if (hit !== null && hit.kind !== 'route') return hit;
    if (hit === null && route.nhid !== null) left = route.dst.ip;
  }
  return hit;
}

/** What a covering route gives; null when none of its ways out can be used. */
export function judge(place: Place, route: Route, question: RouteQuestion): TableHit | null {
  if (route.unknown !== undefined && route.unknown.length > 0) {
    return openHit(route, `a route has words that are not understood: ${route.unknown.join(' ')}`);
  }
  if (route.type === 'throw') return { kind: 'throw', route };
  if (route.type === 'blackhole' || route.type === 'unreachable' || route.type === 'prohibit') {
    return { kind: 'error', type: route.type, route };
  }
  const usable = usableHops(place.ns, route);
  if (usable.kind === 'blackhole') return { kind: 'error', type: 'blackhole', route };
  if (usable.kind === 'open') return { kind: 'open', because: usable.because, route };
  const lost = place.assume === 'none' ? lostDevice(place.ns, usable.hops) : null;
  if (lost !== null) return openHit(route, `a route leaves by ${lost}, which is not among the captured devices`);
  const { oif } = question;
  const hops = oif === null || route.family === 6 ? usable.hops : usable.hops.filter((hop) => hop.dev === oif);
  if (hops.length === 0) return null;
  return { kind: 'route', route, hops };
}

export function openHit(route: Route, text: string, dump: Reason['dump'] = null): TableHit {
  return { kind: 'open', because: [{ dump, text }], route };
}

function isDead({ nexthops }: Route): boolean {
  return nexthops.length > 0 && nexthops.every(({ dead }) => dead);
}

function hasGateway(route: Route): boolean {
  return route.nexthops.some((hop) => hop.via !== null);
}

/** Only for packets of the node itself, and when a way is chosen for them. */
function takesTurns({ iif, oif, reverse }: RouteQuestion): boolean {
  return iif === null && oif === null && reverse !== true;
}

/** The kernel takes turns among default routes by what it thinks of their gateways. net/ipv4/fib_semantics.c fib_select_default. */
function amongDefaults(place: Place, table: RouteTable, hit: TableHit, question: RouteQuestion): TableHit {
  const { kind, route } = hit;
  if (kind !== 'route' || route.dst.length > 0 || route.type !== 'unicast' || route.nexthops.length !== 1) return hit;
  const rivals = rivalsOf(coveringRoutes(table, question.dst), route, question);
  if (rivals.length < 2) return hit;
  const live = liveDefault(place, rivals);
  const text = 'several default routes fit: which is used depends on what the kernel last saw of their gateways';
  return (live === null ? null : judge(place, live, question)) ?? openHit(route, text);
}

/** Those of the packet's TOS come first, then those of none: of each the ones that stand no higher than the first. */
function rivalsOf(routes: readonly Route[], first: Route, question: RouteQuestion): readonly Route[] {
  const rivals: Route[] = [];
  let metric = first.metric;
  let tos = 0;
  for (const route of routes) {
    if (route.dst.length > 0 || !fitsTos(route, question) || isDead(route)) continue;
    if (route.metric > metric && route.tos === tos) {
      if (tos === 0) break;
      continue;
    }
    ({ metric, tos } = route);
    if (route.scope !== first.scope || route.type !== 'unicast' || !hasGateway(route)) continue;
    if (rivals.length === 0 && route !== first) break;
    rivals.push(route);
  }
  return rivals;
}

function fitsTos({ tos }: Route, question: RouteQuestion): boolean {
  return tos === 0 || tos === (question.tos & 0x1c);
}

/** Does the source fit the `from` of an IPv6 route? */
export function sourceFits(route: Route, { src }: RouteQuestion): boolean {
  return route.src === null || (src !== null && prefixContains(route.src, src));
}
