/** IPv4 lets a socket send from addresses of table local only. net/ipv4/devinet.c __ip_dev_find. */
import type { Ip } from '../inet/ip.js';
import { isUnspecified } from '../inet/ip-kind.js';
import { isOneTable } from '../route/one-table.js';
import { coveringRoutes, routeTable } from '../route/table.js';
import { hasAddress } from '../snapshot/rows-by.js';
import { type Tri, unknown } from '../tri.js';
import { localRouteOf } from './address-type.js';
import type { Place } from './place.js';

const openMain = unknown(
  'whether a local route of table main makes a source depends on whether policy rules were ever changed',
  'fib-trie',
);

export function ownSource4(place: Place, src: Ip): Tri {
  if (isUnspecified(src)) return true;
  if (hasAddress(place.ns, src)) return true;
  const route = localRouteOf(place, src);
  if (route !== null && !('type' in route)) return route;
  if (route?.type === 'local') return true;
  // A route of type local in table main counts as long as local and main are one.
  const [inMain] = coveringRoutes(routeTable(place.ns, 4, 'main'), src);
  if (inMain?.type !== 'local') return false;
  return isOneTable(place) ?? openMain;
}
