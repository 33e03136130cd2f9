/** Which source an unbound socket gets that connects, or the error number. `path/origin.ts`. */

import { formatIp } from '../inet/ip-text.js';
import { alter } from '../packet/skb.js';
import { originate } from '../path/origin.js';
import type { Place } from '../path/place.js';
import type { ProbeAnswer } from './answer.js';
import { answered, folded, standIn } from './lookup.js';
import { begin } from './probed.js';
import type { ProbeRoute } from './question.js';

export function askSource(place: Place, route: ProbeRoute): ProbeAnswer {
  const skb = standIn({ ...route, src: null, iif: null });
  const owner = { uid: route.uid, gid: 0, ...(route.oif === null ? {} : { dev: route.oif }) };
  const socket = alter(skb, { owner, openPort: route.dport === null ? 'dport' : undefined });
  const routing = originate(place, begin(socket), false);
  return folded(routing, ({ world }) => {
    return { world, ended: answered({ outcome: 'ok', src: formatIp(world.skb.src) }) };
  });
}
