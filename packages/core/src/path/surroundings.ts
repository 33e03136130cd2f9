/** What matches may ask of the namespace around the packet: its sets, and what its routing tables say of an address. */
import type { Family, Ip } from '../inet/ip.js';
import { isBroadcast4, isMulticast, isZeronet } from '../inet/ip-kind.js';
import type { AddressType, ReversePathOptions, Surroundings } from '../netfilter/packet-input.js';
import type { Skb } from '../packet/skb.js';
import { lookupRoute } from '../route/lookup.js';
import { coveringRoutes, routeTable } from '../route/table.js';
import type { Route } from '../snapshot/route.js';
import { type Tri, type Unknown, unknown } from '../tri.js';
import { ipsetsOf, missing, type Place } from './place.js';

const made = new WeakMap<Place, Surroundings>();

export function surroundingsOf(place: Place): Surroundings {
  let around = made.get(place);
  if (around === undefined) {
    around = lookAround(place);
    made.set(place, around);
  }
  return around;
}

function lookAround(place: Place): Surroundings {
  const ipsets = ipsetsOf(place);
  return {
    ipsets,
    connections: place.ns.conntrack.rows.length,
    ipset: (name) => ipsets.get(name) ?? (place.ns.ipsets.state === 'complete' ? false : setMissing(place, name)),
    addressIs: (ip, types, dev) => addressIs(place, ip, types, dev),
    reversePath: (skb, options) => reversePath(place, skb, options),
  };
}

function setMissing(place: Place, name: string): Unknown {
  return { because: [missing(place, 'ipset-list', `set ${name} was not captured`)] };
}

/** The local route that makes an address the node's own, or a reason why that cannot be said. */
export function localRouteOf(place: Place, ip: Ip): Route | null | Unknown {
  const table = routeTable(place.ns, ip.family, 'local');
  for (const route of coveringRoutes(table, ip)) return route;
  if (table.covered) return null;
  return { because: [missing(place, routeDump(ip.family), `whether ${place.name} holds an address is not known`)] };
}

export function routeDump(family: Family): 'ip-route' | 'ip-6-route' {
  return family === 4 ? 'ip-route' : 'ip-6-route';
}

/** IPv4 addrtype asks table local only: everything else is UNICAST (docs/kernel-facts.md). */
function addressIs(place: Place, ip: Ip, types: readonly AddressType[], dev: string | null): Tri {
  if (isMulticast(ip)) return types.includes('MULTICAST');
  if (isBroadcast4(ip) || isZeronet(ip)) return types.includes('BROADCAST');
  const route = localRouteOf(place, ip);
  if (route !== null && 'because' in route) {
    return types.includes('LOCAL') || types.includes('UNICAST') || types.includes('BROADCAST') ? route : false;
  }
  if (ip.family === 6 && route === null && (types.includes('UNREACHABLE') || types.includes('BLACKHOLE'))) {
    return unknown('address types of error routes in IPv6 are not modelled');
  }
  return types.includes(kindOf(route, dev)) || (ip.family === 6 && route !== null && types.includes('UNICAST'));
}

function kindOf(route: Route | null, dev: string | null): AddressType {
  if (route === null || (dev !== null && route.nexthops[0]?.dev !== dev)) return 'UNICAST';
  switch (route.type) {
    case 'local':
      return 'LOCAL';
    case 'broadcast':
      return 'BROADCAST';
    case 'anycast':
      return 'ANYCAST';
    default:
      return 'UNICAST';
  }
}

/** net/ipv4/netfilter/ipt_rpfilter.c, net/ipv6/netfilter/ip6t_rpfilter.c: the route back to the sender, without its device. */
function reversePath(place: Place, skb: Skb, { loose, validmark, acceptLocal }: ReversePathOptions): Tri {
  const answer = lookupRoute(place, {
    family: skb.family,
    dst: skb.src,
    src: skb.dst,
    iif: null,
    oif: null,
    mark: validmark ? skb.mark : 0,
    tos: skb.tos,
    proto: null,
    sport: null,
    dport: null,
    uid: 0,
    l3mdev: false,
  });
  if (answer.kind === 'open') return { because: answer.because };
  if (answer.assumptions.length > 0 && place.assume === 'none') return { because: answer.assumptions };
  if (answer.kind === 'error') return false;
  if (answer.route.type === 'local') return acceptLocal;
  return answer.route.type === 'unicast' && (loose || answer.hops.some((hop) => hop.dev === skb.iif));
}
