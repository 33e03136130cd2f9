/** What `ip route get` prints. ip-route(8); net/ipv4/route.c inet_rtm_getroute, net/ipv6/route.c inet6_rtm_getroute. */

import { isBroadcast4, isMulticast, isUnspecified } from '../inet/ip-kind.js';
import { formatIp } from '../inet/ip-text.js';
import { formatAddressOrPrefix, samePrefix } from '../inet/prefix.js';
import type { Place } from '../path/place.js';
import type { Routed } from '../path/routing.js';
import { assume, type World } from '../path/world.js';
import { isHosts } from '../route/hosts-address.js';
import { isOneTable } from '../route/one-table.js';
import { routesBySameObject } from '../route/shared-object.js';
import { selectSource } from '../route/source.js';
import type { Route } from '../snapshot/route.js';
import type { Answer, ProbeAnswer } from './answer.js';
import type { Ended } from './fold.js';
import { answered, folded, routed } from './lookup.js';
import type { ProbeRoute } from './question.js';
import { routing4 } from './route-get4.js';

export function askRoute(place: Place, route: ProbeRoute): ProbeAnswer {
  if (route.family === 4) return folded(routing4(place, route), (found) => shown(place, route, found));
  // With multicast routing of IPv6 built in, as it mostly is, the kernel looks for a daemon's route and fails (EMSGSIZE).
  if (route.iif !== null && isMulticast(route.dst))
    return { outcome: 'unknown', because: ['whether the kernel was built to route multicast of IPv6 is not known'] };
  return routed(place, route, (found) => shown(place, route, found));
}

function shown(
  place: Place,
  asked: ProbeRoute,
  { world, route, hop }: Routed,
): { readonly world: World; readonly ended: Ended } {
  // What came in for everybody is shown on lo.
  const isHere = isHosts(route) || (asked.iif !== null && asked.family === 4 && route.type === 'broadcast');
  const dev = isHere ? 'lo' : (hop?.dev ?? null);
  const many = isBroadcast4(asked.dst)
    ? 'broadcast'
    : asked.family === 4 && isMulticast(asked.dst)
      ? 'multicast'
      : null;
  // No gateway passes on what is for everybody, nor what the default route takes to a group.
  const direct = many === 'broadcast' || (many === 'multicast' && route.dst.length < 4);
  const base: Answer = {
    outcome: 'ok',
    type: many ?? route.type,
    ...(hop?.via == null || direct ? {} : { via: formatIp(hop.via) }),
    ...(dev === null ? {} : { dev }),
  };
  if (
    routesBySameObject(place.ns, route, hop).some((row) => row.table !== route.table || !samePrefix(row.dst, route.dst))
  ) {
    const text = 'which of the routes by one next hop object is named depends on which was asked first';
    return { world, ended: { kind: 'open', because: [{ dump: null, text }], either: null } };
  }
  const fibmatch = matchOf(place, asked, route, many);
  // The route's own source is shown of IPv6 that came in, too.
  if (asked.iif !== null && asked.family === 6 && route.prefsrc !== null)
    return { world, ended: answered({ ...base, src: formatIp(route.prefsrc), ...fibmatch }) };
  if (asked.iif !== null || (asked.src !== null && asked.family === 4))
    return { world, ended: answered({ ...base, ...fibmatch }) };
  // A group has been given a source before.
  const { src: given } = world.skb;
  if (many === 'multicast' && !isUnspecified(given))
    return { world, ended: answered({ ...base, src: formatIp(given), ...fibmatch }) };
  const chosen = selectSource(place, route, hop, asked.dst);
  if (chosen.kind === 'open') return { world, ended: { kind: 'open', because: chosen.because, either: null } };
  if (chosen.kind === 'none') return { world, ended: answered({ ...base, ...fibmatch }) };
  const src = formatIp(chosen.ip);
  return { world: assume(world, chosen.assumptions), ended: answered({ ...base, src, ...fibmatch }) };
}

/**
 * Nothing where no line of a table says so. While no policy rule has ever been changed, IPv4 keeps local and main as one table, which is called main
 * (fib_unmerge).
 */
function matchOf(
  place: Place,
  asked: ProbeRoute,
  route: Route,
  many: 'broadcast' | 'multicast' | null,
): Partial<Answer> {
  if (route.span.file < 0 || (asked.family === 4 && isUnspecified(asked.dst))) return {};
  const one = route.table === 'local' && route.family === 4 && isOneTable(place) !== false;
  return { fibmatch: { dst: dstText(route), table: one ? 'main' : route.table, type: many ?? route.type } };
}

/** As `ip route` prints a destination. */
function dstText({ dst }: Route): string {
  return dst.length === 0 ? 'default' : formatAddressOrPrefix(dst);
}
