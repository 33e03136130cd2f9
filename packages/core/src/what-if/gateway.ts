/** Is a gateway one that the kernel takes? net/ipv4/fib_semantics.c `fib_check_nh`, net/ipv6/route.c `ip6_validate_gw`. */
import { type Family, type Ip, ip4, sameIp } from '../inet/ip.js';
import { isLinkLocal, isUnspecified } from '../inet/ip-kind.js';
import { prefixContains } from '../inet/prefix.js';
import type { Link } from '../snapshot/link.js';
import type { NetNs } from '../snapshot/node.js';
import type { PolicyRule } from '../snapshot/policy-rule.js';
import type { NextHop, Route } from '../snapshot/route.js';
import { type Changed, done, open, refused } from './changed.js';
import { addressesKnown, covers, linksKnown } from './dump-rows.js';

/** The device of a name or alternative name. */
export function findLink(ns: NetNs, name: string): Changed<Link> {
  const link = ns.links.rows.find((one) => one.name === name || one.altnames.includes(name));
  if (link !== undefined) return done(link);
  return linksKnown(ns)
    ? refused(`Cannot find device "${name}"`)
    : open(`the capture does not show whether there is a device ${name}`);
}

export const isUp = (link: Link): boolean => link.flags.includes('UP');

/** The way with its device, or why the kernel refuses it. */
export function checkedHop(ns: NetNs, hop: NextHop, route: Pick<Route, 'family' | 'table'>): Changed<NextHop> {
  const { via, dev } = hop;
  if (dev !== null) {
    const link = findLink(ns, dev);
    if (link.kind === 'refused') return link;
    // Without a dump of links the device may well be there.
    if (link.kind === 'done' && !isUp(link.value))
      return refused(
        via !== null && route.family === 6
          ? 'Network is down'
          : route.family === 4
            ? 'Device for nexthop is not up'
            : 'Network is down',
      );
  }
  if (via === null) return dev === null ? refused('No such device') : done(hop);
  return via.family === 4 ? gateway4(ns, hop, via, route) : gateway6(ns, hop, via);
}

function gateway4(ns: NetNs, hop: NextHop, via: Ip, route: Pick<Route, 'table'>): Changed<NextHop> {
  if (hop.onlink) {
    if (hop.dev === null) return refused('Egress device not specified');
    const own = ns.routes.rows.some(
      ({ type, table, dst }) =>
        table === 'local' && type !== 'unicast' && dst.ip.family === 4 && prefixContains(dst, via),
    );
    return own || ns.addresses.rows.some(({ ip }) => sameIp(ip, via))
      ? refused('Nexthop has invalid gateway')
      : done(hop);
  }
  const found = onLink(ns, via, hop.dev, route.table);
  if (found === null || found === 'open')
    return found === null
      ? refused('Nexthop has invalid gateway')
      : open(`the routes towards ${describe(via)} were not all captured`);
  if (found.type !== 'unicast' && found.type !== 'local') return refused('Nexthop has invalid gateway');
  const dev = hop.dev ?? found.nexthops[0]?.dev ?? null;
  const link = ns.links.rows.find(({ name }) => name === dev);
  // A local route stays while its device is down.
  return link === undefined || isUp(link) ? done({ ...hop, dev }) : refused('Network is down');
}

const describe = ({ a }: Ip): string => [24, 16, 8, 0].map((shift) => (a >>> shift) & 255).join('.');

const narrow = new Set(['link', 'host', 'nowhere']);

/** The route by which a neighbour is reached: only routes without a gateway count, and with a device only its own. */
function onLink(ns: NetNs, ip: Ip, dev: string | null, extra: string): Route | null | 'open' {
  for (const table of tablesFor(ns, ip, dev, extra)) {
    const best = bestOf(ns, table, ip, dev);
    if (best !== undefined) return best;
    if (!covers(ns.routes, ip.family, table) && !isConcluded(ns, ip.family, table)) return 'open';
  }
  return null;
}

/** Table local follows from the addresses, and nobody puts anything into table default. */
function isConcluded(ns: NetNs, family: Family, table: string): boolean {
  return table === 'default' || (table === 'local' && addressesKnown(ns, family));
}

const rejects = new Set(['blackhole', 'unreachable', 'prohibit', 'throw']);

/** The longest prefix of a table that holds the address; of IPv4 without a gateway of its own. */
function bestOf(ns: NetNs, table: string, ip: Ip, dev: string | null): Route | undefined {
  return ns.routes.rows
    .filter(
      (route) =>
        route.family === ip.family &&
        route.table === table &&
        prefixContains(route.dst, ip) &&
        (ip.family === 6 || narrow.has(route.scope ?? 'global')) &&
        (dev === null || route.nexthops.some((hop) => hop.dev === dev)),
    )
    .sort((x, y) => y.dst.length - x.dst.length || x.metric - y.metric)[0];
}

