/** Which address the kernel picks for an unbound socket: `src` of the route, else one of the addresses. net/ipv4/route.c, net/ipv6/ip6_output.c. */
import { type Family, type Ip, ip4, sameIp } from '../inet/ip.js';
import type { Place } from '../path/place.js';
import { missing } from '../path/place.js';
import { isCompleteFor } from '../snapshot/dump.js';
import type { NextHop, Route } from '../snapshot/route.js';
import type { Reason } from '../tri.js';
import { firstHop } from './nexthops.js';
import { routesBySameObject } from './shared-object.js';
import { selectAddress4 } from './source4.js';
import { selectAddress6 } from './source6.js';

/** The source that was chosen, or that none could be, or why it is not known. */
export type SourceAnswer =
  | { readonly kind: 'source'; readonly ip: Ip; readonly assumptions: readonly Reason[] }
  /** The namespace has no address that could serve. */
  | { readonly kind: 'none' }
  | { readonly kind: 'open'; readonly because: readonly Reason[] };

export const picked = (ip: Ip, assumptions: readonly Reason[] = []): SourceAnswer => ({
  kind: 'source',
  ip,
  assumptions,
});

/** The source of a locally generated packet on this route. */
export function selectSource(place: Place, route: Route, hop: NextHop | undefined, dst: Ip): SourceAnswer {
  if (route.family === 6 && route.nhid !== null) return byObject6(place, route, hop, dst);
  const dev = hop?.dev ?? null;
  if (isLaterWay6(route, hop)) return ofLaterWay6(place, chosenSource(place, route, dev, dst));
  if (dst.family === 6 || route.prefsrc !== null) return chosenSource(place, route, dev, dst);
  if (route.type === 'local') return picked(dst);
  const chosen = known(place, selectAddress4(place, dev, gatewayOf(hop), scopeOf(route)), dev, 4);
  return route.nhid === null ? chosen : ofObject(place, hop, chosen);
}

/** As the route would be asked for it, or another by the same object that stands for it: no dump tells which. */
function byObject6(place: Place, route: Route, hop: NextHop | undefined, dst: Ip): SourceAnswer {
  const chosen = ofGroup6(place, route, dst);
  const others = routesBySameObject(place.ns, route, hop).map((other) => ofGroup6(place, other, dst));
  if (others.every((other) => sameSource(other, chosen))) return chosen;
  const text = 'the source by a next hop object that several routes have depends on which of them was asked first';
  return { kind: 'open', because: [{ dump: null, text }] };
}

/** The device of the first next hop of a group is asked, whichever is taken. net/ipv6/addrconf.c ip6_route_get_saddr, include/net/nexthop.h nexthop_fib6_nh. */
function ofGroup6(place: Place, route: Route, dst: Ip): SourceAnswer {
  return chosenSource(place, route, firstHop(place.ns, route)?.dev ?? null, dst);
}

function chosenSource(place: Place, { prefsrc }: Route, dev: string | null, dst: Ip): SourceAnswer {
  return prefsrc === null ? known(place, selectAddress6(place, dev, dst), dev, 6) : picked(prefsrc);
}

/** `ip -6 route append` makes a way of a route that is there of the new one, which keeps the `src` it was given, or none; `ip route` shows that of the first alone. */
function isLaterWay6({ family, nhid, nexthops }: Route, hop: NextHop | undefined): boolean {
  return family === 6 && nhid === null && nexthops.length > 1 && hop !== nexthops[0];
}

function ofLaterWay6(place: Place, asFirst: SourceAnswer): SourceAnswer {
  const text = 'whether all ways of a multipath route have the src that is shown with the first, or none, is not known';
  if (place.assume === 'none') return { kind: 'open', because: [{ dump: null, text }] };
  if (asFirst.kind !== 'source') return asFirst;
  return picked(asFirst.ip, [...asFirst.assumptions, { dump: null, text: `${text}; they are taken to` }]);
}

/**
 * A next hop object chooses a source when it is made, of any scope up to its own, and keeps it until an address or a device of the namespace changes; then the
 * scope of the first route that is asked counts, for all others too. No dump tells what it has. net/ipv4/nexthop.c nh_create_ipv4, net/ipv4/fib_semantics.c
 * fib_result_prefsrc.
 */
