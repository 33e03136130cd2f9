/** Where a packet goes that has passed PREROUTING: into this namespace, or on. net/ipv4/ip_input.c, ip_forward.c, net/ipv6/ip6_output.c ip6_forward. */

import { isLinkLocal, isLoopback, isMulticast, isUnspecified } from '../inet/ip-kind.js';
import { formatIp } from '../inet/ip-text.js';
import { draftSkb } from '../packet/skb.js';
import type { NextHop, Route } from '../snapshot/route.js';
import { ending } from '../verdict/disposition.js';
import { groupFrame4 } from './group-frame.js';
import { runHook } from './hook-run.js';
import { ndProxy } from './nd-proxy.js';
import { routesOf } from './output.js';
import type { Place } from './place.js';
import { postrouting } from './postrouting.js';
import { routeInput } from './route-input.js';
import type { Routing } from './routing.js';
import { deliver } from './socket.js';
import { unlessLongerThanRoute, unlessTooBig } from './too-big.js';
import { advance, draftWorld, eachWay, finish, leaveOpen, note, type World } from './world.js';

/** A looped packet keeps the route by which it was sent: it is for this namespace. */
export function hereFrom(place: Place, world: World): readonly World[] {
  if (waitsForTheRest(world)) {
    const what = 'the fragment waits for the rest of its packet, which alone comes to INPUT';
    return [finish(note(world, place.name, 'local delivery', what), ending('dropped'))];
  }
  return advance(runHook(place, world, 'INPUT', routesOf(place)), (live) => [deliver(place, live)]);
}

export function routeIn(place: Place, world: World): readonly World[] {
  return routeOn(place, routeInput(place, world));
}

export function routeOn(place: Place, { ended, routed }: Routing): readonly World[] {
  const gone = eachWay(routed, ({ world, route, hop }) => decide(place, world, route, hop));
  return ended.length === 0 ? gone : [...ended, ...gone];
}

function decide(place: Place, world: World, route: Route, hop: NextHop | undefined): readonly World[] {
  if (route.type === 'local' || route.type === 'anycast') {
    const single = isMulticast(world.skb.dst) ? world : groupFrame4(place, world);
    return advance([single], (live) => hereFrom(place, live));
  }
  if (route.type === 'broadcast') return hereFrom(place, world);
  if (route.type !== 'unicast') return [finish(world, ending('dropped'))];
  return forward(place, world, route, hop);
}

/** IPv4 puts packets together before INPUT, IPv6 behind it. net/ipv4/ip_input.c ip_local_deliver. */
function waitsForTheRest({ skb }: World): boolean {
  return skb.family === 4 && skb.fragment !== null && (skb.fragment.offset > 0 || skb.fragment.more);
}

function forward(place: Place, world: World, route: Route, hop: NextHop | undefined): readonly World[] {
  const { pktType } = world.skb;
  if (pktType !== 'host')
    return [finish(note(world, place.name, 'forward', `a ${pktType} frame is not passed on`), ending('dropped'))];
  if (world.skb.socket !== undefined) {
    const what = 'TPROXY has given the packet to a socket, and its route leads away from this node';
    return [finish(note(world, place.name, 'forward', what), ending('dropped'))];
  }
  if (world.skb.ttl <= 1) {
    const error = world.skb.family === 4 ? 'icmp 11/0' : 'icmpv6 3/0';
    return [finish(note(world, place.name, 'forward', 'the TTL is used up'), ending('rejected', error))];
  }
  const { here, on, ended } = ndProxy(place, world);
  return [
    ...ended,
    ...eachWay(here, (live) => hereFrom(place, live)),
    ...eachWay(on, (live) => passOn(place, live, route, hop)),
  ];
}

function passOn(place: Place, world: World, route: Route, hop: NextHop | undefined): readonly World[] {
  const kept = world.skb.family === 6 ? keptBack(place, world, hop) : null;
  if (kept !== null) return [kept];
  const oif = hop?.dev ?? null;
  if (oif === null)
    return [finish(leaveOpen(world, [{ dump: null, text: 'the route names no device' }]), ending('undetermined'))];
  return advance(unlessTooBig(place, world, route, oif), (fits) => {
    const skb = draftSkb(fits.skb);
    skb.oif = oif;
    skb.outMtu = route.mtu;
    skb.ttl--;
    const leaving = draftWorld(fits);
    leaving.exit = { dev: oif, towards: hop?.via ?? skb.dst };
    leaving.skb = skb;
    return advance(runHook(place, leaving, 'FORWARD', routesOf(place)), (live) =>
      postrouting(place, live, (gone) => unlessLongerThanRoute(place, gone, route)),
    );
  });
}

/** Sources of IPv6 that are not passed on to another link; back to the link they came from they are. */
function keptBack(place: Place, world: World, hop: NextHop | undefined): World | null {
  const { src, iif } = world.skb;
  if (hop?.dev === iif) return null;
  if (isUnspecified(src) || isMulticast(src) || isLoopback(src))
    return finish(
      note(world, place.name, 'forward', `${formatIp(src)} is no source to forward for`),
      ending('dropped'),
    );
  if (!isLinkLocal(src)) return null;
  const told = note(world, place.name, 'forward', 'a link-local source stays on its link');
  return finish(told, ending('rejected', 'icmpv6 1/2'));
}
