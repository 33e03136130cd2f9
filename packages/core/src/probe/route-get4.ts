/** What `ip route get` asks for IPv4: the kernel goes the whole way of a packet that is sent, or of one that came in. net/ipv4/route.c inet_rtm_getroute. */
import { type Ip, ip4 } from '../inet/ip.js';
import { isMulticast, isUnspecified } from '../inet/ip-kind.js';
import { proto } from '../inet/proto.js';
import { alter } from '../packet/skb.js';
import { isRoutedGroup } from '../path/group-route.js';
import { mayForward } from '../path/may-forward.js';
import { deviceState, onLinkRoute } from '../path/on-link.js';
import { ended, lookupOnce } from '../path/origin.js';
import { likelyOwn4, ownSource4 } from '../path/own-source.js';
import type { Place } from '../path/place.js';
import { routeInput } from '../path/route-input.js';
import type { Routing } from '../path/routing.js';
import { assume, change, finish, leaveOpen, type World, withPacket } from '../path/world.js';
import { scopes, selectDeviceSource } from '../route/source.js';
import { isUnknown } from '../tri.js';
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
  if (isUnspecified(dst)) return toItself(place, world, src, oif);
  return src === null && oif !== null && isRoutedGroup(dst)
    ? toGroup(place, world, oif)
    : lookupOnce(place, world, src);
}

/** By a device a packet to a group has a source before any route is looked for. */
function toGroup(place: Place, world: World, oif: string): Routing {
  const chosen = selectDeviceSource(place, oif, scopes.global);
  if (chosen.kind === 'open') return ended(finish(leaveOpen(world, chosen.because), ending('undetermined')));
  if (chosen.kind !== 'source') return lookupOnce(place, world, null);
  return lookupOnce(
    place,
    withPacket(assume(world, chosen.assumptions), alter(world.skb, { src: chosen.ip })),
    chosen.ip,
  );
}

/** 0.0.0.0 is the source itself: the one that is given, that of the device, or 127.0.0.1. No rule and no table is asked. */
function toItself(place: Place, world: World, src: Ip | null, oif: string | null): Routing {
  if (src !== null) return fromItself(place, world, src);
  const chosen = oif === null ? null : selectDeviceSource(place, oif, scopes.host);
  if (chosen?.kind === 'open') return ended(finish(leaveOpen(world, chosen.because), ending('undetermined')));
  return chosen?.kind === 'source' ? here(assume(world, chosen.assumptions), chosen.ip) : here(world, ip4(0x7f000001));
}

function fromItself(place: Place, world: World, src: Ip): Routing {
  const own = ownSource4(place, src);
  if (isUnknown(own) && place.assume === 'none')
    return ended(finish(leaveOpen(world, own.because), ending('undetermined')));
  const likely = isUnknown(own) ? likelyOwn4(own) : { own, assumed: [] };
  const told = assume(world, likely.assumed);
  return likely.own ? here(told, src) : ended(finish(told, ending('no-route', 'ENETUNREACH')));
}

function here(world: World, ip: Ip): Routing {
  const { route, hop } = onLinkRoute('lo', ip);
  return { ended: [], routed: [{ world, route: { ...route, type: 'local', prefsrc: ip }, hop }] };
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
  // Nobody forwards what is for a group that the device is not in.
  if (end.disposition !== 'dropped' || isMulticast(world.skb.dst))
    return finish(world, ending('unreachable', 'EINVAL'));
  const allowed = mayForward(place, change(world, { end: null }));
  if (allowed.end?.disposition === 'undetermined') return allowed;
  return finish(allowed, ending('unreachable', allowed.end === null ? 'EINVAL' : 'EHOSTUNREACH'));
}
