/**
 * The routes that the kernel itself keeps in table local for each address; where no addresses were captured, for those that other routes show.
 * net/ipv4/fib_frontend.c fib_add_ifaddr, net/ipv6/addrconf.c.
 */
import { type Family, type Ip, sameIp } from '../inet/ip.js';
import { isBroadcast4, isLoopback } from '../inet/ip-kind.js';
import { hostPrefix, lastIp, type Prefix, prefixOf, samePrefix } from '../inet/prefix.js';
import type { Address } from '../snapshot/address.js';
import { bareHop, bareRoute } from '../snapshot/bare-rows.js';
import type { NetNs } from '../snapshot/node.js';
import type { Route } from '../snapshot/route.js';

export function derivedLocalRoutes(ns: NetNs, family: Family): readonly Route[] {
  if (ns.addresses.state === 'absent') return ns.routes.rows.flatMap((route) => ofConnected(route, family));
  const rows = ns.addresses.rows.filter((row) => row.ip.family === family && row.trust !== 'claimed');
  return rows.flatMap((row) => [...own(row, rows), ...(family === 4 ? broadcasts(row, rows) : [])]);
}

/** The kernel writes such a route for the network of an address, with that address as its source, and takes it back with it. */
function ofConnected(route: Route, family: Family): readonly Route[] {
  const { dst, prefsrc, scope, protocol, type, trust, nexthops } = route;
  const isConnected = type === 'unicast' && protocol === 'kernel' && scope === 'link' && trust !== 'claimed';
  if (route.family !== family || !isConnected || prefsrc === null || nexthops.length !== 1) return [];
  const made = (kind: 'local' | 'broadcast', ip: Ip): Route => ({
    ...route,
    type: kind,
    dst: hostPrefix(ip),
    table: 'local',
    metric: 0,
    scope: kind === 'local' ? 'host' : 'link',
  });
  const highest = family === 4 && dst.length < 31 ? [made('broadcast', lastIp(dst))] : [];
  return [made('local', prefsrc), ...highest];
}

function own(row: Address, rows: readonly Address[]): readonly Route[] {
  if (row.flags.includes('tentative') || row.flags.includes('dadfailed')) return [];
  const src = row.ip.family === 4 ? primaryOf(row, rows).ip : null;
  const host = localRoute('local', hostPrefix(row.ip), row, src);
  const network = prefixOf(row.ip, row.prefixLength);
  return row.ip.family === 4 && isLoopback(row.ip) ? [host, localRoute('local', network, row, src)] : [host];
}

/** The broadcast address given, and the highest of the subnet. */
function broadcasts(row: Address, rows: readonly Address[]): readonly Route[] {
  const subnet = prefixOf(row.peer ?? row.ip, row.prefixLength);
  const secondary = row.flags.includes('secondary');
  const highest = row.prefixLength < 31 && !secondary ? [lastIp(subnet)] : [];
  const given = row.broadcast === null || isBroadcast4(row.broadcast) ? [] : [row.broadcast];
  const all = [...given, ...highest.filter((ip) => !given.some((other) => sameIp(ip, other)))];
  return all.map((ip) => localRoute('broadcast', hostPrefix(ip), row, primaryOf(row, rows).ip));
}

/** A secondary address prefers the primary one of its subnet as source. */
function primaryOf(row: Address, rows: readonly Address[]): Address {
  if (!row.flags.includes('secondary')) return row;
  const subnet = prefixOf(row.ip, row.prefixLength);
  const primary = rows.find(
    (other) =>
      other.dev === row.dev &&
      !other.flags.includes('secondary') &&
      samePrefix(prefixOf(other.ip, other.prefixLength), subnet),
  );
  return primary ?? row;
}

function localRoute(type: 'local' | 'broadcast', dst: Prefix, row: Address, prefsrc: Ip | null): Route {
  return {
    ...bareRoute,
    span: row.span,
    family: row.ip.family,
    type,
    dst,
    table: 'local',
    prefsrc,
    scope: type === 'local' ? 'host' : 'link',
    protocol: 'kernel',
    nexthops: [bareHop(row.dev)],
  };
}
