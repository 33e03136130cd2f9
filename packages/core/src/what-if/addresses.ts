/** Addresses put on devices and taken off, with the routes that come and go with them. net/ipv4/devinet.c, net/ipv6/addrconf.c. */
import { type Family, type Ip, sameIp } from '../inet/ip.js';
import { prefixContains, prefixOf, samePrefix } from '../inet/prefix.js';
import type { Address } from '../snapshot/address.js';
import type { NetNs } from '../snapshot/node.js';
import type { Route } from '../snapshot/route.js';
import { andThen, type Changed, done, open, refused } from './changed.js';
import { addressesKnown, withRows } from './dump-rows.js';
import { findLink, isUp } from './gateway.js';
import { isSame, multicastRoute, routesOfAddress, withKernelRoutes } from './kernel-routes.js';
import { withoutDevice } from './routes.js';

const scopes: Readonly<Record<string, number>> = { global: 0, site: 200, link: 253, host: 254, nowhere: 255 };

function scopeNumber(scope: string): number {
  return scopes[scope] ?? (Number(scope) || 0);
}

/** The subnet of an IPv4 address: that of its peer where it has one. */
const netOf = ({ ip, peer, prefixLength }: Address) => prefixOf(peer ?? ip, prefixLength);

const isSecondary = ({ flags }: Address): boolean => flags.includes('secondary');

/** `ip addr add`; with `replace` one that is there takes the new lifetimes. An IPv4 address becomes secondary where its network has one. */
export function addAddress(ns: NetNs, address: Address, replace: boolean): Changed<NetNs> {
  return andThen(findLink(ns, address.dev), (link) => {
    const own = ns.addresses.rows.filter(({ dev, ip }) => dev === address.dev && ip.family === address.ip.family);
    const twin = own.find((one) => isTwin(one, address));
    if (twin !== undefined)
      return replace ? done(replaced(ns, twin, address, isUp(link))) : refused('Address already assigned');
    const placed = address.ip.family === 4 ? secondaryOrNot(own, address) : address;
    if (placed === null) return refused('Invalid scope value');
    const rows = inserted(ns.addresses.rows, placed);
    const primary =
      own.find((one) => !isSecondary(one) && isSecondary(placed) && sameNet(one, placed))?.ip ?? placed.ip;
    const after = { ...ns, addresses: withRows(ns.addresses, rows) };
    const up = isUp(link);
    const many =
      placed.ip.family === 6 && up && link.type !== 'loopback' ? [multicastRoute(link.name, placed.span)] : [];
    return done(withKernelRoutes(after, [...routesOfAddress(placed, primary, up, placed.span), ...many]));
  });
}

function isTwin(one: Address, other: Address): boolean {
  if (!sameIp(one.ip, other.ip)) return false;
  return one.ip.family === 6 || (one.prefixLength === other.prefixLength && sameNet(one, other));
}

function sameNet(one: Address, other: Address): boolean {
  return one.prefixLength === other.prefixLength && prefixContains(netOf(one), other.peer ?? other.ip);
}

/** `replace` changes lifetimes of the address that is there, and flags of one of IPv6, whose prefix route it makes anew. */
function replaced(ns: NetNs, before: Address, after: Address, up: boolean): NetNs {
  const { validLifetime, preferredLifetime, span } = after;
  const now =
    before.ip.family === 4
      ? { ...before, validLifetime, preferredLifetime, span }
      : { ...after, scope: before.scope, prefixLength: before.prefixLength };
  const rows = ns.addresses.rows.map((one) => (one === before ? now : one));
  const changed = { ...ns, addresses: withRows(ns.addresses, rows) };
  const routes = now.ip.family === 6 ? routesOfAddress(now, now.ip, up, span) : [];
  return withKernelRoutes(
    changed,
    routes.filter(({ table }) => table === 'main'),
  );
}

