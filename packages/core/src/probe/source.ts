/** Which source an unbound socket gets that connects. net/ipv4/route.c ip_route_connect, net/ipv6/ip6_output.c. */
import { formatIp } from '../inet/ip-text.js';
import type { Place } from '../path/place.js';
import type { Routed } from '../path/routing.js';
import { assume, type World } from '../path/world.js';
import { lookupRoute } from '../route/lookup.js';
import { selectSource } from '../route/source.js';
import type { ProbeAnswer } from './answer.js';
import type { Ended } from './fold.js';
import { answered, questionOfRoute, routed } from './lookup.js';
import type { ProbeRoute } from './question.js';

export function askSource(place: Place, route: ProbeRoute): ProbeAnswer {
  const unbound = { ...route, src: null, iif: null };
  return routed(place, unbound, (found) => sourceBy(place, unbound, found));
}

function sourceBy(
  place: Place,
  asked: ProbeRoute,
  { world, route, hop }: Routed,
): { readonly world: World; readonly ended: Ended } {
  const chosen = selectSource(place, route, hop, asked.dst);
  switch (chosen.kind) {
    case 'open':
      return { world, ended: { kind: 'open', because: chosen.because, either: null } };
    case 'none': {
      const text = `${place.name} has no address to send from`;
      return { world, ended: { kind: 'open', because: [{ dump: null, text }], either: null } };
    }
    case 'source': {
      const told = assume(world, chosen.assumptions);
      const src = formatIp(chosen.ip);
      if (asked.family === 6) return { world: told, ended: answered({ outcome: 'ok', src }) };
      return { world: told, ended: again(place, { ...asked, src: chosen.ip }, src) };
    }
  }
}

/** IPv4 looks up a second time with the source, and may find that there is no way. */
function again(place: Place, asked: ProbeRoute, src: string): Ended {
  const second = lookupRoute(place, questionOfRoute(asked));
  if (second.kind === 'open') return { kind: 'open', because: second.because, either: null };
  if (second.kind === 'error') return answered({ outcome: 'unreachable', errno: second.errno });
  return answered({ outcome: 'ok', src });
}
