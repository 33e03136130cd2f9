/** Devices put up and down, changed, made and deleted, with what that does to routes and addresses. net/ipv4/fib_semantics.c, net/ipv6/addrconf.c. */
import { type Ip, ip6, sameIp } from '../inet/ip.js';
import { isLinkLocal, isLoopback, isUnspecified } from '../inet/ip-kind.js';
import type { Mac } from '../inet/mac.js';
import type { Address } from '../snapshot/address.js';
import { bareAddress } from '../snapshot/bare-rows.js';
import type { Link } from '../snapshot/link.js';
import type { FdbEntry } from '../snapshot/neighbour.js';
import type { NetNs } from '../snapshot/node.js';
import type { Route } from '../snapshot/route.js';
import type { Span } from '../source/span.js';
import { routesOfDevice } from './addresses.js';
import { andThen, type Changed, done, refused } from './changed.js';
import { covers, withRows } from './dump-rows.js';
import { findLink, isUp } from './gateway.js';
import { multicastRoute, withKernelRoutes } from './kernel-routes.js';
import { afterRemoval, withoutDevice } from './routes.js';

/** What `ip link set` changes; absent: it stays as it is. */
export interface LinkChange {
  readonly up?: boolean;
  readonly mtu?: number;
  readonly mac?: Mac;
  /** null: out of its bridge. */
  readonly master?: string | null;
  readonly name?: string;
  readonly arp?: boolean;
}

/** `ip link set`. `span` is the command's: rows that the kernel makes by itself point there. */
export function changeLink(ns: NetNs, name: string, change: LinkChange, span: Span): Changed<NetNs> {
  return andThen(findLink(ns, name), (link) => {
    let now: Changed<NetNs> = done(ns);
    // Since Linux 6.2 a device that is up can be renamed too.
    if (change.name !== undefined && change.name !== link.name && ns.links.rows.some((one) => one.name === change.name))
      return refused('File exists');
    if (typeof change.master === 'string') {
      const { master } = change;
      now = andThen(findLink(ns, master), () => now);
    }
    if (now.kind !== 'done') return now;
    const changed: Link = {
      ...link,
      ...(change.mtu === undefined ? {} : { mtu: change.mtu }),
      ...(change.mac === undefined ? {} : { mac: change.mac }),
      ...(change.master === undefined ? {} : { master: change.master }),
      flags: change.arp === undefined ? link.flags : flagged(link.flags, 'NOARP', !change.arp),
    };
    const first = withLink(ns, link, changed);
    const second =
      change.up === undefined || change.up === isUp(link)
        ? first
        : change.up
          ? setUp(first, changed, span)
          : setDown(first, changed);
    return done(change.name === undefined ? second : renamed(second, link.name, change.name));
  });
}

function flagged(flags: readonly string[], flag: string, on: boolean): readonly string[] {
  if (flags.includes(flag) === on) return flags;
  return on ? [...flags, flag] : flags.filter((one) => one !== flag);
}

function withLink(ns: NetNs, before: Link, after: Link): NetNs {
  const rows = ns.links.rows.map((one) => (one.name === before.name ? after : one));
  return { ...ns, links: { ...ns.links, rows } };
}

/** IPv4 keeps addresses and their local routes, IPv6 forgets all but what `keep_addr_on_down` keeps. */
function setDown(ns: NetNs, link: Link): NetNs {
  const { name } = link;
  const flags = link.flags.filter((flag) => flag !== 'UP' && flag !== 'LOWER_UP' && flag !== 'NO-CARRIER');
  const down = withLink(ns, link, { ...link, flags, state: 'DOWN' });
  const routes = down.routes.rows.flatMap((route) =>
    withoutDevice(route, name, (one) => one.family === 4 && one.scope === 'host'),
  );
  const neighbours = down.neighbours.rows.filter(({ dev }) => dev !== name);
  const addresses = down.addresses.rows.filter((one) => one.dev !== name || one.ip.family === 4 || name === 'lo');
  return carried(
    {
      ...down,
      routes: { ...down.routes, rows: routes },
      neighbours: { ...down.neighbours, rows: neighbours },
      addresses: { ...down.addresses, rows: addresses },
    },
    link,
    false,
  );
}

function setUp(ns: NetNs, link: Link, span: Span): NetNs {
  const carrier = hasCarrier(ns, link);
  const flags = [...link.flags, 'UP', carrier ? 'LOWER_UP' : 'NO-CARRIER'];
  const up = withLink(ns, link, {
    ...link,
    flags,
    state: carrier ? (link.type === 'loopback' ? 'UNKNOWN' : 'UP') : 'DOWN',
  });
  const before = withKernelRoutes(up, routesOfDevice(up, link.name, 4));
  return carried(withIpv6Of(before, link, span), link, true);
}

