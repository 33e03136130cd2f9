/** Where a packet that came in goes: martian checks, route lookup, source validation. net/ipv4/route.c ip_route_input_slow, net/ipv6/ip6_input.c. */
import { type Ip, ip4 } from '../inet/ip.js';
import { isBroadcast4, isLoopback, isMulticast, isUnspecified } from '../inet/ip-kind.js';
import { formatIp } from '../inet/ip-text.js';
import { isReject } from '../route/reject-route.js';
import { ending } from '../verdict/disposition.js';
import { groupInput } from './group-input.js';
import { mayForward } from './may-forward.js';
import { anySwitch, eitherSwitch } from './parameter.js';
import type { Place } from './place.js';
import { questionOfPacket, type Routed, type Routing, routeWorld } from './routing.js';
import { validateSource } from './rp-filter.js';
import { assume, change, finish, leaveOpen, note, type World } from './world.js';

export function routeInput(place: Place, world: World): Routing {
  const group = groupInput(place, world);
  return group ?? admit(place, lookedUp(place, world));
}

function lookedUp(place: Place, world: World): Routing {
  const checked = world.skb.family === 4 ? screen4(place, world) : world;
  if (checked.end !== null) return { ended: [checked], routed: [] };
  const question = questionOfPacket(checked);
  question.uid = 0;
  const { ended, routed } = routeWorld(place, checked, question);
  return { ended: ended.map((one) => silenced(place, one)), routed };
}

function admit(place: Place, { ended, routed }: Routing): Routing {
  const refused: World[] = [];
  const passed: Routed[] = [];
  for (const { world, route, hop } of routed) {
    const asked = isReject(route, hop) ? nowhere(place, world) : admitted(place, world, route.type, hop?.dev ?? null);
    if (asked.end === null) passed.push({ world: asked, route, hop });
    else refused.push(asked);
  }
  return { ended: [...ended, ...refused], routed: passed };
}

/**
 * br_netfilter routes a packet whose destination NAT changed. That of IPv6 it drops without a word where no way leads on, and asks nobody whether the node
 * forwards: what leaves the bridge is asked later. net/bridge/br_netfilter_ipv6.c br_nf_pre_routing_finish_ipv6.
 */
export function routeRedirected(place: Place, world: World): Routing {
  if (world.skb.family === 4 || isMulticast(world.skb.dst)) return routeInput(place, world);
  const { ended, routed } = lookedUp(place, world);
  const silent = (one: World): World =>
    one.end?.disposition === 'undetermined' ? one : finish(one, ending('dropped'));
  return { ended: ended.map(silent), routed };
}

/** The rest of what `routeInput` asks of a packet that `routeRedirected` found a way for. */
export function leavesBridge(place: Place, one: Routed): Routing {
  const routing = { ended: [], routed: [one] };
  return one.world.skb.family === 6 ? admit(place, routing) : routing;
}

/** Asked before anybody asks whether the node forwards. */
function nowhere(place: Place, world: World): World {
  const what = `no way to ${formatIp(world.skb.dst)}: IPv6 sends nothing over lo but to addresses of ${place.name}`;
  return finish(note(world, place.name, 'routing', what), ending('unreachable', 'icmpv6 1/0'));
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
  if (isMulticast(src) || isBroadcast4(src)) return martian(place, world, src, 'source');
  if (isUnspecified(src)) return martian(place, world, src, 'source');
  if (isUnspecified(dst)) return martian(place, world, dst, 'destination');
  if (!isLoopback(src) && !isLoopback(dst)) return world;
  const localnet = eitherSwitch(place, 'route_localnet', iif);
  if (localnet.because.length > 0) return finish(leaveOpen(world, localnet.because), ending('undetermined'));
  if (localnet.on) return world;
  const told = assume(world, localnet.assumed);
  return isLoopback(dst) ? martian(place, told, dst, 'destination') : martian(place, told, src, 'source');
}

/** IPv4 tells nobody of a missing route on a device that does not forward; IPv6 does. */
function silenced(place: Place, world: World): World {
  const noRoute = world.end?.disposition === 'no-route' || world.end?.disposition === 'unreachable';
  if (!noRoute || world.skb.family === 6) return world;
  const allowed = mayForward(place, change(world, { end: null }));
  // That forwarding is on ends nothing: the missing route stays the last word.
  return allowed.end === null ? assume(world, allowed.assumptions) : allowed;
}

function admitted(place: Place, world: World, type: string, out: string | null): World {
  const { skb } = world;
  if (skb.family === 6) return type === 'local' || type === 'anycast' ? world : mayForward(place, world);
  if (type === 'local') return validateSource(place, world, skb.dst, null);
  if (type === 'broadcast') return broadcastInput(place, world);
  const allowed = mayForward(place, world);
  if (allowed.end !== null) return allowed;
  if (type !== 'unicast') return martian(place, allowed, skb.dst, 'destination');
  return validateSource(place, allowed, skb.dst, out);
}

/** To a subnet's broadcast address: taken in, unless both switches have it sent on to that subnet. */
function broadcastInput(place: Place, world: World): World {
  const both = ['all', world.skb.iif].map((dev) =>
    anySwitch(place, 'bc_forwarding', [`net/ipv4/conf/${dev}/bc_forwarding`]),
  );
  if (both.every(({ on }) => on)) return open(world, 'forwarding of broadcasts (bc_forwarding) is not modelled');
  const live = isUnspecified(world.skb.src) ? world : validateSource(place, world, ip4(0), null);
  if (both.some(({ on, because }) => !on && because.length === 0))
    return assume(
      live,
      both.flatMap(({ assumed }) => assumed),
    );
  return finish(
    leaveOpen(
      world,
      both.flatMap(({ because }) => because),
    ),
    ending('undetermined'),
  );
}
