/**
 * What the routing gives a socket before its first packet: device and source, or an error number. A socket is taken to connect, as TCP must.
 * net/ipv4/route.c ip_route_output_key_hash_rcu, include/net/route.h ip_route_connect, net/ipv6/ip6_output.c ip6_dst_lookup_tail.
 */

import { type Ip, ip4, ip6, sameIp } from '../inet/ip.js';
import { isBroadcast4, isLinkLocal, isMulticast, isUnspecified } from '../inet/ip-kind.js';
import { formatIp } from '../inet/ip-text.js';
import { alter, draftSkb, type Skb } from '../packet/skb.js';
import type { RouteErrno, RouteQuestion } from '../route/question.js';
import { type SourceAnswer, scopes, selectDeviceSource, selectSource, selectUnrouted } from '../route/source.js';
import type { Route } from '../snapshot/route.js';
import { isUnknown } from '../tri.js';
import { ending } from '../verdict/disposition.js';
import { groupRoute4, isRoutedGroup } from './group-route.js';
import { mayLeave } from './loopback-source.js';
import { deviceState, onLinkRoute } from './on-link.js';
import { likelyOwn4, ownSource4 } from './own-source.js';
import type { Place } from './place.js';
import { questionOf, type Routed, type Routing, routeWorld } from './routing.js';
import { assume, change, finish, leaveOpen, note, type World, withPacket } from './world.js';

/** How the socket is bound: to an address already in the packet (or it answers with one), to a device (SO_BINDTODEVICE). */
interface Binding {
  readonly bound: boolean;
  readonly device: string | null;
}

export function originate(place: Place, world: World, bound: boolean, device?: string | null): Routing {
  const socket: Binding = { bound, device: device ?? world.skb.owner?.dev ?? null };
  const aimed = world.skb.family === 4 ? preselected4(place, world, socket) : atItself6(world);
  if (aimed.end !== null) return ended(aimed);
  const early = refusedEarly(aimed, socket);
  if (early !== null) return ended(refuse(place, aimed, early, `connect(2) refuses ${formatIp(aimed.skb.dst)}`));
  const unknown = socket.device === null ? null : deviceState(place, socket.device);
  if (unknown !== null && unknown !== 'usable')
    return ended(refuse(place, aimed, unknown, `${socket.device} is no device to send by`));
  const routing = aimed.skb.family === 4 ? connect4(place, aimed, socket) : connect6(place, aimed, socket);
  return refined(routing, (one) => refusedLate(place, one));
}

/** What `ip route get` asks for a packet of the node: one lookup, which may have a source. */
export function lookupOnce(place: Place, world: World, src: Ip | null): Routing {
  const socket: Binding = { bound: src !== null, device: world.skb.owner?.dev ?? null };
  return lookup4(place, world, socket, src);
}

const TCP = 6;
const UDP = 17;

/** The unspecified address means the node itself. */
function atItself6(world: World): World {
  return isUnspecified(world.skb.dst) ? withPacket(world, alter(world.skb, { dst: ip6(0, 0, 0, 1) })) : world;
}

/** Two have a source before any lookup, the device's own: packets by a device to a group, and to 0.0.0.0, which means that source or 127.0.0.1. */
function preselected4(place: Place, world: World, { device }: Binding): World {
  const { src, dst } = world.skb;
  const toItself = isUnspecified(dst);
  if (!toItself && !(device !== null && isRoutedGroup(dst))) return world;
  const scope = toItself ? scopes.host : scopes.global;
  const sourced =
    device === null || !isUnspecified(src) ? world : take(place, world, selectDeviceSource(place, device, scope), null);
  if (!toItself) return sourced;
  const here = isUnspecified(sourced.skb.src) ? ip4(0x7f000001) : sourced.skb.src;
  return withPacket(sourced, alter(sourced.skb, { src: here, dst: here }));
}