function secondaryOrNot(own: readonly Address[], address: Address): Address | null {
  const primary = own.find((one) => sameNet(one, address));
  if (primary === undefined) return address;
  if (primary.scope !== address.scope) return null;
  return { ...address, flags: ['secondary', ...address.flags] };
}

/** IPv4: primaries behind those of no narrower scope, secondaries last. IPv6: the newest first of its scope. */
function inserted(rows: readonly Address[], address: Address): readonly Address[] {
  const mine = rows
    .map((one, at) => ({ one, at }))
    .filter(({ one }) => one.dev === address.dev && one.ip.family === address.ip.family);
  const later = (at: number | undefined, fallback: number) => at ?? fallback;
  const device =
    address.ip.family === 4
      ? rows.findIndex((one) => one.dev === address.dev) - 1
      : rows.findLastIndex((one) => one.dev === address.dev);
  const none = !rows.some((one) => one.dev === address.dev);
  const end = later(mine.at(-1)?.at, none ? rows.length - 1 : device) + 1;
  let place = end;
  if (address.ip.family === 6) {
    const rank = scopeNumber(address.scope);
    place = mine.find(({ one }) => scopeNumber(one.scope) >= rank)?.at ?? end;
  } else if (!isSecondary(address)) {
    const before = mine
      .filter(({ one }) => !isSecondary(one) && scopeNumber(address.scope) <= scopeNumber(one.scope))
      .at(-1);
    place = before === undefined ? (mine[0]?.at ?? end) : before.at + 1;
  }
  return [...rows.slice(0, place), address, ...rows.slice(place)];
}

/** `prefixLength` and `peer` null: any address that is this one. */
export interface AddressSelector {
  readonly dev: string;
  readonly ip: Ip;
  readonly prefixLength: number | null;
}

/** `ip addr del`. With a primary address its secondaries go, unless promote_secondaries keeps them. */
export function deleteAddress(ns: NetNs, { dev, ip, prefixLength }: AddressSelector): Changed<NetNs> {
  return andThen(findLink(ns, dev), () => {
    const found = ns.addresses.rows.find(
      (one) => one.dev === dev && sameIp(one.ip, ip) && (prefixLength === null || one.prefixLength === prefixLength),
    );
    if (found !== undefined) return done(withoutAddress(ns, found));
    if (!addressesKnown(ns, ip.family)) return open('the addresses were not all captured');
    return refused('Address not found');
  });
}

/** Takes an address off, and with a primary its secondaries (unless they are promoted). */
function withoutAddress(ns: NetNs, address: Address): NetNs {
  const { dev, ip } = address;
  const own = ns.addresses.rows.filter((one) => one.dev === dev && one.ip.family === ip.family);
  const followers =
    ip.family === 4 && !isSecondary(address) ? own.filter((one) => isSecondary(one) && sameNet(address, one)) : [];
  const promoted = promotes(ns, dev) ? followers[0] : undefined;
  const gone = new Set<Address>([address, ...(promoted === undefined ? followers : [])]);
  let rest = ns.addresses.rows.filter((one) => !gone.has(one));
  if (promoted !== undefined) rest = rest.map((one) => (one === promoted ? unmarked(one) : one));
  const without = { ...ns, addresses: withRows(ns.addresses, rest) };
  return ip.family === 4 ? without4(ns, without, dev, [...gone]) : without6(without, address);
}

function unmarked(address: Address): Address {
  return { ...address, flags: address.flags.filter((flag) => flag !== 'secondary') };
}

function promotes(ns: NetNs, dev: string): boolean {
  const value = (name: string) => ns.sysctl.byKey.get(`net/ipv4/conf/${name}/promote_secondaries`)?.value;
  return value(dev) === '1' || value('all') === '1';
}