function ofObject(place: Place, hop: NextHop | undefined, chosen: SourceAnswer): SourceAnswer {
  const dev = hop?.dev ?? null;
  const widest = hop?.via == null ? scopes.link : scopes.link - 1;
  const others = [scopes.global, scopes.site, widest].map((scope) =>
    known(place, selectAddress4(place, dev, gatewayOf(hop), scope), dev, 4),
  );
  if (others.every((other) => sameSource(other, chosen))) return chosen;
  const text = `the source by a next hop object on ${dev ?? 'no device'} depends on which addresses changed since it was made`;
  return { kind: 'open', because: [{ dump: null, text }] };
}

function sameSource(x: SourceAnswer, y: SourceAnswer): boolean {
  return x.kind === y.kind && (x.kind !== 'source' || y.kind !== 'source' || sameIp(x.ip, y.ip));
}

/** The source of an IPv6 packet that no route is found for: any address of the namespace may serve. */
export function selectUnrouted(place: Place, dst: Ip): SourceAnswer {
  return known(place, selectAddress6(place, null, dst), null, 6);
}

/** The source of an IPv6 packet, chosen as if it left by the device. */
export function selectByDevice(place: Place, dev: string, dst: Ip): SourceAnswer {
  return known(place, selectAddress6(place, dev, dst), dev, 6);
}

/** The address of a hop's own device, which a multipath route keeps beside it; null where nothing tells. */
export function selectHopSource(place: Place, route: Route, hop: NextHop): Ip | null {
  const answer = known(place, selectAddress4(place, hop.dev, gatewayOf(hop), scopeOf(route)), hop.dev, 4);
  return answer.kind === 'source' ? answer.ip : null;
}

/** What a device gives before any lookup, for packets to a group and to the node itself. net/ipv4/route.c ip_route_output_key_hash_rcu. */
export function selectDeviceSource(place: Place, dev: string, scope: number): SourceAnswer {
  return known(place, selectAddress4(place, dev, null, scope), dev, 4);
}

/** An address of the device that may serve on its link at least, in the network of the other end if there is one. */
export function selectTowards(place: Place, dev: string, towards: Ip): SourceAnswer {
  return known(place, selectAddress4(place, dev, towards, scopes.link), dev, 4);
}

/** What a MASQUERADE on the device takes; the route's `src` plays no part. net/netfilter/nf_nat_masquerade.c. */
export function selectMasquerade(place: Place, dev: string | null, towards: Ip, dst: Ip): SourceAnswer {
  if (dst.family === 6) return known(place, selectAddress6(place, dev, dst), dev, 6);
  return known(place, selectAddress4(place, dev, towards.family === 4 ? towards : null, scopes.global), dev, 4);
}

/** Whatever the addresses say, they must all be there. */
function known(place: Place, answer: SourceAnswer, dev: string | null, family: Family): SourceAnswer {
  const { addresses } = place.ns;
  if (isCompleteFor(addresses, family)) return answer;
  const reason = missing(place, 'ip-addr', `which address ${place.name} takes on ${dev ?? 'the device'} is not known`);
  const own = answer.kind === 'source' && addresses.rows.some((row) => row.dev === dev);
  if (place.assume === 'none' || !own) return { kind: 'open', because: [reason] };
  return { ...answer, assumptions: [...answer.assumptions, reason] };
}

/** A gateway of the other family is compared bit by bit all the same (fib_info_update_nhc_saddr). */
function gatewayOf(hop: NextHop | undefined): Ip | null {
  const via = hop?.via ?? null;
  return via === null || via.family === 4 ? via : ip4(via.a);
}

/** include/uapi/linux/rtnetlink.h enum rt_scope_t. */
export const scopes: Readonly<Record<string, number>> & {
  readonly global: 0;
  readonly site: 200;
  readonly link: 253;
  readonly host: 254;
} = {
  global: 0,
  universe: 0,
  site: 200,
  link: 253,
  host: 254,
  nowhere: 255,
};

export function scopeNumber(name: string): number {
  return scopes[name] ?? Number(name);
}

/** `ip route` prints the scope unless it is global. */
function scopeOf(route: Route): number {
  return route.scope === null ? 0 : scopeNumber(route.scope);
}
