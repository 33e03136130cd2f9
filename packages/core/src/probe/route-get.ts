/** What `ip route get` prints. ip-route(8); net/ipv4/route.c inet_rtm_getroute, net/ipv6/route.c inet6_rtm_getroute. */
import { isBroadcast4, isMulticast } from '../inet/ip-kind.js';
import { formatIp } from '../inet/ip-text.js';
import { formatAddressOrPrefix } from '../inet/prefix.js';
import { ownSource4 } from '../path/own-source.js';
import type { Place } from '../path/place.js';
import type { Routed } from '../path/routing.js';
import { assume, type World } from '../path/world.js';
import { areStandard, policyRules } from '../route/policy-rules.js';
import { selectSource } from '../route/source.js';
import type { Route } from '../snapshot/route.js';
import type { Answer, ProbeAnswer } from './answer.js';
import type { Ended } from './fold.js';
import { answered, routed } from './lookup.js';
import type { ProbeRoute } from './question.js';

export function askRoute(place: Place, route: ProbeRoute): ProbeAnswer {
  // Where the source is not known to be foreign the lookup tells.
  const foreign =
    route.family === 4 && route.iif === null && route.src !== null && ownSource4(place, route.src) === false;
  if (foreign) return { outcome: 'unreachable', errno: 'ENETUNREACH' };
  return routed(place, route, (found) => shown(place, route, found));
}

function shown(
  place: Place,
  asked: ProbeRoute,
  { world, route, hop }: Routed,
): { readonly world: World; readonly ended: Ended } {
  const dev = route.type === 'local' ? 'lo' : (hop?.dev ?? null);
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
  const fibmatch = { dst: dstText(route), table: tableShown(place, route), type: route.type };
  if (asked.iif !== null || (asked.src !== null && asked.family === 4))
    return { world, ended: answered({ ...base, fibmatch }) };
  const chosen = selectSource(place, route, hop, asked.dst);
  if (chosen.kind === 'open') return { world, ended: { kind: 'open', because: chosen.because, either: null } };
  if (chosen.kind === 'none') return { world, ended: answered({ ...base, fibmatch }) };
  const src = formatIp(chosen.ip);
  return { world: assume(world, chosen.assumptions), ended: answered({ ...base, src, fibmatch }) };
}

/** Tables local and main of IPv4 are one until a policy rule is changed, and go by the name of main. net/ipv4/fib_frontend.c fib_unmerge. */
function tableShown(place: Place, { family, table }: Route): string {
  return family === 4 && table === 'local' && areStandard(policyRules(place, 4).rules, 4) ? 'main' : table;
}

/** As `ip route` prints a destination. */
function dstText({ dst }: Route): string {
  return dst.length === 0 ? 'default' : formatAddressOrPrefix(dst);
}
