/** A node's own addresses as its routes name them, where `ip addr` was not captured: the kernel writes a route for each. fib_add_ifaddr() in net/ipv4/fib_frontend.c. */
import { type Address, bareAddress, type Ip, type NetNs, prefixContains, type Route, sameIp } from '@coldtrace/core';
import { type Standing, withHost } from './altered.js';

export function routedAddresses({ addresses, routes }: NetNs): readonly Address[] {
  if (addresses.state !== 'absent') return [];
  const found = routes.rows.flatMap((route) => ofNetwork(route) ?? []);
  const alone = routes.rows.flatMap((route) => ofTableLocal(route) ?? []);
  return [...found, ...alone.filter(({ ip }) => !found.some((other) => sameIp(other.ip, ip)))];
}

/** As if `ip addr` had shown what the routes name. */
export function withRoutedAddresses(standing: Standing): Standing {
  const { host } = standing.node;
  const rows = routedAddresses(host);
  return rows.length === 0
    ? standing
    : withHost(standing, { ...host, addresses: { ...host.addresses, state: 'partial', rows } });
}

/** `10.30.7.0/24 dev ens4 proto kernel scope link src 10.30.7.1` */
function ofNetwork(route: Route): Address | null {
  const { type, protocol, dst, prefsrc, nexthops } = route;
  const [hop, another] = nexthops;
  const own = type === 'unicast' && protocol === 'kernel' && prefsrc !== null && prefixContains(dst, prefsrc);
  if (!own || another !== undefined || hop === undefined || hop.via !== null || hop.dev === null) return null;
  return address(route, prefsrc, hop.dev, dst.length);
}

/** `local 10.30.7.1 dev ens4 table local proto kernel scope host src 10.30.7.1` */
function ofTableLocal(route: Route): Address | null {
  const { type, protocol, dst, nexthops } = route;
  const dev = nexthops[0]?.dev ?? null;
  const whole = dst.ip.family === 4 ? 32 : 128;
  if (type !== 'local' || protocol !== 'kernel' || dst.length !== whole || dev === null || dev === 'lo') return null;
  return address(route, dst.ip, dev, whole);
}

function address({ span, trust }: Route, ip: Ip, dev: string, prefixLength: number): Address {
  return { ...bareAddress, dev, ip, prefixLength, span, ...(trust === undefined ? {} : { trust }) };
}
