/** A process of a namespace sends: the route picks device and source before any NAT, then OUTPUT, re-routing, POSTROUTING. net/ipv4/ip_output.c. */

import { sameIp } from '../inet/ip.js';
import { isLinkLocal, isMulticast } from '../inet/ip-kind.js';
import { alter, draftSkb, unknownSkb } from '../packet/skb.js';
import { isHosts } from '../route/hosts-address.js';
import type { NextHop, Route } from '../snapshot/route.js';
import { ending } from '../verdict/disposition.js';
import { leaveForGroup } from './group-output.js';
import { groupRoute4 } from './group-route.js';
import { runOutput } from './hook-run.js';
import { ingress } from './ingress.js';
import type { Routes } from './ipvs-send.js';
import { mayLeave } from './loopback-source.js';
import { onLinkAtLeast, originate } from './origin.js';
import { withOwnHeader } from './own-segment.js';
import type { Place } from './place.js';
import { postrouting } from './postrouting.js';
import { questionOfPacket, type Routed, routeWorld } from './routing.js';
import { tellSenders } from './tell-sender.js';
import { advance, change, draftWorld, eachWay, finish, leaveOpen, note, type World, withPacket } from './world.js';

/**
 * `mark`: the socket's SO_MARK. `bound`: the packet has its source already (an answer, or a bound socket); otherwise routing chooses it.
 * `first`: what the first lookup is limited to, without a socket that is bound to it.
 */
export function output(place: Place, world: World, bound: boolean, mark = 0, first?: FirstLookup): readonly World[] {
  const fresh = draftWorld(world);
  fresh.exit = null;
  fresh.stolen = false;
  fresh.at = place.name;
  fresh.skb = unknownSkb(world.skb, first === undefined ? mark : first.mark);
  const { ended, routed } = originate(place, fresh, bound, first?.device);
  const sent = eachWay(routed, (one) => send(place, first === undefined ? one : marked(one, mark)));
  return tellSenders(place, ended.length === 0 ? sent : [...ended, ...sent]);
}

/** What a tunnel looks a route up by. `mark`: of the question, not of the packet. */
export interface FirstLookup {
  readonly device: string | null;
  readonly mark: number;
}

function marked(routed: Routed, mark: number): Routed {
  return { ...routed, world: withPacket(routed.world, alter(routed.world.skb, { mark })) };
}

function undetermined(world: World, text: string): World {
  return finish(leaveOpen(world, [{ dump: null, text }]), ending('undetermined'));
}

const unicast = new Set(['unicast', 'local', 'anycast']);

function send(place: Place, routed: Routed): readonly World[] {
  const { world, route } = routed;
  const isGroup = route.type === 'multicast' && isMulticast(world.skb.dst);
  if (!unicast.has(route.type) && !isGroup)
    return [route.type === 'broadcast' ? byBroadcast(world) : undetermined(world, unmodelled(route))];
  return launch(place, { world: withOwnHeader(place, routed), route, hop: routed.hop });
}

function unmodelled({ type }: Pick<Route, 'type'>): string {
  return `sending by a ${type} route is not modelled`;
}

/** A copy of it comes back in. */
function byBroadcast(world: World): World {
  return undetermined(world, unmodelled({ type: 'broadcast' }));
}

/** How packets that are changed on their way are routed anew and sent on. */
export function routesOf(place: Place): Routes {
  return { again: (world) => reroute(place, world), launch: (routed) => launch(place, routed) };
}

function launch(place: Place, { world, route, hop }: Routed): readonly World[] {
  const leaving = outBy(world, route, hop);
  return advance(runOutput(place, leaving, routesOf(place)), (live) => leave(place, live));
}

/** The node's own addresses are reached over lo. */
function outBy(world: World, route: Route, hop: NextHop | undefined): World {
  const local = isHosts(route);
  const oif = local ? 'lo' : (hop?.dev ?? null);
  const exit = oif === null ? null : { dev: oif, towards: hop?.via ?? world.skb.dst };
  const leaving = draftWorld(world);
  leaving.exit = exit;
  leaving.local = local;
  const skb = draftSkb(world.skb);
  skb.oif = oif;
  skb.outMtu = route.mtu;
  leaving.skb = skb;
  return leaving;
}

