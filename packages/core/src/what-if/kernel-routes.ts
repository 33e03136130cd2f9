/** Routes that the kernel keeps for each address. net/ipv4/fib_frontend.c `fib_add_ifaddr`, net/ipv6/addrconf.c. */
import { type Ip, ip6, sameIp } from '../inet/ip.js';
import { isZeronet } from '../inet/ip-kind.js';
import { bitsOf } from '../inet/mask.js';
import { hostPrefix, lastIp, type Prefix, prefixOf, samePrefix } from '../inet/prefix.js';
import type { Address } from '../snapshot/address.js';
import { bareHop, bareRoute } from '../snapshot/bare-rows.js';
import type { NetNs } from '../snapshot/node.js';
import type { Route, RouteType } from '../snapshot/route.js';
import type { Span } from '../source/span.js';
import { covers, withRows } from './dump-rows.js';

interface Kind {
  readonly type: RouteType;
  readonly dst: Prefix;
  readonly table: 'local' | 'main';
  readonly scope: string | null;
  readonly metric: number;
  readonly prefsrc: Ip | null;
}

function made(kind: Kind, dev: string, span: Span): Route {
  const { family } = kind.dst.ip;
  return {
    ...bareRoute,
    ...kind,
    family,
    protocol: 'kernel',
    nexthops: [bareHop(dev)],
    pref: family === 6 ? 'medium' : null,
    span,
  };
}

/** `up`: the device is; without it only the local route is there. */
export function routesOfAddress(address: Address, primary: Ip, up: boolean, span: Span): readonly Route[] {
  return address.ip.family === 4 ? routes4(address, primary, up, span) : routes6(address, up, span);
}

function routes4(address: Address, primary: Ip, up: boolean, span: Span): readonly Route[] {
  const { ip, dev, peer, prefixLength, broadcast, flags } = address;
  const route = (type: RouteType, dst: Prefix, table: 'local' | 'main', scope: string) =>
    made({ type, dst, table, scope, metric: 0, prefsrc: primary }, dev, span);
  const routes = [route('local', hostPrefix(ip), 'local', 'host')];
  if (!up) return routes;
  const net = prefixOf(peer ?? ip, prefixLength);
  if (broadcast !== null && broadcast.a !== 0xffffffff)
    routes.push(route('broadcast', hostPrefix(broadcast), 'local', 'link'));
  const alone = sameIp(net.ip, ip) && prefixLength === 32;
  if (isZeronet(net.ip) || flags.includes('secondary') || alone) return routes;
  const loopback = dev === 'lo';
  if (!flags.includes('noprefixroute'))
    routes.push(loopback ? route('local', net, 'local', 'host') : route('unicast', net, 'main', 'link'));
  if (prefixLength < 31) routes.push(route('broadcast', hostPrefix(lastIp(net)), 'local', 'link'));
  return routes;
}

function routes6(address: Address, up: boolean, span: Span): readonly Route[] {
  const { ip, dev, peer, prefixLength, flags } = address;
  const route = (type: RouteType, dst: Prefix, table: 'local' | 'main', metric: number) =>
    made({ type, dst, table, scope: null, metric, prefsrc: null }, dev, span);
  const routes = [route('local', hostPrefix(ip), 'local', 0)];
  if (!up || flags.includes('noprefixroute')) return routes;
  if (peer !== null)
    return [
      ...routes,
      route('unicast', hostPrefix(ip), 'main', 256),
      route('unicast', prefixOf(peer, prefixLength), 'main', 256),
    ];
  if (dev === 'lo' && prefixLength === bitsOf(6)) return routes;
  return [...routes, route('unicast', prefixOf(ip, prefixLength), 'main', 256)];
}

/** ff00::/8, which a device has that is up and has an IPv6 address. */
export function multicastRoute(dev: string, span: Span): Route {
  const dst = prefixOf(ip6(0xff000000, 0, 0, 0), 8);
  return made({ type: 'multicast', dst, table: 'local', scope: null, metric: 256, prefsrc: null }, dev, span);
}

/** Puts the kernel's routes in, each once, where the capture speaks for their table: a table that was not captured stays open. */
export function withKernelRoutes(ns: NetNs, routes: readonly Route[]): NetNs {
  const rows = [...ns.routes.rows];
  for (const route of routes) {
    if (!covers(ns.routes, route.family, route.table) || rows.some((one) => isSame(one, route))) continue;
    rows.push(route);
  }
  return rows.length === ns.routes.rows.length ? ns : { ...ns, routes: withRows(ns.routes, rows) };
}

export function isSame(one: Route, other: Route): boolean {
  return (
    one.table === other.table &&
    one.type === other.type &&
    one.family === other.family &&
    one.metric === other.metric &&
    samePrefix(one.dst, other.dst) &&
    one.nexthops.length === 1 &&
    one.nexthops[0]?.dev === other.nexthops[0]?.dev &&
    one.nexthops[0]?.via === null &&
    (one.prefsrc === null || other.prefsrc === null
      ? one.prefsrc === other.prefsrc
      : sameIp(one.prefsrc, other.prefsrc))
  );
}
