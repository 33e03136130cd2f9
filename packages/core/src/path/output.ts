/** A process of a namespace sends: the route picks device and source before any NAT, then OUTPUT, re-routing, POSTROUTING. net/ipv4/ip_output.c. */
import { sameIp } from '../inet/ip.js';
import { formatIp } from '../inet/ip-text.js';
import { picked, selectSource } from '../route/source.js';
import type { NextHop, Route } from '../snapshot/route.js';
import { ending } from '../verdict/disposition.js';
import { runHook } from './hook-run.js';
import { ingress } from './ingress.js';
import type { Place } from './place.js';
import { postrouting } from './postrouting.js';
import { questionOf, routeWorld } from './routing.js';
import { advance, finish, leaveOpen, note, type World } from './world.js';

/** `bound`: the packet has its source already (an answer, or a bound socket); otherwise routing chooses it. */
export function output(place: Place, world: World, bound: boolean): readonly World[] {
  const fresh: World = {
    ...world,
    exit: null,
    translated: { src: false, dst: false },
    skb: { ...world.skb, iif: null, oif: null, mark: 0, ctState: 'NEW', ct: null },
  };
  const { ended, routed } = routeWorld(place, fresh, questionOf(fresh, { iif: null, ...(bound ? {} : { src: null }) }));
  return [...ended, ...routed.flatMap(({ world: live, route, hop }) => send(place, live, route, hop, bound))];
}

function send(place: Place, world: World, route: Route, hop: NextHop | undefined, bound: boolean): readonly World[] {
  if (route.type !== 'unicast' && route.type !== 'local') return [finish(world, ending('unreachable'))];
  const chosen = bound ? picked(world.skb.src) : selectSource(place, route, hop, world.skb.dst);
  if (chosen.kind === 'none') return [finish(world, ending('unreachable'))];
  if (chosen.kind === 'open') return [finish(leaveOpen(world, chosen.because), ending('undetermined'))];
  const src = chosen.ip;
  const sourced = bound
    ? world
    : note(world, place.name, 'source selection', `the source is ${formatIp(src)}`, addressEvidence(place, route, src));
  const leaving = outBy({ ...sourced, skb: { ...sourced.skb, src } }, route, hop);
  const before = leaving.skb;
  return advance(runHook(place, leaving, 'OUTPUT'), (live) => {
    const rerouted = !sameIp(live.skb.dst, before.dst) || live.skb.mark !== before.mark;
    return rerouted ? reroute(place, live) : leave(place, live);
  });
}

function addressEvidence(place: Place, route: Route, src: World['skb']['src']) {
  const row = place.ns.addresses.rows.find((address) => sameIp(address.ip, src));
  const evidence =
    route.prefsrc !== null && route.span.file >= 0 ? [{ span: route.span, why: 'src of the route' }] : [];
  return row === undefined ? evidence : [...evidence, { span: row.span, why: `address of ${row.dev}` }];
}

function outBy(world: World, route: Route, hop: NextHop | undefined): World {
  const oif = route.type === 'local' ? 'lo' : (hop?.dev ?? null);
  const exit = oif === null ? null : { dev: oif, towards: hop?.via ?? world.skb.dst };
  return { ...world, exit, skb: { ...world.skb, oif } };
}

/** Destination or mark changed in OUTPUT: routed again; the source stays (docs/kernel-facts.md). */
function reroute(place: Place, world: World): readonly World[] {
  const { ended, routed } = routeWorld(place, world, questionOf(world, { iif: null }));
  return [...ended, ...routed.flatMap(({ world: live, route, hop }) => leave(place, outBy(live, route, hop)))];
}

function leave(place: Place, world: World): readonly World[] {
  return advance(postrouting(place, world), (live) => (live.skb.oif === 'lo' ? loop(place, live) : [live]));
}

/** Over lo the packet comes straight back in, still the packet of its connection: nat PREROUTING and INPUT are not asked again. */
function loop(place: Place, world: World): readonly World[] {
  const known = world.hops.at(-1);
  const again = ingress(place, { ...world, hops: world.hops.slice(0, -1) }, 'lo');
  return again.map((live) => (known === undefined ? live : { ...live, hops: [...world.hops.slice(0, -1), known] }));
}
