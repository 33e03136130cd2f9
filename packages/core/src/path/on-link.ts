/** Devices that a socket names itself (SO_BINDTODEVICE). net/ipv4/route.c ip_route_output_key_hash_rcu. */
import type { Ip } from '../inet/ip.js';
import { hostPrefix } from '../inet/prefix.js';
import { bareHop, bareRoute } from '../snapshot/bare-rows.js';
import type { NextHop, Route } from '../snapshot/route.js';
import type { Place } from './place.js';

/** A device that is not there, one that is down, or one to send by; what was not captured is taken to be there, as the socket has named it. */
export function deviceState(place: Place, dev: string): 'ENODEV' | 'ENETUNREACH' | 'usable' {
  const { links } = place.ns;
  const link = links.rows.find((row) => row.name === dev && row.trust !== 'claimed');
  if (link === undefined) return links.state === 'complete' ? 'ENODEV' : 'usable';
  return link.flags.includes('UP') ? 'usable' : 'ENETUNREACH';
}

/** The destination as a neighbour on the device, which no line of a table says. */
export function onLinkRoute(dev: string, dst: Ip): { readonly route: Route; readonly hop: NextHop } {
  const hop = bareHop(dev);
  const route: Route = {
    ...bareRoute,
    span: { file: -1, start: 0, end: 0 },
    family: dst.family,
    type: 'unicast',
    dst: hostPrefix(dst),
    scope: 'link',
    nexthops: [hop],
  };
  return { route, hop };
}