/** The device's own routes are what its addresses ask for; routes of table main that prefer a source that is gone go too. net/ipv4/fib_semantics.c fib_sync_down_addr. */
function without4(before: NetNs, ns: NetNs, dev: string, gone: readonly Address[]): NetNs {
  const left = ns.addresses.rows.filter((one) => one.dev === dev && one.ip.family === 4);
  const stale = kernelRoutes4(before, dev);
  const due = kernelRoutes4(ns, dev);
  const isGone = (ip: Ip | null) =>
    ip !== null && gone.some((one) => sameIp(one.ip, ip)) && !ns.addresses.rows.some((one) => sameIp(one.ip, ip));
  const rows = ns.routes.rows.flatMap((route): readonly Route[] => {
    if (route.family !== 4) return [route];
    if (route.table === 'main' && isGone(route.prefsrc)) return [];
    if (stale.some((one) => isSame(route, one)) && !due.some((one) => isSame(route, one))) return [];
    return left.length > 0 ? [route] : withoutDevice(route, dev, () => false);
  });
  // With its last address the device loses its neighbours too.
  const neighbours = ns.neighbours.rows.filter((one) => left.length > 0 || one.dev !== dev || one.ip.family === 6);
  const after = { ...ns, routes: { ...ns.routes, rows }, neighbours: { ...ns.neighbours, rows: neighbours } };
  return withKernelRoutes(after, due);
}

function kernelRoutes4(ns: NetNs, dev: string): readonly Route[] {
  const link = ns.links.rows.find((one) => one.name === dev);
  const up = link === undefined || isUp(link);
  const own = ns.addresses.rows.filter((one) => one.dev === dev && one.ip.family === 4);
  return own.flatMap((one) => {
    const primary = isSecondary(one)
      ? (own.find((other) => !isSecondary(other) && sameNet(other, one))?.ip ?? one.ip)
      : one.ip;
    return routesOfAddress(one, primary, up, one.span);
  });
}

function without6(ns: NetNs, address: Address): NetNs {
  const { dev } = address;
  const due = ns.addresses.rows
    .filter((one) => one.dev === dev && one.ip.family === 6)
    .flatMap((one) => routesOfAddress(one, one.ip, true, one.span));
  const stale = routesOfAddress(address, address.ip, true, address.span);
  const elsewhere = ns.addresses.rows.some((one) => one.dev !== dev && sameIp(one.ip, address.ip));
  // Of the prefix the kernel deletes the first route of the device, whoever put it there.
  const gone = stale
    .filter((one) => !due.some((other) => isSame(one, other)))
    .map((one) => (one.type === 'local' ? ns.routes.rows.find((route) => isSame(route, one)) : firstOf(ns, one)));
  const rows = ns.routes.rows
    .filter((route) => !gone.includes(route))
    .map((route) =>
      route.prefsrc !== null && sameIp(route.prefsrc, address.ip) && !elsewhere ? { ...route, prefsrc: null } : route,
    );
  return { ...ns, routes: { ...ns.routes, rows } };
}

function firstOf(ns: NetNs, { dst, table, nexthops: [own] }: Route): Route | undefined {
  const ofDevice = ns.routes.rows.filter(({ family, table: its, dst: to, nexthops: [hop] }) => {
    return family === 6 && its === table && samePrefix(to, dst) && hop?.dev === own?.dev && hop?.via === null;
  });
  return ofDevice.sort((x, y) => x.metric - y.metric)[0];
}

/** `ip addr flush`: every address that fits. */
export function flushAddresses(ns: NetNs, fits: (address: Address) => boolean): NetNs {
  let now = ns;
  for (const address of ns.addresses.rows)
    if (fits(address) && now.addresses.rows.includes(address)) now = withoutAddress(now, address);
  return now;
}

/** The routes that come back when a device comes up: those of its addresses. */
export function routesOfDevice(ns: NetNs, dev: string, family: Family): readonly Route[] {
  if (family === 4) return kernelRoutes4(ns, dev);
  return ns.addresses.rows
    .filter((one) => one.dev === dev && one.ip.family === 6)
    .flatMap((one) => routesOfAddress(one, one.ip, true, one.span));
}
