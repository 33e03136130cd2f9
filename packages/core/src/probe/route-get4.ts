/** What `ip route get` asks for IPv4: the kernel goes the whole way of a packet that is sent, or of one that came in. net/ipv4/route.c inet_rtm_getroute. */
import { type Ip, ip4, sameIp } from '../inet/ip.js';
import { isBroadcast4, isMulticast, isUnspecified } from '../inet/ip-kind.js';
import { proto } from '../inet/proto.js';
import { localRouteOf } from '../path/address-type.js';
import { mayForward } from '../path/may-forward.js';
import { onLinkRoute } from '../path/on-link.js';
import { lookupOnce } from '../path/origin.js';
import type { Place } from '../path/place.js';
import { routeInput } from '../path/route-input.js';
import type { Routing } from '../path/routing.js';
import { change, finish, leaveOpen, type World } from '../path/world.js';
import { ending } from '../verdict/disposition.js';
import { standIn } from './lookup.js';
import { begin } from './probed.js';
import type { ProbeRoute } from './question.js';

export function routing4(place: Place, asked: ProbeRoute): Routing {
  // The tool asks for UDP unless told otherwise.
  const skb = standIn({ ...asked, proto: asked.proto ?? proto.udp });
  const owner = { uid: asked.uid, gid: 0, ...(asked.oif === null ? {} : { dev: asked.oif }) };
  if (asked.iif === null) return sent(place, begin({ ...skb, owner }), asked);
  const { ended, routed } = routeInput(place, begin({ ...skb, pktType: 'host' }));
  return { ended: ended.map((world) => asErrno(place, world)), routed };
}

function sent(place: Place, world: World, { dst, src, oif }: ProbeRoute): Routing {
  if (isUnspecified(dst)) return lookupOnce(place, change(world, { skb: { ...world.skb, dst: ip4(0x7f000001) } }), src);
  if (forMany(dst) && oif === null && src !== null) return bySource(place, world, dst, src);
  const found = lookupOnce(place, world, src);
  const dev = oif !== null && (isBroadcast4(dst) || onLinkOnly(dst)) ? oif : null;
  const refused = found.ended.some(
    ({ end }) => end?.disposition === 'undetermined' || (src !== null && found.routed.length === 0),
  );
  return dev === null || refused ? found : { ended: [], routed: [{ world, ...onLinkRoute(dev, dst) }] };
}

/** What is for everybody leaves by the device of its source, whatever the tables say. */
function bySource(place: Place, world: World, dst: Ip, src: Ip): Routing {
  const own = localRouteOf(place, src);
  const row = place.ns.addresses.rows.find((address) => address.trust !== 'claimed' && sameIp(address.ip, src));
  const dev = row?.dev ?? (own !== null && 'type' in own && own.type === 'local' ? own.nexthops[0]?.dev : undefined);
  if (dev != null) return { ended: [], routed: [{ world, ...onLinkRoute(dev, dst) }] };
  if (own === null || 'type' in own) return lookupOnce(place, world, src);
  return { ended: [finish(leaveOpen(world, own.because), ending('undetermined'))], routed: [] };
}

function forMany(dst: Ip): boolean {
  return isBroadcast4(dst) || isMulticast(dst);
}

/** 224.0.0.0/24. */
function onLinkOnly(dst: Ip): boolean {
  return dst.a >>> 8 === 0xe00000;
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
  const stays = end.disposition === 'dropped' && mayForward(place, change(world, { end: null })).end !== null;
  return finish(world, ending('unreachable', stays ? 'EHOSTUNREACH' : 'EINVAL'));
}
