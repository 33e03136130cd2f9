/** The way and the source of what the kernel itself answers: an ICMP error. net/ipv4/icmp.c icmp_route_lookup, net/ipv6/icmp.c icmp6_send. */
import type { Ip } from '../inet/ip.js';
import { isLinkLocal } from '../inet/ip-kind.js';
import { selectByDevice } from '../route/source.js';
import { ask, chained, ended, lookupOnce, refined, take, withSource } from './origin.js';
import type { Place } from './place.js';
import { type Routing, routeWorld } from './routing.js';
import { change, type World } from './world.js';

/** The source is `src`, the address that the packet was for, or chosen where that is null. `iif`: the device by which the packet came in. */
export function answerRoute(place: Place, world: World, src: Ip | null, iif: string | null): Routing {
  if (world.skb.family === 6) return answerRoute6(place, world, src, iif);
  const found = lookupOnce(place, world, src);
  return src === null ? refined(found, (one) => withSource(place, one)) : found;
}

/**
 * A first lookup shows whether the route back has a `src`, which is then the source. If not, the source is chosen as for a packet that leaves by the device
 * of the other one, whichever way this one goes, and the lookup that counts has it: rules for it apply, though the first one found no way.
 */
function answerRoute6(place: Place, world: World, src: Ip | null, iif: string | null): Routing {
  const device = isLinkLocal(world.skb.dst) ? iif : null;
  const lookup = (from: World, source: Ip | null) => routeWorld(place, from, ask(from, { device }, source));
  const found = lookup(world, src);
  if (src !== null) return found;
  const undetermined = found.ended.filter(({ end }) => end?.disposition === 'undetermined');
  const unrouted = found.ended.filter((one) => !undetermined.includes(one));
  const fromInput = (at: World, otherwise: Routing): Routing => {
    const chosen = iif === null ? null : selectByDevice(place, iif, at.skb.dst);
    if (chosen === null || chosen.kind === 'none') return otherwise;
    const sourced = take(place, at, chosen, null);
    return sourced.end === null ? lookup(sourced, sourced.skb.src) : ended(sourced);
  };
  const ways = chained({ ended: undetermined, routed: found.routed }, (one) => {
    const sourced = withSource(place, one);
    const asFound = 'skb' in sourced ? ended(sourced) : { ended: [], routed: [sourced] };
    return one.route.prefsrc === null ? fromInput(one.world, asFound) : asFound;
  });
  const others = unrouted.map((one) => fromInput(change(one, { end: null }), ended(one)));
  return {
    ended: [...ways.ended, ...others.flatMap((one) => one.ended)],
    routed: [...ways.routed, ...others.flatMap((one) => one.routed)],
  };
}
