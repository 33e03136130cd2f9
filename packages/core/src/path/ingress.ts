/** A packet enters a namespace at a device: PREROUTING, routing, then INPUT or FORWARD and POSTROUTING. net/ipv4/ip_input.c, ip_forward.c. */
import { isLinkLocal, isLoopback, isMulticast, isUnspecified } from '../inet/ip-kind.js';
import { formatIp } from '../inet/ip-text.js';
import type { NextHop, Route } from '../snapshot/route.js';
import type { Reason } from '../tri.js';
import { ending } from '../verdict/disposition.js';
import { entryAt } from './bridge.js';
import { runHook } from './hook-run.js';
import type { Place } from './place.js';
import { postrouting } from './postrouting.js';
import { routeInput } from './route-input.js';
import { deliver } from './socket.js';
import { advance, assume, finish, leaveOpen, note, type World } from './world.js';

/** `mark`: what something before the hooks has put on the packet; nothing does unless the question says so. */
export function ingress(place: Place, world: World, device: string, mark = 0): readonly World[] {
  const { iif: dev, physIn, because } = entryAt(place, world.skb.family, device);
  const entered = note(
    {
      ...world,
      exit: null,
      at: place.name,
      local: false,
      translated: { src: false, dst: false },
      // A looped packet keeps its connection and mark; one from the wire starts without.
      skb:
        dev === 'lo'
          ? { ...world.skb, iif: dev, oif: null, physIn, physOut: null }
          : { ...world.skb, iif: dev, oif: null, physIn, physOut: null, mark, ctState: 'NEW', ct: null },
    },
    place.name,
    'ingress',
    dev === device ? `the packet comes in at ${dev}` : `the packet comes in at ${device}, a port of ${dev}`,
    linkEvidence(place, dev),
  );
  const settled = because.length === 0 ? entered : unclear(place, entered, because);
  if (settled.end !== null) return [settled];
  return advance(runHook(place, settled, 'PREROUTING'), (live) =>
    dev === 'lo' ? hereFrom(place, live) : routeIn(place, live),
  );
}

function unclear(place: Place, world: World, because: readonly Reason[]): World {
  const certain = because.some(({ dump }) => dump === null);
  if (certain || place.assume === 'none') return finish(leaveOpen(world, because), ending('undetermined'));
  return assume(
    world,
    because.map((reason) => ({ ...reason, text: `${reason.text}; a plain one is assumed` })),
  );
}

export function linkEvidence(place: Place, dev: string) {
  const link = place.ns.links.rows.find((row) => row.name === dev);
  return link === undefined ? [] : [{ span: link.span, why: `interface ${dev}` }];
}

/** A looped packet keeps the route by which it was sent: it is for this namespace. */
function hereFrom(place: Place, world: World): readonly World[] {
  return advance(runHook(place, world, 'INPUT'), (live) => [deliver(place, live)]);
}

function routeIn(place: Place, world: World): readonly World[] {
  const { ended, routed } = routeInput(place, world);
  return [...ended, ...routed.flatMap(({ world: live, route, hop }) => decide(place, live, route, hop))];
}

function decide(place: Place, world: World, route: Route, hop: NextHop | undefined): readonly World[] {
  if (route.type === 'local' || route.type === 'broadcast' || route.type === 'anycast') {
    return advance(runHook(place, world, 'INPUT'), (live) => [deliver(place, live)]);
  }
  if (route.type !== 'unicast') return [finish(world, ending('dropped'))];
  return forward(place, world, hop);
}

function forward(place: Place, world: World, hop: NextHop | undefined): readonly World[] {
  const { src } = world.skb;
  if (src.family === 6 && (isUnspecified(src) || isMulticast(src) || isLoopback(src)))
    return [
      finish(note(world, place.name, 'forward', `${formatIp(src)} is no source to forward for`), ending('dropped')),
    ];
  if (src.family === 6 && isLinkLocal(src))
    return [
      finish(
        note(world, place.name, 'forward', 'a link-local source stays on its link'),
        ending('rejected', 'icmpv6 1/2'),
      ),
    ];
  if (world.skb.ttl <= 1) {
    const error = world.skb.family === 4 ? 'icmp 11/0' : 'icmpv6 3/0';
    return [finish(note(world, place.name, 'forward', 'the TTL is used up'), ending('rejected', error))];
  }
  const oif = hop?.dev ?? null;
  if (oif === null)
    return [finish(leaveOpen(world, [{ dump: null, text: 'the route names no device' }]), ending('undetermined'))];
  if (oif === world.skb.iif && world.skb.physIn !== null && world.skb.ct?.dstNat === true) {
    const text = `br_netfilter keeps a packet on the bridge ${oif} that NAT sends to another of its ports; this is not modelled`;
    return [finish(leaveOpen(world, [{ dump: null, text }]), ending('undetermined'))];
  }
  const leaving: World = {
    ...world,
    exit: { dev: oif, towards: hop?.via ?? world.skb.dst },
    skb: { ...world.skb, oif, ttl: world.skb.ttl - 1 },
  };
  return advance(runHook(place, leaving, 'FORWARD'), (live) => postrouting(place, live));
}
