/** Which source an unbound socket gets that connects, or the error number. `path/origin.ts`. */

import { formatIp } from '../inet/ip-text.js';
import { alter, type Skb } from '../packet/skb.js';
import { localPorts } from '../path/local-ports.js';
import { originate } from '../path/origin.js';
import type { Place } from '../path/place.js';
import type { ProbeAnswer } from './answer.js';
import { answered, folded, standIn } from './lookup.js';
import { begin } from './probed.js';
import type { ProbeRoute } from './question.js';

/** The kernel gives the socket a port where it has none, and rules see that one. */
function untold({ sport, dport }: ProbeRoute): Skb['openPort'] {
  if (sport === null) return dport === null ? 'both' : 'sport';
  return dport === null ? 'dport' : undefined;
}

export function askSource(place: Place, route: ProbeRoute): ProbeAnswer {
  const skb = standIn({ ...route, src: null, iif: null });
  const owner = { uid: route.uid, gid: 0, ...(route.oif === null ? {} : { dev: route.oif }) };
  const openPorts = route.sport === null ? (localPorts(place) ?? undefined) : undefined;
  const socket = alter(skb, { owner, openPort: untold(route), openPorts });
  const routing = originate(place, begin(socket), false);
  return folded(routing, ({ world }) => {
    return { world, ended: answered({ outcome: 'ok', src: formatIp(world.skb.src) }) };
  });
}
