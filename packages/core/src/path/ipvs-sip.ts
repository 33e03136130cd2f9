/** A persistent service of engine `sip` reads the Call-ID of what comes to it, and drops what has none. net/netfilter/ipvs/ip_vs_pe_sip.c. */
import { proto } from '../inet/proto.js';
import type { Skb } from '../packet/skb.js';
import type { VirtualServer } from '../snapshot/ipvs.js';
import { ending } from '../verdict/disposition.js';
import type { Place } from './place.js';
import { finish, forkOpen, note, type World } from './world.js';

export function unlessNoCall(
  place: Place,
  world: World,
  { persistent, persistenceEngine }: VirtualServer,
): readonly World[] {
  if (persistent === null || persistenceEngine !== 'sip') return [world];
  if (isEmpty(world.skb)) return [dropped(place, world)];
  const text = 'whether the packet has a Call-ID, by which IPVS balances it (--pe sip), is not known';
  const [call, none] = forkOpen(world, [{ dump: null, text }]);
  return [call, dropped(place, none)];
}

/** Nothing but UDP is looked at. */
function isEmpty({ family, proto: upper, length }: Skb): boolean {
  return upper !== proto.udp || (length !== null && length <= (family === 4 ? 20 : 40) + 8);
}

function dropped(place: Place, world: World): World {
  return finish(note(world, place.name, 'ipvs', 'the packet has no Call-ID (--pe sip)'), ending('dropped'));
}
