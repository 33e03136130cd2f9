/** A process of a namespace sends: the route picks device and source before any NAT, then OUTPUT, re-routing, POSTROUTING. net/ipv4/ip_output.c. */
import { sameIp } from '../inet/ip.js';
import { isBroadcast4, isMulticast, isUnspecified } from '../inet/ip-kind.js';
import { formatIp } from '../inet/ip-text.js';
import { lookupRoute } from '../route/lookup.js';
import { selectSource } from '../route/source.js';
import type { NextHop, Route } from '../snapshot/route.js';
import { ending } from '../verdict/disposition.js';
import { runOutput } from './hook-run.js';
import { ingress } from './ingress.js';
import type { Place } from './place.js';
import { postrouting } from './postrouting.js';
import { questionOf, type Routed, routeWorld } from './routing.js';
import { advance, assume, finish, leaveOpen, note, type World } from './world.js';

/** `mark`: the socket's SO_MARK. `bound`: the packet has its source already (an answer, or a bound socket); otherwise routing chooses it. */
export function output(place: Place, world: World, bound: boolean, mark = 0): readonly World[] {
  const { template: _, ...sent } = world.skb;
  const fresh: World = {
    ...world,
    exit: null,
    at: place.name,
    skb: { ...sent, iif: null, oif: null, physIn: null, physOut: null, mark, ctState: 'INVALID', ct: null },
  };
  const { dst } = fresh.skb;
  if (isMulticast(dst) || isBroadcast4(dst) || isUnspecified(dst))
    return [undetermined(fresh, 'broadcasts, multicast and the unspecified address are not modelled')];
  const { ended, routed } = routeWorld(place, fresh, questionOf(fresh, { iif: null, ...(bound ? {} : { src: null }) }));
  return [...ended, ...routed.flatMap((one) => send(place, one, bound))];
}

function undetermined(world: World, text: string): World {
  return finish(leaveOpen(world, [{ dump: null, text }]), ending('undetermined'));
}

function send(place: Place, routed: Routed, bound: boolean): readonly World[] {
  const { world, route, hop } = routed;
  if (route.type !== 'unicast' && route.type !== 'local')
    return [undetermined(world, `sending by a ${route.type} route is not modelled`)];
  if (bound) return launch(place, routed);
  const chosen = selectSource(place, route, hop, world.skb.dst);
  if (chosen.kind === 'none') return [undetermined(world, `${place.name} has no address to send from`)];
  if (chosen.kind === 'open') return [finish(leaveOpen(world, chosen.because), ending('undetermined'))];
  const told = note(
    assume(world, chosen.assumptions),
    place.name,
    'source selection',
    `the source is ${formatIp(chosen.ip)}`,
    addressEvidence(place, route, chosen.ip),
  );
  const sourced = { ...told, skb: { ...told.skb, src: chosen.ip } };
  return chosen.ip.family === 6
    ? launch(place, { ...routed, world: sourced })
    : again(place, { ...routed, world: sourced });
}

/** connect(2) of IPv4 looks up a second time, with the source: rules for it apply. sendto(2) does not. net/ipv4/route.c ip_route_connect. */
function again(place: Place, routed: Routed): readonly World[] {
  const { world, route } = routed;
  const answer = lookupRoute(place, questionOf(world, { iif: null }));
  if (answer.kind === 'route' && answer.route === route) return launch(place, routed);
  if (world.skb.proto !== 6)
    return [undetermined(world, `a policy rule for ${formatIp(world.skb.src)} counts for a connected socket only`)];
  const second = routeWorld(place, world, questionOf(world, { iif: null }));
  return [...second.ended, ...second.routed.flatMap((one) => launch(place, one))];
}

function launch(place: Place, { world, route, hop }: Routed): readonly World[] {
  const leaving = outBy(world, route, hop);
  return advance(
    runOutput(place, leaving, (live) => reroute(place, live)),
    (live) => leave(place, live),
  );
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
  return { ...world, exit, local: route.type === 'local', skb: { ...world.skb, oif } };
}

/** The source stays. An error is told to a sender of datagrams; TCP just loses the packet. */
function reroute(place: Place, world: World): readonly World[] {
  const { ended, routed } = routeWorld(place, world, questionOf(world, { iif: null }));
  const lost = ended.map((one) => (isSilent(one) ? finish(one, ending('dropped')) : one));
  return [...lost, ...routed.map(({ world: live, route, hop }) => outBy(live, route, hop))];
}

function isSilent({ end, skb }: World): boolean {
  return skb.proto === 6 && (end?.disposition === 'no-route' || end?.disposition === 'unreachable');
}

function leave(place: Place, world: World): readonly World[] {
  return advance(postrouting(place, world), (live) => {
    if (live.skb.oif !== 'lo') return [live];
    // What a unicast route sends over lo has no way in again.
    return live.local
      ? loop(place, live)
      : [undetermined(live, 'a route leads over lo to an address that is not local')];
  });
}

/** Over lo the packet comes straight back in, still the packet of its connection: nat PREROUTING and INPUT are not asked again. */
function loop(place: Place, world: World): readonly World[] {
  const known = world.hops.at(-1);
  const again = ingress(place, { ...world, hops: world.hops.slice(0, -1) }, 'lo');
  return again.map((live) => (known === undefined ? live : { ...live, hops: [...world.hops.slice(0, -1), known] }));
}