/** Before any lookup: TCP knows no multicast, and an address that is valid on one link only needs the link. */
function refusedEarly({ skb }: World, { bound, device }: Binding): RouteErrno | null {
  if (skb.family === 4 || bound) return null;
  if (skb.proto === TCP && isMulticast(skb.dst)) return 'ENETUNREACH';
  const scoped = isLinkLocal(skb.dst) || (isMulticast(skb.dst) && ((skb.dst.a >>> 16) & 15) <= 2);
  return scoped && device === null ? 'EINVAL' : null;
}

/** Broadcasts need SO_BROADCAST, and TCP knows one peer only. */
function refusedLate(place: Place, routed: Routed): Routed | World {
  const { world, route } = routed;
  const { skb } = world;
  const many = route.type === 'broadcast' || isBroadcast4(skb.dst) || (skb.family === 4 && isMulticast(skb.dst));
  if (skb.proto === TCP && many) return refuse(place, world, 'ENETUNREACH', 'TCP has no broadcasts and no multicast');
  if (route.type === 'broadcast' || isBroadcast4(skb.dst))
    return refuse(place, world, 'EACCES', 'broadcasts are for sockets that ask for them');
  return routed;
}

function refuse(place: Place, world: World, errno: RouteErrno, what: string): World {
  const disposition = errno === 'ENETUNREACH' ? 'no-route' : 'unreachable';
  return finish(note(world, place.name, 'routing', what), ending(disposition, errno));
}

export function ended(world: World): Routing {
  return { ended: [world], routed: [] };
}

/** Each way that has not ended goes through `stage`, which may end it. */
export function refined(routing: Routing, stage: (one: Routed) => Routed | World): Routing {
  return chained(routing, (one) => {
    const next = stage(one);
    return 'skb' in next ? ended(next) : { ended: [], routed: [next] };
  });
}

export function chained({ ended: over, routed }: Routing, stage: (one: Routed) => Routing): Routing {
  const next = routed.map(stage);
  const [only] = next;
  if (only !== undefined && next.length === 1 && over.length === 0) return only;
  return {
    ended: [...over, ...next.flatMap((one) => one.ended)],
    routed: next.flatMap((one) => one.routed),
  };
}

/** What the kernel answers an echo or a timestamp with. net/ipv4/icmp.c icmp_reply. */
function isAnswer4({ family, icmp }: Skb): boolean {
  return family === 4 && (icmp?.type === 0 || icmp?.type === 14);
}

/** Type and code of ICMP stand where others have their destination port, so policy rules take them for one (include/net/flow.h flowi_uli). */
export function ask(world: World, socket: Pick<Binding, 'device'>, src: Ip | null): RouteQuestion {
  const question = questionOf(world);
  question.iif = null;
  question.oif = socket.device;
  question.src = src;
  question.strict = socket.device !== null;
  const { icmp } = world.skb;
  if (icmp !== null && !isAnswer4(world.skb)) question.dport = icmp.type * 256 + icmp.code;
  // What carries another packet is the kernel's own.
  if (world.carried !== undefined || (world.answering && world.skb.owner === null)) question.uid = 0;
  return question;
}

/** The first lookup has no source, as a rule, and finds one, the second has it, so that rules for it apply. */
function connect4(place: Place, world: World, socket: Binding): Routing {
  const { src } = world.skb;
  if (socket.bound || !isUnspecified(src)) return lookup4(place, world, socket, src);
  const first = lookup4(place, world, socket, null);
  return chained(first, (one) => {
    const sourced = withSource(place, one);
    if ('skb' in sourced) return ended(sourced);
    return isUnspecified(sourced.world.skb.src)
      ? { ended: [], routed: [sourced] }
      : lookup4(place, sourced.world, socket, sourced.world.skb.src);
  });
}

/** Where no route leads, a socket of IPv4 that is bound to a device takes the destination to be on its link. */
export function onLinkAtLeast(found: Routing, device: string | null): Routing {
  const [lost] = found.ended;
  const failed = lost?.end?.disposition === 'no-route' || lost?.end?.disposition === 'unreachable';
  if (lost === undefined || device === null || !failed || lost.skb.family === 6) return found;
  return { ended: [], routed: [{ world: change(lost, { end: null }), ...onLinkRoute(device, lost.skb.dst) }] };
}

