/** What `ip route get` asks for IPv4: the kernel goes the whole way of a packet that is sent, or of one that came in. net/ipv4/route.c inet_rtm_getroute. */
import { ip4 } from '../inet/ip.js';
import { isUnspecified } from '../inet/ip-kind.js';
import { proto } from '../inet/proto.js';
import { mayForward } from '../path/may-forward.js';
import { deviceState } from '../path/on-link.js';
import { ended, lookupOnce } from '../path/origin.js';
import type { Place } from '../path/place.js';
import { routeInput } from '../path/route-input.js';
import type { Routing } from '../path/routing.js';
import { change, finish, type World, withPacket } from '../path/world.js';
import { ending } from '../verdict/disposition.js';
import { standIn } from './lookup.js';
import { begin } from './probed.js';
import type { ProbeRoute } from './question.js';

export function routing4(place: Place, asked: ProbeRoute): Routing {
  // The tool asks for UDP unless told otherwise.
  const skb = standIn({ ...asked, proto: asked.proto ?? proto.udp });
  const owner = { uid: asked.uid, gid: 0, ...(asked.oif === null ? {} : { dev: asked.oif }) };
  if (asked.iif === null) return sent(place, begin({ ...skb, owner }), asked);
  const found = routeInput(place, begin({ ...skb, pktType: 'host' }));
  return { ended: found.ended.map((world) => asErrno(place, world)), routed: found.routed };
}

function sent(place: Place, world: World, { dst, src, oif }: ProbeRoute): Routing {
  const device = oif === null ? 'usable' : deviceState(place, oif);
  if (device !== 'usable') return ended(finish(world, ending('unreachable', device)));
  if (isUnspecified(dst)) return lookupOnce(place, withPacket(world, { ...world.skb, dst: ip4(0x7f000001) }), src);
  return lookupOnce(place, world, src);
}

const errnos: Readonly<Record<string, string>> = {
  'icmp 3/0': 'ENETUNREACH',
  'icmp 3/1': 'EHOSTUNREACH',
  'icmp 3/13': 'EACCES',
};

/** What is not let in is an invalid argument, and without forwarding every host is unreachable. */
function asErrno(place: Place, world: World): World {
  const { end } = world;
  if (end === null || end.disposition === 'undetermined') return world;
  const known = errnos[end.rejectWith ?? ''];
  if (known !== undefined) return finish(world, ending('unreachable', known));
  if (end.disposition !== 'dropped') return finish(world, ending('unreachable', 'EINVAL'));
  const allowed = mayForward(place, change(world, { end: null }));
  if (allowed.end?.disposition === 'undetermined') return allowed;
  return finish(allowed, ending('unreachable', allowed.end === null ? 'EINVAL' : 'EHOSTUNREACH'));
}
