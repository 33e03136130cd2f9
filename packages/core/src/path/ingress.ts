/** A packet enters a namespace at a device: PREROUTING, routing, then INPUT or FORWARD and POSTROUTING. net/ipv4/ip_input.c, ip_forward.c. */
import { isLoopback } from '../inet/ip-kind.js';
import type { NextHop, Route } from '../snapshot/route.js';
import { ending } from '../verdict/disposition.js';
import { runHook } from './hook-run.js';
import { missing, type Place, sysctl } from './place.js';
import { postrouting } from './postrouting.js';
import { questionOf, routeWorld } from './routing.js';
import { validateSource } from './rp-filter.js';
import { deliver } from './socket.js';
import { advance, assume, finish, leaveOpen, note, type World } from './world.js';

export function ingress(place: Place, world: World, dev: string): readonly World[] {
  const entered = note(
    {
      ...world,
      exit: null,
      translated: { src: false, dst: false },
      // A looped packet keeps its connection and mark; one from the wire starts without.
      skb:
        dev === 'lo'
          ? { ...world.skb, iif: dev, oif: null }
          : { ...world.skb, iif: dev, oif: null, mark: 0, ctState: 'NEW', ct: null },
    },
    place.name,
    'ingress',
    `the packet comes in at ${dev}`,
    linkEvidence(place, dev),
  );
  return advance(runHook(place, entered, 'PREROUTING'), (live) => routeIn(place, live));
}

export function linkEvidence(place: Place, dev: string) {
  const link = place.ns.links.rows.find((row) => row.name === dev);
  return link === undefined ? [] : [{ span: link.span, why: `interface ${dev}` }];
}

function routeIn(place: Place, world: World): readonly World[] {
  const checked = validateSource(place, world);
  if (checked.end !== null) return [checked];
  if (checked.skb.family === 4 && isLoopback(checked.skb.dst) && !routesLocalnet(place, checked.skb.iif)) {
    return [finish(note(checked, place.name, 'routing', 'a packet to 127/8 from outside'), ending('martian'))];
  }
  const { ended, routed } = routeWorld(place, checked, questionOf(checked));
  return [...ended, ...routed.flatMap(({ world: live, route, hop }) => decide(place, live, route, hop))];
}

function routesLocalnet(place: Place, dev: string | null): boolean {
  return ['all', dev].some((name) => sysctl(place, `net/ipv4/conf/${name}/route_localnet`).value === '1');
}

function decide(place: Place, world: World, route: Route, hop: NextHop | undefined): readonly World[] {
  if (route.type === 'local' || route.type === 'broadcast' || route.type === 'anycast') {
    return advance(runHook(place, world, 'INPUT'), (live) => [deliver(place, live)]);
  }
  if (route.type !== 'unicast') return [finish(world, ending('dropped'))];
  return forward(place, world, hop);
}

function forward(place: Place, world: World, hop: NextHop | undefined): readonly World[] {
  const allowed = mayForward(place, world);
  if (allowed.end !== null) return [allowed];
  if (allowed.skb.ttl <= 1) {
    const error = allowed.skb.family === 4 ? 'icmp 11/0' : 'icmpv6 3/0';
    return [finish(note(allowed, place.name, 'forward', 'the TTL is used up'), ending('rejected', error))];
  }
  const oif = hop?.dev ?? null;
  if (oif === null)
    return [finish(leaveOpen(allowed, [{ dump: null, text: 'the route names no device' }]), ending('undetermined'))];
  const leaving: World = {
    ...allowed,
    exit: { dev: oif, towards: hop?.via ?? allowed.skb.dst },
    skb: { ...allowed.skb, oif, ttl: allowed.skb.ttl - 1 },
  };
  return advance(runHook(place, leaving, 'FORWARD'), (live) => postrouting(place, live));
}

/** IPv4 asks the device the packet came in by; IPv6 asks conf/all only. */
function mayForward(place: Place, world: World): World {
  const v6 = world.skb.family === 6;
  const key = v6 ? 'net/ipv6/conf/all/forwarding' : `net/ipv4/conf/${world.skb.iif}/forwarding`;
  const own = sysctl(place, key);
  const setting = own.value === null && !v6 ? sysctl(place, 'net/ipv4/ip_forward') : own;
  const name = key.replaceAll('/', '.');
  if (setting.value !== null && setting.value !== '0')
    return note(world, place.name, 'forward', `${name} allows forwarding`, setting.evidence);
  if (setting.value === '0') {
    return finish(
      note(world, place.name, 'forward', `${name} is off: the packet is not forwarded`, setting.evidence),
      ending('dropped'),
    );
  }
  const reason = missing(place, 'sysctl', `whether ${place.name} forwards packets is not known`);
  if (place.assume === 'none') return finish(leaveOpen(world, [reason]), ending('undetermined'));
  return assume(world, [{ ...reason, text: `${reason.text}; it is taken to forward` }]);
}