/** The addresses and routes of IPv6 that a device which is up has without anybody's doing. */
export function withIpv6Of(ns: NetNs, link: Link, span: Span): NetNs {
  const carrier = hasCarrier(ns, link);
  const addressed = withOwnAddress(ns, link, carrier, span);
  const own = routesOfDevice(addressed, link.name, 6);
  return withKernelRoutes(addressed, own.concat(multicastOf(addressed, link, carrier, span)));
}

/** The other end of a veth pair has a carrier while this end is up. */
function carried(ns: NetNs, link: Link, up: boolean): NetNs {
  const other = peerOf(ns, link);
  if (other === undefined) return ns;
  // ip(8) says M-DOWN of a device whose other end is down.
  const known = flagged(other.flags, 'M-DOWN', !up);
  if (!isUp(other)) return withLink(ns, other, { ...other, flags: known });
  const flags = flagged(flagged(known, 'LOWER_UP', up), 'NO-CARRIER', !up);
  const changed = withLink(ns, other, { ...other, flags, state: up ? 'UP' : 'LOWERLAYERDOWN' });
  // Without a carrier only permanent entries stay.
  const neighbours = changed.neighbours.rows.filter(({ dev, nud }) => up || dev !== other.name || nud === 'PERMANENT');
  const rows = changed.routes.rows.map((route) =>
    route.nexthops.some((hop) => hop.dev === other.name && hop.linkdown === up)
      ? { ...route, nexthops: route.nexthops.map((hop) => (hop.dev === other.name ? { ...hop, linkdown: !up } : hop)) }
      : route,
  );
  return { ...changed, routes: { ...changed.routes, rows }, neighbours: { ...changed.neighbours, rows: neighbours } };
}

function peerOf(ns: NetNs, link: Link): Link | undefined {
  if (link.peer === null || (link.details?.kind === 'other' && link.details.type !== 'veth')) return undefined;
  return ns.links.rows.find((one) => one.name === link.peer && one.peer === link.name);
}

/** A pair whose other end is elsewhere, and hardware, are taken to have their cable in. */
function hasCarrier(ns: NetNs, link: Link): boolean {
  const other = peerOf(ns, link);
  if (other !== undefined) return isUp(other);
  if (link.details?.kind === 'bridge') return ns.links.rows.some((one) => one.master === link.name && isUp(one));
  return !link.flags.includes('NO-CARRIER');
}

/** IPv6 makes a link-local address of the hardware address (RFC 4291, appendix A) where nothing says otherwise; lo has ::1. */
function withOwnAddress(ns: NetNs, link: Link, carrier: boolean, span: Span): NetNs {
  const loopback = link.type === 'loopback';
  const ip = loopback ? ip6(0, 0, 0, 1) : madeOfHardware(ns, link, carrier);
  const there = ns.addresses.rows.some(
    (one) => one.dev === link.name && (isLinkLocal(one.ip) || isIpv6Loopback(one.ip)),
  );
  const off = ns.sysctl.byKey.get(`net/ipv6/conf/${link.name}/disable_ipv6`)?.value === '1';
  if (ip === null || there || off || !covers(ns.routes, 6, 'main')) return ns;
  const address: Address = {
    ...bareAddress,
    dev: link.name,
    ip,
    prefixLength: loopback ? 128 : 64,
    scope: loopback ? 'host' : 'link',
    span,
  };
  return { ...ns, addresses: withRows(ns.addresses, [...ns.addresses.rows, address]) };
}

const isIpv6Loopback = (ip: Ip): boolean => ip.family === 6 && isLoopback(ip);

/** null: the device makes none, a port of a bridge for one. */
function madeOfHardware(ns: NetNs, { name, mac, type, master }: Link, carrier: boolean): Ip | null {
  const mode = ns.sysctl.byKey.get(`net/ipv6/conf/${name}/addr_gen_mode`)?.value ?? '0';
  const isPort = master !== null && ns.links.rows.some((one) => one.name === master && one.details?.kind === 'bridge');
  return mac === null || mode !== '0' || !carrier || type !== 'ether' || isPort ? null : linkLocalOf(mac);
}

function linkLocalOf({ hi, lo }: Mac) {
  const upper = (((hi ^ 0x0200) << 16) | ((lo >>> 24) << 8) | 0xff) >>> 0;
  return ip6(0xfe800000, 0, upper, ((0xfe << 24) | (lo & 0xffffff)) >>> 0);
}

function multicastOf(ns: NetNs, link: Link, carrier: boolean, span: Span): readonly Route[] {
  if (
    !carrier ||
    link.type === 'loopback' ||
    !ns.addresses.rows.some((one) => one.dev === link.name && one.ip.family === 6)
  )
    return [];
  return [multicastRoute(link.name, span)];
}

