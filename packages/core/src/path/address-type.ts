/** What kind of address the routing tables say one is. net/ipv4/fib_frontend.c __inet_dev_addr_type; net/netfilter/xt_addrtype.c match_type6. */

import type { Ip } from '../inet/ip.js';
import { sameIp } from '../inet/ip.js';
import { isBroadcast4, isIp4Mapped, isMulticast, isUnspecified, isZeronet } from '../inet/ip-kind.js';
import type { AddressType } from '../netfilter/packet-input.js';
import { isKernelsAnycast } from '../route/hosts-address.js';
import { lookupRoute } from '../route/lookup.js';
import { isOneTable } from '../route/one-table.js';
import { towardsOf } from '../route/question.js';
import { isReject } from '../route/reject-route.js';
import { coveringRoutes, routeTable } from '../route/table.js';
import { isCompleteFor } from '../snapshot/dump.js';
import type { Route } from '../snapshot/route.js';
import { addressesOf } from '../snapshot/rows-by.js';
import { type Tri, type Unknown, unknown } from '../tri.js';
import { perPlace } from './per-place.js';
import { missing, type Place } from './place.js';

/** The route of table local that covers an address, or a reason why that cannot be said. */
export function localRouteOf(place: Place, ip: Ip): Route | null | Unknown {
  const table = routeTable(place.ns, ip.family, 'local');
  for (const route of coveringRoutes(table, ip)) return route;
  if (table.covered) return null;
  const dump = ip.family === 4 ? 'ip-route' : 'ip-6-route';
  return { because: [missing(place, dump, `whether ${place.name} holds an address is not known`)] };
}

export function addressIs(place: Place, ip: Ip, types: readonly AddressType[], dev: string | null): Tri {
  return ip.family === 4 ? addressIs4(place, ip, types, dev) : addressIs6(place, ip, types, dev);
}

/** IPv4 asks table local only: everything else is UNICAST, also what a route of another type leads to nowhere. */
function addressIs4(place: Place, ip: Ip, types: readonly AddressType[], dev: string | null): Tri {
  if (isMulticast(ip)) return types.includes('MULTICAST');
  if (isBroadcast4(ip) || isZeronet(ip)) return types.includes('BROADCAST');
  const route = localRouteOf(place, ip);
  if (route !== null && 'because' in route) {
    const all = ['LOCAL', 'UNICAST', 'BROADCAST'] as const;
    if (all.every((type) => types.includes(type))) return true;
    return all.some((type) => types.includes(type)) ? route : false;
  }
  const holds = types.includes(kindOf(route, dev));
  const main = longerInMain(place, ip, route);
  if (main === null || types.includes(kindOf(main, dev)) === holds) return holds;
  return isOneTable(place) === true ? !holds : openMain;
}

const openMain = unknown(
  'what a longer route of table main makes of an address depends on whether policy rules were ever changed',
  'fib-trie',
);

/** Until then both tables are one, where the longer prefix decides (lookup.ts). */
function longerInMain(place: Place, ip: Ip, local: Route | null): Route | null {
  if (local === null ? !hasKinds(place, 'main') : local.dst.length === 32) return null;
  for (const route of coveringRoutes(routeTable(place.ns, 4, 'main'), ip)) {
    if (local !== null && route.dst.length <= local.dst.length) return null;
    if (route.tos === 0) return isOneTable(place) === false ? null : route;
  }
  return null;
}

const hasKinds = perPlace((place: Place, table: string): boolean =>
  routeTable(place.ns, 4, table).levels.some(({ byPrefix }) =>
    [...byPrefix.values()].some((routes) => routes.some(({ type }) => kinds[type] !== undefined)),
  ),
);

const kinds: Readonly<Partial<Record<Route['type'], AddressType>>> = {
  local: 'LOCAL',
  broadcast: 'BROADCAST',
  anycast: 'ANYCAST',
  multicast: 'MULTICAST',
};

function kindOf(route: Route | null, dev: string | null): AddressType {
  if (route === null || (dev !== null && route.nexthops[0]?.dev !== dev)) return 'UNICAST';
  return kinds[route.type] ?? 'UNICAST';
}

/** IPv6 wants all that the address itself can show, and one of those that only a lookup shows. */
function addressIs6(place: Place, ip: Ip, types: readonly AddressType[], dev: string | null): Tri {
  const unspecified = isUnspecified(ip);
  if (types.includes('MULTICAST') && !isMulticast(ip)) return false;
  // ipv6_addr_type does not count addresses that stand for one of IPv4 among these.
  if (types.includes('UNICAST') && (isMulticast(ip) || unspecified || isIp4Mapped(ip))) return false;
  if (types.includes('UNSPEC') && !unspecified) return false;
  const asked = (['ANYCAST', 'LOCAL', 'UNREACHABLE'] as const).filter((type) => types.includes(type));
  if (asked.length === 0) return true;
  const found = lookedUp(place, ip, dev);
  if ('because' in found) return found;
  if (asked.some((type) => found.has(type))) return true;
  // With a device named, an address of it is LOCAL unless the lookup finds nothing.
  return dev !== null && asked.includes('LOCAL') && !found.has('UNREACHABLE') ? isOn(place, ip, dev) : false;
}

function isOn(place: Place, ip: Ip, dev: string): Tri {
  const { addresses } = place.ns;
  const rows = addressesOf(place.ns, ip).filter((row) => row.dev === dev);
  if (rows.some(({ flags }) => !flags.includes('tentative'))) return true;
  if (isCompleteFor(addresses, 6)) return false;
  return { because: [missing(place, 'ip-addr', `whether ${dev} has an address is not known`)] };
}

function lookedUp(place: Place, ip: Ip, dev: string | null): ReadonlySet<AddressType> | Unknown {
  const answer = lookupRoute(place, { ...towardsOf(ip), oif: dev });
  if (answer.kind === 'open') return { because: answer.because };
  if (answer.assumptions.length > 0 && place.assume === 'none') return { because: answer.assumptions };
  if (answer.kind === 'error') return new Set(['UNREACHABLE']);
  const { route } = answer;
  if (answer.hops.some((hop) => isReject(route, hop))) return new Set(['UNREACHABLE']);
  const types = new Set<AddressType>();
  if (dev === null && route.type === 'local') types.add('LOCAL');
  const onLink = answer.hops.every((hop) => hop.via === null);
  if (isKernelsAnycast(route) || (route.dst.length < 127 && onLink && sameIp(route.dst.ip, ip))) types.add('ANYCAST');
  return types;
}
