/**
 * IPv6 keeps what it made of a route with the next hop object that it leaves by, for all routes by that object: whichever was asked first.
 * net/ipv6/route.c rt6_get_pcpu_route.
 */
import { sameIp } from '../inet/ip.js';
import type { NetNs } from '../snapshot/node.js';
import type { NextHop, Route } from '../snapshot/route.js';

/** The other routes that may stand for this one where it takes this way. */
export function routesBySameObject(ns: NetNs, route: Route, hop: NextHop | undefined): readonly Route[] {
  const { family, nhid } = route;
  if (family === 4 || nhid === null) return [];
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
function isKnown({ nexthops }: NetNs, nhid: number): boolean {
  return nexthops.rows.some((row) => row.id === nhid);
}

function goesBy({ nexthops }: Route, hop: NextHop | undefined): boolean {
  return nexthops.some((own) => hop === undefined || isSameWay(own, hop));
}

function membersOf({ nexthops }: NetNs, id: number): readonly number[] {
  const group = nexthops.rows.find((row) => row.id === id)?.group ?? [];
  return group.length === 0 ? [id] : group.map((member) => member.id);
}

/** An object that was not captured may be any. */
function isObjectOf({ nexthops }: NetNs, id: number, hop: Way): boolean {
  const object = nexthops.rows.find((row) => row.id === id);
  return object === undefined || isSameWay(object, hop);
}

type Way = Pick<NextHop, 'via' | 'dev'>;

function isSameWay(x: Way, y: Way): boolean {
  const sameGateway = x.via === null || y.via === null ? x.via === y.via : sameIp(x.via, y.via);
  return sameGateway && x.dev === y.dev;
}
