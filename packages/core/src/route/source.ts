/** Which address the kernel picks: for an unbound socket, and for MASQUERADE. net/ipv4/devinet.c inet_select_addr; RFC 6724. */
import type { Family, Ip } from '../inet/ip.js';
import { isLinkLocal, isLoopback } from '../inet/ip-kind.js';
import { prefixContains, prefixOf } from '../inet/prefix.js';
import type { Place } from '../path/place.js';
import type { Address } from '../snapshot/address.js';
import type { NextHop, Route } from '../snapshot/route.js';

/** The source of a locally generated packet on this route: `src` of the route, else the device's address. null: none can be found. */
export function selectSource(place: Place, route: Route, hop: NextHop | undefined, dst: Ip): Ip | null {
  if (route.prefsrc !== null) return route.prefsrc;
  const dev = hop?.dev ?? null;
  return selectAddress(place, dst.family, dev, hop?.via ?? dst);
}

/**
 * The primary address of the device whose subnet holds the next hop, else its first primary one, else the first global address of another
 * device in order of their index. Secondary addresses never win; addresses of scope link or host are passed over.
 */
export function selectAddress(place: Place, family: Family, dev: string | null, towards: Ip): Ip | null {
  const rows = place.ns.addresses.rows.filter((row) => row.ip.family === family && row.trust !== 'claimed');
  const own = rows.filter((row) => row.dev === dev && isEligible(row, towards));
  const covering = own.find((row) => prefixContains(prefixOf(row.peer ?? row.ip, row.prefixLength), towards));
  const chosen =
    covering ?? own[0] ?? rows.find((row) => row.dev !== dev && isEligible(row, towards) && !isLoopback(row.ip));
  return chosen?.ip ?? null;
}

function isEligible(row: Address, towards: Ip): boolean {
  if (row.flags.includes('secondary') || row.flags.includes('tentative') || row.flags.includes('dadfailed'))
    return false;
  if (row.ip.family === 6) return isLinkLocal(row.ip) === isLinkLocal(towards) && !row.flags.includes('deprecated');
  return row.scope === 'global' || isLoopback(towards);
}
