/**
 * IPv6 keeps what it made of a route with the next hop object that it leaves by, for all routes by that object: whichever was asked first.
 * net/ipv6/route.c rt6_get_pcpu_route.
 */
import { ipKey, sameIp } from '../inet/ip.js';
import type { NetNs } from '../snapshot/node.js';
import type { NextHop, Route } from '../snapshot/route.js';
import { nextHopObject } from '../snapshot/rows-by.js';

/** The other routes that may stand for this one where it takes this way. */
export function routesBySameObject(ns: NetNs, route: Route, hop: NextHop | undefined): readonly Route[] {
  const { family, nhid } = route;
  if (family === 4 || nhid === null) return none;
  const byHop = known(ns, route);
  const key = hop === undefined ? '' : `${hop.dev} ${hop.via === null ? '' : ipKey(hop.via)}`;
  const before = byHop.get(key);
  if (before !== undefined) return before;
  const found = search(ns, route, nhid, hop);
  byHop.set(key, found);
  return found;
}

/** By device and gateway: the objects themselves are made anew for each lookup. */
type ByHop = Map<string, readonly Route[]>;

const none: readonly Route[] = [];
const kept = new WeakMap<NetNs, Map<Route, ByHop>>();

/** Worked out once for each route that is taken, not for each packet. */
function known(ns: NetNs, route: Route): ByHop {
  const byRoute = kept.get(ns) ?? new Map<Route, ByHop>();
  kept.set(ns, byRoute);
  const byHop = byRoute.get(route) ?? new Map();
  byRoute.set(route, byHop);
  return byHop;
}

function search(ns: NetNs, route: Route, nhid: number, hop: NextHop | undefined): readonly Route[] {
  const taken = membersOf(ns, nhid).filter((id) => hop === undefined || isObjectOf(ns, id, hop));
  return ns.routes.rows.filter(
    (row) =>
      row !== route &&
      row.family === 6 &&
      row.trust !== 'claimed' &&
      row.nhid !== null &&
      (membersOf(ns, row.nhid).some((id) => taken.includes(id)) || (!isKnown(ns, row.nhid) && goesBy(row, hop))),
  );
}

/** Of a group that was not captured the routes still show the ways. */
function isKnown(ns: NetNs, nhid: number): boolean {
  return nextHopObject(ns, nhid) !== undefined;
}

function goesBy({ nexthops }: Route, hop: NextHop | undefined): boolean {
  return nexthops.some((own) => hop === undefined || isSameWay(own, hop));
}

function membersOf(ns: NetNs, id: number): readonly number[] {
  const group = nextHopObject(ns, id)?.group ?? [];
  return group.length === 0 ? [id] : group.map((member) => member.id);
}

/** An object that was not captured may be any. */
function isObjectOf(ns: NetNs, id: number, hop: Way): boolean {
  const object = nextHopObject(ns, id);
  return object === undefined || isSameWay(object, hop);
}

type Way = Pick<NextHop, 'via' | 'dev'>;

function isSameWay(x: Way, y: Way): boolean {
  const sameGateway = x.via === null || y.via === null ? x.via === y.via : sameIp(x.via, y.via);
  return sameGateway && x.dev === y.dev;
}
