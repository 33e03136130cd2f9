/** Packets that come in for everybody or for a group: who takes part. net/ipv4/route.c ip_route_input_mc, ip_route_input_slow brd_input; net/ipv6/ip6_input.c ip6_mc_input. */
import { ip4 } from '../inet/ip.js';
import { isBroadcast4, isLoopback, isMulticast, isUnspecified, isZeronet } from '../inet/ip-kind.js';
import { formatIp } from '../inet/ip-text.js';
import { hostPrefix } from '../inet/prefix.js';
import { routeTable } from '../route/table.js';
import { bareRoute } from '../snapshot/bare-rows.js';
import type { Route } from '../snapshot/route.js';
import { ending } from '../verdict/disposition.js';
import { isLinkLocalGroup, membershipOf } from './membership.js';
import { anySwitch, eitherSwitch } from './parameter.js';
import { missing, type Place, sysctl } from './place.js';
import { questionOfPacket, type Routing, routeWorld } from './routing.js';
import { validateSource } from './rp-filter.js';
import { assume, finish, leaveOpen, note, type World } from './world.js';

/** null: neither multicast nor the limited broadcast address. */
export function groupInput(place: Place, world: World): Routing | null {
  const { dst, src } = world.skb;
  const limited = isBroadcast4(dst) || (dst.family === 4 && isUnspecified(dst) && isUnspecified(src));
  if (!limited && !isMulticast(dst)) return null;
  const live = limited ? limitedBroadcast(place, world) : toGroup(place, world);
  return live.end === null
    ? { ended: [], routed: [{ world: live, route: inward(world), hop: undefined }] }
    : only(live);
}

function only(world: World): Routing {
  return { ended: [world], routed: [] };
}

function martianSource(place: Place, world: World): World {
  const what = `${formatIp(world.skb.src)} cannot be a source here`;
  return finish(note(world, place.name, 'source check', what), ending('martian'));
}

function limitedBroadcast(place: Place, world: World): World {
  const { src } = world.skb;
  if (isMulticast(src) || isBroadcast4(src)) return martianSource(place, world);
  return isZeronet(src) ? world : validateSource(place, world, ip4(0), null);
}

function toGroup(place: Place, world: World): World {
  const { dst, iif } = world.skb;
  const member = membershipOf(place, iif ?? '', dst);
  if (member.kind === 'open') return finish(leaveOpen(world, member.because), ending('undetermined'));
  const told = assume(world, member.assumed);
  if (!member.joined) return outsideGroup(place, told);
  const joined = note(told, place.name, 'multicast', `${iif} is in the group ${formatIp(dst)}`, member.evidence);
  return dst.family === 4 ? groupSource(place, joined) : routed6(place, joined);
}

/** IPv6 looks for a way to the group, by the device that it came in by: each has one in table local. Without it nothing is taken in. net/ipv6/route.c ip6_route_input. */
function routed6(place: Place, world: World): World {
  const question = questionOfPacket(world);
  question.uid = 0;
  const { ended, routed } = routeWorld(place, world, question);
  const [way] = routed;
  if (way !== undefined) return isMulticast(way.route.dst.ip) ? way.world : aimedAtOne(place, way.world);
  const [lost] = ended;
  if (lost?.end?.disposition === 'undetermined') return lost;
  const isShown = routeTable(place.ns, 6, 'local').covered || lost?.end?.disposition !== 'no-route';
  if (isShown) return finish(note(world, place.name, 'multicast', noWay(world)), ending('dropped'));
  const reason = missing(
    place,
    'ip-6-route',
    `whether table local has a route to groups on ${world.skb.iif} is not known`,
  );
  return assume(world, [{ ...reason, text: `${reason.text}; it is taken to` }]);
}

function noWay({ skb: { dst, iif } }: World): string {
  return `no route leads to the group ${formatIp(dst)} on ${iif}`;
}

/** By a route for other addresses it is a packet to pass on, which no frame for a group is. */
function aimedAtOne(place: Place, world: World): World {
  if (world.skb.pktType !== 'host')
    return finish(note(world, place.name, 'multicast', noWay(world)), ending('dropped'));
  const text = `where ${place.name} passes on a packet for a group that came in a frame for itself is not modelled`;
  return finish(leaveOpen(world, [{ dump: null, text }]), ending('undetermined'));
}

function outsideGroup(place: Place, world: World): World {
  const { dst, iif, family } = world.skb;
  const what = `${iif} is not in the group ${formatIp(dst)}`;
  const dropped = finish(note(world, place.name, 'multicast', what), ending('dropped'));
  if (isLinkLocalGroup(dst)) return dropped;
  const key = `net/ipv${family}/conf/${iif}/mc_forwarding`;
  const routed = anySwitch(place, 'multicast forwarding', [key]);
  const text = `${sysctl(place, key).value === null ? 'whether' : 'how'} a daemon routes multicast is not known`;
  const reasons = routed.on ? [{ dump: null, text }] : routed.because;
  return reasons.length > 0
    ? finish(leaveOpen(world, reasons), ending('undetermined'))
    : assume(dropped, routed.assumed);
}

function groupSource(place: Place, world: World): World {
  const { src, dst, proto, iif } = world.skb;
  if (isMulticast(src) || isBroadcast4(src)) return martianSource(place, world);
  if (isZeronet(src)) return isLinkLocalGroup(dst) || proto === igmp ? world : martianSource(place, world);
  const localnet = isLoopback(src) ? eitherSwitch(place, 'route_localnet', iif) : null;
  if (localnet !== null && localnet.because.length > 0)
    return finish(leaveOpen(world, localnet.because), ending('undetermined'));
  if (localnet !== null && !localnet.on) return martianSource(place, assume(world, localnet.assumed));
  return validateSource(place, world, ip4(0), null);
}

const igmp = 2;

/** The kernel makes such a route on the spot; no table has it. */
function inward({ skb }: World): Route {
  return {
    ...bareRoute,
    span: { file: -1, start: 0, end: 0 },
    family: skb.family,
    type: isMulticast(skb.dst) ? 'local' : 'broadcast',
    dst: hostPrefix(skb.dst),
    table: 'local',
    scope: 'host',
    protocol: 'kernel',
  };
}
