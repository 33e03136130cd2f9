/** The ways out of a route that can be used now. net/ipv4/fib_trie.c fib_lookup_good_nhc, net/ipv4/nexthop.c. */
import type { Ip } from '../inet/ip.js';
import { isLoopback } from '../inet/ip-kind.js';
import { prefixContains } from '../inet/prefix.js';
import type { NetNs } from '../snapshot/node.js';
import type { NextHop, Route } from '../snapshot/route.js';
import { addressesOf, nextHopObject } from '../snapshot/rows-by.js';
import type { Reason } from '../tri.js';

export type UsableHops =
  | { readonly kind: 'hops'; readonly hops: readonly NextHop[] }
  | { readonly kind: 'blackhole' }
  | { readonly kind: 'open'; readonly because: readonly Reason[] };

/** Routes that name no way out (a local address without a device, `throw`) have one empty hop. */
export function usableHops(ns: NetNs, route: Route): UsableHops {
  const resolved = hopsOf(ns, route);
  if (!('length' in resolved)) return resolved;
  const encapsulated = resolved.find((hop) => hop.encap !== null && !isIdleEncap(ns, hop));
  if (encapsulated !== undefined)
    return open(`a route puts packets into another protocol (encap ${encapsulated.encap})`);
  // Whether the kernel uses such a gateway was settled when the route was added, by the addresses of that time.
  const own = resolved.find(({ via, dev, onlink }) => via?.family === 4 && !onlink && isLocalOn(ns, via, dev));
  if (own !== undefined) return open('a route leads to a gateway that is local to the namespace itself');
  // A link that is down is printed as dead where net.ipv4.conf.DEV.ignore_routes_with_linkdown makes the kernel pass it over.
  return { kind: 'hops', hops: resolved.filter((hop) => !hop.dead) };
}

function hopsOf(ns: NetNs, { nexthops, nhid }: Route): readonly NextHop[] | UsableHops {
  return nexthops.length === 0 && nhid !== null ? resolve(ns, nhid) : nexthops;
}

/** Whether or not it can be used. */
export function firstHop(ns: NetNs, route: Route): NextHop | undefined {
  const hops = hopsOf(ns, route);
  return 'length' in hops ? hops[0] : undefined;
}

/** What a route says for a tunnel (`encap ip`, `encap ip6`), other devices do not read. net/ipv4/ip_tunnel_core.c ip_tun_lwt_ops has no output of its own. */
function isIdleEncap(ns: NetNs, { encap, dev }: NextHop): boolean {
  if (encap === null || !/^ip6? /.test(encap)) return false;
  const { details, detailed } = ns.links.rows.find(({ name }) => name === dev) ?? {};
  if (details?.kind === 'other') return unreading.has(details.type);
  return details === null && detailed === true;
}

/** No device stands below these, which would take the packet with what its route says. */
const unreading: ReadonlySet<string> = new Set(['veth', 'dummy']);

/** The device of a way that the whole list of devices lacks. */
export function lostDevice(ns: NetNs, hops: readonly NextHop[]): string | null {
  return hops.find(({ dev }) => dev !== null && isMissing(ns, dev))?.dev ?? null;
}

const devices = new WeakMap<NetNs, ReadonlySet<string>>();

/** Every device was captured, and this is none of them: routes go with their device, so the dumps are of different times. */
function isMissing(ns: NetNs, dev: string): boolean {
  if (ns.links.state !== 'complete' || dev === 'lo') return false;
  let names = devices.get(ns);
  if (names === undefined) {
    names = new Set(ns.links.rows.map(({ name }) => name));
    devices.set(ns, names);
  }
  return !names.has(dev);
}

/**
 * An address of the route's own device, or one that a local route by it takes in: the next hop's scope is then `host`, and the gateway is passed over
 * (rt_set_nexthop). What other devices hold is not looked at (fib_check_nh_v4_gw asks by the device).
 */
function isLocalOn(ns: NetNs, ip: Ip, dev: string | null): boolean {
  const isBy = (of: string | null | undefined) => dev === null || of == null || of === dev;
  return (
    addressesOf(ns, ip).some((row) => isBy(row.dev)) ||
    localNetworks(ns).some(({ dst, nexthops }) => isBy(nexthops[0]?.dev) && prefixContains(dst, ip))
  );
}

const networks = new WeakMap<NetNs, readonly Route[]>();

/** Local routes of more than one address, or outside of table local, which somebody added; not the loopback's. */
function localNetworks(ns: NetNs): readonly Route[] {
  const known = networks.get(ns);
  if (known !== undefined) return known;
  const found = ns.routes.rows.filter(
    (row) =>
      row.type === 'local' &&
      row.family === 4 &&
      (row.dst.length < 32 || row.table !== 'local') &&
      !isLoopback(row.dst.ip),
  );
  networks.set(ns, found);
  return found;
}

function open(text: string, dump: Reason['dump'] = null): UsableHops {
  return { kind: 'open', because: [{ dump, text }] };
}

function resolve(ns: NetNs, id: number): readonly NextHop[] | UsableHops {
  const object = nextHopObject(ns, id);
  if (object === undefined) return open(`nexthop object ${id} of a route was not captured`, 'ip-nexthop');
  if (object.blackhole) return { kind: 'blackhole' };
  const hops: NextHop[] = [];
  for (const { id: member, weight } of object.group.length > 0 ? object.group : [{ id, weight: 1 }]) {
    const one = nextHopObject(ns, member);
    if (one === undefined) return open(`nexthop object ${member} of group ${id} was not captured`, 'ip-nexthop');
    const words = one.rest.filter((word) => !/^(?:scope (?:global|site|link)$|proto )/.test(word));
    if (words.length > 0 || one.blackhole)
      return open(`nexthop object ${member} is special (${words.join(' ') || 'blackhole'})`);
    const flag = (name: string) => one.flags.includes(name);
    const { via, dev } = one;
    hops.push({
      via,
      dev,
      weight,
      onlink: flag('onlink'),
      dead: flag('dead'),
      linkdown: flag('linkdown'),
      encap: null,
    });
  }
  return hops;
}