/**
 * The source stays. An error is told to a sender of datagrams; TCP just loses the packet. Addresses of one link keep their device.
 * net/ipv4/netfilter.c ip_route_me_harder, net/ipv6/netfilter.c ip6_route_me_harder.
 */
function reroute(place: Place, world: World): readonly World[] {
  const { skb } = world;
  const scoped = skb.family === 6 && (isMulticast(skb.dst) || isLinkLocal(skb.dst));
  const device = skb.owner?.dev ?? null;
  const oif = device ?? (scoped ? skb.oif : null);
  const direct = groupRoute4(place, world, device, skb.src);
  if (direct !== null)
    return 'skb' in direct
      ? [direct]
      : [outBy(withPacket(direct.world, alter(direct.world.skb, { realm: undefined })), direct.route, direct.hop)];
  const question = questionOfPacket(world);
  question.iif = null;
  question.oif = oif;
  // IPv4 has forgotten then whose packet it is.
  question.uid = skb.family === 4 || world.carried !== undefined ? 0 : (skb.owner?.uid ?? 0);
  question.strict = device !== null;
  const { ended, routed } = onLinkAtLeast(routeWorld(place, world, question), device);
  const worlds = [...ended];
  for (const one of routed) {
    const leaving = mayLeave(place, one);
    if ('skb' in leaving) worlds.push(leaving);
    else if (leaving.route.type === 'broadcast') worlds.push(byBroadcast(leaving.world));
    else worlds.push(outBy(leaving.world, leaving.route, leaving.hop));
  }
  return worlds.some(isSilent) ? worlds.map((one) => (isSilent(one) ? finish(one, ending('dropped')) : one)) : worlds;
}

function isSilent({ end, skb }: World): boolean {
  return skb.proto === 6 && (end?.disposition === 'no-route' || end?.disposition === 'unreachable');
}

function leave(place: Place, world: World): readonly World[] {
  if (goesToGroup(world)) return leaveForGroup(place, world);
  if (isRefused(place, world)) return [refused(place, world)];
  return advance(postrouting(place, world), (live) => {
    if (live.skb.oif !== 'lo') return [live];
    // What a unicast route sends over lo has no way in again.
    return live.local
      ? loop(place, live)
      : [undetermined(live, 'a route leads over lo to an address that is not local')];
  });
}

/** By a route over lo (`reject-route.ts`): the packet is refused where it would leave, behind OUTPUT. By a next hop object it is not. */
function isRefused({ ns }: Place, { skb: { family, oif }, local }: World): boolean {
  return family === 6 && oif === 'lo' && !local && !ns.nexthops.rows.some(({ dev }) => dev === 'lo');
}

function refused(place: Place, world: World): World {
  const what = `IPv6 sends nothing over lo but to addresses of ${place.name}`;
  return finish(note(world, place.name, 'egress', what), ending('unreachable', 'icmpv6 1/0'));
}

/** What TEE sends to a gateway, whatever its destination, is for that one; IPv6 looks at the destination all the same. */
function goesToGroup({ skb: { dst, family }, exit }: World): boolean {
  return isMulticast(dst) && (family === 6 || exit === null || sameIp(exit.towards, dst));
}

/** Over lo the packet comes straight back in, still the packet of its connection: nat PREROUTING and INPUT are not asked again, IPVS is. */
function loop(place: Place, world: World): readonly World[] {
  const known = world.hops.at(-1);
  const before = world.hops.slice(0, -1);
  return ingress(place, change(world, { hops: before }), 'lo').map((live) => {
    if (known === undefined) return live;
    const balanced = live.hops.slice(before.length).find((hop) => hop.ipvs !== null && hop.ipvs !== undefined)?.ipvs;
    return change(live, { hops: [...before, balanced === undefined ? known : { ...known, ipvs: balanced }] });
  });
}
