/** Where a packet that came in goes: martian checks, route lookup, source validation. net/ipv4/route.c ip_route_input_slow, net/ipv6/ip6_input.c. */
import { type Ip, ip4 } from '../inet/ip.js';
import { isBroadcast4, isLoopback, isMulticast, isUnspecified, isZeronet } from '../inet/ip-kind.js';
import { formatIp } from '../inet/ip-text.js';
import { ending } from '../verdict/disposition.js';
import { mayForward } from './may-forward.js';
import { eitherSwitch } from './parameter.js';
import type { Place } from './place.js';
import { questionOf, type Routing, routeWorld } from './routing.js';
import { validateSource } from './rp-filter.js';
import { assume, finish, leaveOpen, note, type World } from './world.js';

export function routeInput(place: Place, world: World): Routing {
  const checked = world.skb.family === 4 ? screen4(place, world) : screen6(world);
  if (checked.end !== null) return { ended: [checked], routed: [] };
  const found = routeWorld(place, checked, questionOf(checked, { uid: 0 }));
  const ended = found.ended.map((one) => silenced(place, one));
  const routed = found.routed.flatMap((one) => {
    const live = admitted(place, one.world, one.route.type, one.hop?.dev ?? null);
    if (live.end === null) return [{ ...one, world: live }];
    ended.push(live);
    return [];
  });
  return { ended, routed };
}

function open(world: World, text: string): World {
  return finish(leaveOpen(world, [{ dump: null, text }]), ending('undetermined'));
}

function martian(place: Place, world: World, ip: Ip, end: 'source' | 'destination'): World {
  const what = `${formatIp(ip)} cannot be a ${end} here`;
  return finish(note(world, place.name, `${end} check`, what), ending('martian'));
}

function screen4(place: Place, world: World): World {
  const { src, dst, iif } = world.skb;
  if (isMulticast(dst)) return open(world, 'multicast is not modelled');
  if (isMulticast(src) || isBroadcast4(src)) return martian(place, world, src, 'source');
  if (isBroadcast4(dst)) return open(world, 'broadcasts are not modelled');
  if (isZeronet(src)) return martian(place, world, src, 'source');
  if (isZeronet(dst)) return martian(place, world, dst, 'destination');
  if (!isLoopback(src) && !isLoopback(dst)) return world;
  const localnet = eitherSwitch(place, 'route_localnet', iif);
  if (localnet.because.length > 0) return finish(leaveOpen(world, localnet.because), ending('undetermined'));
  if (localnet.on) return world;
  const told = assume(world, localnet.assumed);
  return isLoopback(dst) ? martian(place, told, dst, 'destination') : martian(place, told, src, 'source');
}

function screen6(world: World): World {
  return isMulticast(world.skb.dst) ? open(world, 'multicast is not modelled') : world;
}

/** IPv4 tells nobody of a missing route on a device that does not forward. */
function silenced(place: Place, world: World): World {
  const noRoute = world.end?.disposition === 'no-route' || world.end?.disposition === 'unreachable';
  if (!noRoute) return world;
  const allowed = mayForward(place, { ...world, end: null });
  if (allowed.end === null) return { ...allowed, end: world.end };
  if (world.skb.family === 6) return open(world, 'whether a host that does not forward answers here is not modelled');
  return allowed;
}

function admitted(place: Place, world: World, type: string, out: string | null): World {
  const { skb } = world;
  if (skb.family === 6) return type === 'local' || type === 'anycast' ? world : mayForward(place, world);
  if (type === 'local') return validateSource(place, world, skb.dst, null);
  if (type === 'broadcast') return isUnspecified(skb.src) ? world : validateSource(place, world, ip4(0), null);
  const allowed = mayForward(place, world);
  if (allowed.end !== null) return allowed;
  if (type !== 'unicast') return martian(place, allowed, skb.dst, 'destination');
  return validateSource(place, allowed, skb.dst, out);
}
