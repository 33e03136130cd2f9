/** A source that SNAT gave and that nobody answers ARP for: it is no address of the node, although it lies in its network. net/ipv4/arp.c arp_process. */
import { type Ip, sameIp } from '../inet/ip.js';
import { isCompleteFor } from '../snapshot/dump.js';
import { localRouteOf } from './address-type.js';
import type { Place } from './place.js';
import type { Hop } from './world.js';

/** Neither proxy_arp nor an entry of `ip neigh add proxy` answers for what is reached by the device that asks. */
export function isGivenInVain(place: Place, src: Ip, hops: readonly Hop[]): boolean {
  const connection = hops.findLast((hop) => hop.place === place.name)?.connection ?? null;
  if (connection === null || sameIp(connection.original.src, src)) return false;
  return isForeign(place, src);
}

function isForeign(place: Place, ip: Ip): boolean {
  const { addresses } = place.ns;
  if (addresses.rows.some((row) => sameIp(row.ip, ip))) return false;
  const local = localRouteOf(place, ip);
  if (local === null || 'dst' in local) return local === null;
  return isCompleteFor(addresses, ip.family);
}