/** Every row that names the device, under its new name. */
function renamed(ns: NetNs, from: string, to: string): NetNs {
  const name = (dev: string): string => (dev === from ? to : dev);
  const perhaps = (dev: string | null): string | null => (dev === null ? null : name(dev));
  const links = ns.links.rows.map((one) => ({
    ...one,
    name: name(one.name),
    master: perhaps(one.master),
    peer: perhaps(one.peer),
  }));
  const addresses = ns.addresses.rows.map((one) =>
    one.dev === from ? { ...one, dev: to, label: one.label === from ? to : one.label } : one,
  );
  const routes = ns.routes.rows.map((one) =>
    one.nexthops.some((hop) => hop.dev === from)
      ? { ...one, nexthops: one.nexthops.map((hop) => ({ ...hop, dev: perhaps(hop.dev) })) }
      : one,
  );
  const neighbours = ns.neighbours.rows.map((one) => ({ ...one, dev: name(one.dev) }));
  const fdb = ns.fdb.rows.map((one) => ({ ...one, dev: name(one.dev), master: perhaps(one.master) }));
  return {
    ...ns,
    links: { ...ns.links, rows: links },
    addresses: { ...ns.addresses, rows: addresses },
    routes: { ...ns.routes, rows: routes },
    neighbours: { ...ns.neighbours, rows: neighbours },
    fdb: { ...ns.fdb, rows: fdb },
  };
}

/** `ip link del`; the peer of a veth device goes with it, and so does what stood on either. */
export function deleteLink(ns: NetNs, name: string): Changed<NetNs> {
  return andThen(findLink(ns, name), (link) => {
    if (link.name === 'lo') return refused('Operation not supported');
    const peer = peerOf(ns, link);
    const first = forgotten(ns, link.name);
    return done(peer === undefined ? first : forgotten(first, peer.name));
  });
}

function forgotten(ns: NetNs, name: string): NetNs {
  const links = ns.links.rows
    .filter((one) => one.name !== name)
    .map((one) => (one.master === name ? { ...one, master: null } : one));
  const addresses = ns.addresses.rows.filter((one) => one.dev !== name);
  // Routes of table main that prefer a source that is gone go too.
  const lost = ns.addresses.rows.filter(
    (one) => one.dev === name && !addresses.some((other) => sameIp(other.ip, one.ip)),
  );
  const kept = ns.routes.rows.filter(
    ({ family, prefsrc, table }) =>
      family === 6 || prefsrc === null || table !== 'main' || !lost.some(({ ip }) => sameIp(ip, prefsrc)),
  );
  const without = <T extends { readonly dev: string }>(rows: readonly T[]) => rows.filter((one) => one.dev !== name);
  return {
    ...ns,
    links: { ...ns.links, rows: links },
    addresses: { ...ns.addresses, rows: addresses },
    routes: { ...ns.routes, rows: kept.flatMap((route) => afterRemoval(route, name)) },
    neighbours: { ...ns.neighbours, rows: without(ns.neighbours.rows) },
    fdb: { ...ns.fdb, rows: without(ns.fdb.rows).map((one) => (one.master === name ? { ...one, master: null } : one)) },
  };
}

/** `ip link add`: one device, or both of a pair; none of them has an address yet. */
export function addLink(ns: NetNs, links: readonly Link[]): Changed<NetNs> {
  const taken = links.find((link) => ns.links.rows.some((one) => one.name === link.name));
  if (taken !== undefined) return refused('File exists');
  if (links.some((link) => ns.links.rows.some((one) => sameNetwork(one, link))))
    return refused('A VXLAN device with the specified VNI already exists.');
  const entries = links.flatMap(remoteEntry);
  return done({
    ...ns,
    links: withRows(ns.links, [...ns.links.rows, ...links]),
    fdb: entries.length === 0 ? ns.fdb : withRows(ns.fdb, [...ns.fdb.rows, ...entries]),
  });
}

/** A VXLAN device begins with an entry of its remote end, or group, for all addresses. drivers/net/vxlan/vxlan_core.c __vxlan_dev_create. */
function remoteEntry({ name, details, span, trust }: Link): readonly FdbEntry[] {
  if (details?.kind !== 'vxlan' || details.remote === null || isUnspecified(details.remote)) return [];
  const { remote: dst, dev: via } = details;
  const mac = { hi: 0, lo: 0 };
  return [
    {
      span,
      ...(trust === undefined ? {} : { trust }),
      mac,
      dev: name,
      dst,
      port: null,
      vni: null,
      via,
      vlan: null,
      master: null,
      flags: ['self', 'permanent'],
    },
  ];
}

/** Two VXLAN devices cannot take the same packets. drivers/net/vxlan/vxlan_core.c vxlan_vni_in_use. */
function sameNetwork({ details: one }: Link, { details: other }: Link): boolean {
  if (one?.kind !== 'vxlan' || other?.kind !== 'vxlan') return false;
  const isIpv6 = ({ local, remote }: typeof one) => (local ?? remote)?.family === 6;
  return one.id === other.id && one.dstport === other.dstport && isIpv6(one) === isIpv6(other);
}