function lookup4(place: Place, asked: World, socket: Binding, src: Ip | null): Routing {
  // What a packet was for is the node's own; what a lookup has chosen too, unless a route of type local outside of table local gave it.
  const checked = src === null || asked.answering || ownSource4(place, src);
  const open = isUnknown(checked) && !socket.bound ? true : checked;
  const likely = isUnknown(open) && place.assume === 'defaults' ? likelyOwn4(open) : null;
  const own = likely === null ? open : likely.own;
  const world = likely === null ? asked : assume(asked, likely.assumed);
  if (own === false)
    return ended(
      refuse(
        place,
        world,
        'ENETUNREACH',
        `the source ${src === null ? '' : formatIp(src)} is no address of ${place.name}`,
      ),
    );
  if (isUnknown(own)) return ended(finish(leaveOpen(world, own.because), ending('undetermined')));
  const direct = groupRoute4(place, world, socket.device, src);
  if (direct !== null) return 'skb' in direct ? ended(direct) : { ended: [], routed: [direct] };
  const found = onLinkAtLeast(routeWorld(place, world, ask(world, socket, src)), socket.device);
  return refined(found, (one) => mayLeave(place, one));
}

/** TCP and UDP go on by the route that connect(2) found; a raw socket looks again when it sends, with its source. net/ipv6/raw.c rawv6_sendmsg. */
const keepsRoute: ReadonlySet<number> = new Set([TCP, UDP]);

/** One lookup without a source; where that finds nothing, one with the source that no device limits. */
function connect6(place: Place, world: World, socket: Binding): Routing {
  const { src } = world.skb;
  if (socket.bound) return routeWorld(place, world, ask(world, socket, src));
  const found = routeWorld(place, world, ask(world, socket, null));
  const [lost] = found.ended;
  if (lost === undefined || lost.end === null || lost.end.disposition === 'undetermined')
    return chained(found, (one) => {
      const sourced = withSource(place, one);
      if ('skb' in sourced) return ended(sourced);
      if (keepsRoute.has(sourced.world.skb.proto)) return { ended: [], routed: [sourced] };
      return routeWorld(place, sourced.world, ask(sourced.world, socket, sourced.world.skb.src));
    });
  const sourced = take(place, world, selectUnrouted(place, world.skb.dst), null);
  return sourced.end !== null ? ended(sourced) : routeWorld(place, sourced, ask(sourced, socket, sourced.skb.src));
}

export function withSource(place: Place, routed: Routed): Routed | World {
  const { world, route, hop } = routed;
  const sourced = take(place, world, selectSource(place, route, hop, world.skb.dst), route);
  return sourced.end === null ? { world: sourced, route, hop } : sourced;
}

/** Without any address IPv4 sends from 0.0.0.0, IPv6 not at all. */
export function take(place: Place, world: World, chosen: SourceAnswer, route: Route | null): World {
  if (chosen.kind === 'open') return finish(leaveOpen(world, chosen.because), ending('undetermined'));
  if (chosen.kind === 'none' && world.skb.family === 6)
    return refuse(place, world, 'EADDRNOTAVAIL', `${place.name} has no address to send from`);
  const src = chosen.kind === 'none' ? ip4(0) : chosen.ip;
  const told = assume(world, chosen.kind === 'none' ? [] : chosen.assumptions);
  const skb = draftSkb(world.skb);
  skb.src = src;
  if (told.probed) return withPacket(told, skb);
  const what = `the source is ${formatIp(src)}`;
  return withPacket(note(told, place.name, 'source selection', what, addressEvidence(place, route, src)), skb);
}

function addressEvidence(place: Place, route: Route | null, src: Ip) {
  const row = place.ns.addresses.rows.find((address) => sameIp(address.ip, src));
  const given = route !== null && route.prefsrc !== null && route.span.file >= 0;
  const evidence = given ? [{ span: route.span, why: 'src of the route' }] : [];
  return row === undefined ? evidence : [...evidence, { span: row.span, why: `address of ${row.dev}` }];
}
