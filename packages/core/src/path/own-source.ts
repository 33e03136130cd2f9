/** IPv4 lets a socket send from its addresses, whether table local has them or not, and from what else that has. net/ipv4/devinet.c __ip_dev_find. */
import type { Ip } from '../inet/ip.js';
import { isUnspecified } from '../inet/ip-kind.js';
import { formatIp } from '../inet/ip-text.js';
import { isOneTable } from '../route/one-table.js';
import { coveringRoutes, routeTable } from '../route/table.js';
import { isCompleteFor } from '../snapshot/dump.js';
import { hasAddress } from '../snapshot/rows-by.js';
import { type Reason, type Tri, type Unknown, unknown } from '../tri.js';
import { localRouteOf } from './address-type.js';
import { missing, type Place } from './place.js';

const openMain = unknown(
  'whether a local route of table main makes a source depends on whether policy rules were ever changed',
  'fib-trie',
);

export function ownSource4(place: Place, src: Ip): Tri {
  if (isUnspecified(src)) return true;
  if (hasAddress(place.ns, src)) return true;
  const routed = isLocalRoute4(place, src);
  if (routed !== false) return routed;
  return isCompleteFor(place.ns.addresses, 4) ? false : withoutRoute(place, src);
}

/** What bind(2) asks: it knows no addresses, but the routes that lead to them. net/ipv4/af_inet.c __inet_bind, inet_addr_type_table. */
export function isLocalRoute4(place: Place, src: Ip): Tri {
  const route = localRouteOf(place, src);
  if (route !== null && !('type' in route)) return route;
  if (route?.type === 'local') return true;
  // A route of type local in table main counts as long as local and main are one.
  const [inMain] = coveringRoutes(routeTable(place.ns, 4, 'main'), src);
  return inMain?.type === 'local' ? (isOneTable(place) ?? openMain) : false;
}

/** Somebody may have deleted the local route of an address. */
function withoutRoute(place: Place, src: Ip): Unknown {
  const what = `whether ${formatIp(src)}, to which no local route leads, is an address of ${place.name} is not known`;
  return { because: [missing(place, 'ip-addr', what)] };
}

/** What is assumed of an address of which that is not known. */
export function likelyOwn4({ because }: Unknown): { readonly own: boolean; readonly assumed: readonly Reason[] } {
  const foreign = because.some(({ dump }) => dump === 'ip-addr');
  if (!foreign) return { own: true, assumed: because };
  return {
    own: false,
    assumed: because.map((reason) => ({ ...reason, text: `${reason.text}; it is taken for none` })),
  };
}