/** Tables that a lookup without source, mark or device goes through. The table that the route goes into is asked first. */
function tablesFor(ns: NetNs, ip: Ip, dev: string | null, extra: string): readonly string[] {
  const rules = ip.family === 4 ? ns.policyRules4.rows : [];
  const tables = rules.length > 0 ? tablesOf(rules, ip, dev) : ['local', 'main', 'default'];
  return extra === 'main' || extra === 'local' ? tables : [extra, ...tables];
}

function tablesOf(rules: readonly PolicyRule[], ip: Ip, dev: string | null): readonly string[] {
  const tables: string[] = [];
  let from = 0;
  for (const rule of rules) {
    const { action, priority } = rule;
    if (priority < from || !applies(rule, ip, dev)) continue;
    if (action.kind === 'lookup') tables.push(action.table);
    else if (action.kind === 'goto') from = action.unresolved ? from : action.priority;
    else if (action.kind !== 'nop') break;
  }
  return tables;
}

/** Does a lookup from nowhere, of no mark and protocol, take the rule? */
function applies(rule: PolicyRule, ip: Ip, dev: string | null): boolean {
  const { from, to, iif, oif, fwmark, ipproto, sport, dport, uidrange, l3mdev, tos, invert } = rule;
  const ends = (from === null || prefixContains(from, ip4(0))) && (to === null || prefixContains(to, ip));
  const devices = (iif === null || iif === 'lo') && (oif === null || oif === dev) && !l3mdev;
  const marked = fwmark === null || (fwmark.value & fwmark.mask) === 0;
  const rest = ipproto === null && sport === null && dport === null && uidrange === null && tos === 0;
  return (ends && devices && marked && rest) !== invert;
}

function gateway6(ns: NetNs, hop: NextHop, via: Ip): Changed<NextHop> {
  const own = ns.addresses.rows.some(
    (one) => sameIp(one.ip, via) && (hop.dev === null || one.dev === hop.dev || !isLinkLocal(via)),
  );
  if (own) return refused('Gateway can not be a local address');
  if (hop.dev === null && (isLinkLocal(via) || hop.onlink)) return refused('Egress device not specified');
  if (isLinkLocal(via)) return done(hop);
  if (hop.onlink)
    return leadsElsewhere(onlinkRoute6(ns, via, hop.dev), hop.dev)
      ? refused('Nexthop has invalid gateway or device mismatch')
      : done(hop);
  const found = onLink(ns, via, hop.dev, 'main');
  if (found === 'open') return open('the IPv6 routes were not all captured');
  const [way] = found?.nexthops ?? [];
  if (found === null || way === undefined || way.via !== null || found.type !== 'unicast')
    return refused('No route to host');
  return done({ ...hop, dev: hop.dev ?? way.dev });
}

/** What leads to the gateway by itself must do so by that device; a default route and those that lead nowhere do not count. ip6_route_check_nh_onlink */
function leadsElsewhere(route: Route | undefined, dev: string | null): boolean {
  if (route === undefined || isUnspecified(route.dst.ip) || rejects.has(route.type)) return false;
  return route.type !== 'unicast' || !route.nexthops.some((hop) => hop.dev === dev);
}

/** Of the longest prefix with a living route the least metric, and of several of that one by the device, unless another is preferred. */
function onlinkRoute6(ns: NetNs, via: Ip, dev: string | null): Route | undefined {
  const score = (route: Route) =>
    (route.nexthops.some((hop) => hop.dev === dev) ? 1 : 0) +
    2 * ['low', 'medium', 'high'].indexOf(route.pref ?? 'medium');
  const covering = ns.routes.rows
    .filter(
      ({ family, table, dst, src }) => family === 6 && table === 'main' && src === null && prefixContains(dst, via),
    )
    .sort((x, y) => y.dst.length - x.dst.length || x.metric - y.metric);
  const alive = covering.filter(({ nexthops }) => nexthops.length === 0 || !nexthops.every(({ dead }) => dead));
  const longest = alive.filter(({ dst }) => dst.length === alive[0]?.dst.length);
  const least = covering.find(({ dst }) => dst.length === longest[0]?.dst.length)?.metric;
  const first = longest.filter(({ metric }) => metric === least);
  const [best] = (first.length > 0 ? first : longest).toSorted((x, y) => score(y) - score(x));
  return best;
}

/** A preferred source must be an address of the machine. */
export function checkedSource(ns: NetNs, ip: Ip): Changed<null> {
  if (ns.addresses.rows.some((one) => sameIp(one.ip, ip))) return done(null);
  const local = ns.routes.rows.some(
    (route) => route.type === 'local' && route.family === ip.family && prefixContains(route.dst, ip),
  );
  if (local) return done(null);
  if (!addressesKnown(ns, ip.family)) return open('the addresses were not all captured');
  return refused(ip.family === 4 ? 'Invalid prefsrc address' : 'Invalid source address');
}
