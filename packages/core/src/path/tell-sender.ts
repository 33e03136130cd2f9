/**
 * A packet that ended with an error for its sender: whether the error is sent at all.
 * net/ipv4/icmp.c __icmp_send, net/ipv6/icmp.c icmp6_send, net/ipv4/netfilter/nf_reject_ipv4.c and its IPv6 twin.
 */

import { type Ip, ip4, ip6, sameIp } from '../inet/ip.js';
import { isBroadcast4, isUnspecified } from '../inet/ip-kind.js';
import { formatIp } from '../inet/ip-text.js';
import { proto } from '../inet/proto.js';
import { isCut } from '../packet/cut.js';
import { alter, type Skb } from '../packet/skb.js';
import { isKernelsAnycast } from '../route/hosts-address.js';
import { lookupRoute } from '../route/lookup.js';
import { policyRules } from '../route/policy-rules.js';
import { selectTowards } from '../route/source.js';
import { isCompleteFor } from '../snapshot/dump.js';
import { hasAddress } from '../snapshot/rows-by.js';
import { isUnknown, type Tri } from '../tri.js';
import { ending } from '../verdict/disposition.js';
import { localRouteOf } from './address-type.js';
import { reflected } from './answer-mark.js';
import { answerRoute } from './answer-route.js';
import { errorPacket, isVerifiable } from './error-packet.js';
import { type Since, since } from './kernel-release.js';
import { ended, take } from './origin.js';
import { parameterSet } from './parameter.js';
import { missing, type Place } from './place.js';
import { questionOf, questionOfPacket, type Routed, type Routing, routeWorld } from './routing.js';
import { assume, change, finish, forkOpen, leaveOpen, note, type World, withPacket } from './world.js';

/** What the kernel says of itself, not a REJECT. */
const ownErrors = new Set(['icmp 11/0', 'icmp 3/4', 'icmpv6 3/0', 'icmpv6 2/0', 'icmpv6 1/2']);

/** The same of all ways that a packet went. */
export function tellSenders(place: Place, worlds: readonly World[]): readonly World[] {
  return worlds.some((world) => errorOf(world) !== null) ? worlds.flatMap((world) => tellSender(place, world)) : worlds;
}

function errorOf({ end }: World): string | null {
  const error = end?.rejectWith ?? null;
  return error !== null && (error.startsWith('icmp') || error === 'tcp-reset') ? error : null;
}

/** Rules of OUTPUT that the error meets are its own, and not asked. */
export function tellSender(place: Place, world: World): readonly World[] {
  const error = errorOf(world);
  if (error === null) return [world];
  const release = world.skb.proto === proto.dccp ? checksDccp(place) : null;
  const checked =
    world.end?.disposition !== 'rejected' ||
    ownErrors.has(error) ||
    ((error !== 'tcp-reset' || !isCut(world.skb)) &&
      isVerifiable(world.skb, release === null ? false : passes(release)));
  if (!isUnknown(checked)) return told(place, assume(world, release?.assumed ?? []), error, checked);
  const [one, other] = forkOpen(world, checked.because);
  return [...told(place, one, error, true), ...told(place, other, error, false)];
}

/** What was on the list of protocols with sums of their own went with the rest of DCCP. include/net/netfilter/nf_reject.h */
function checksDccp(place: Place): Since {
  return since(place, 6, 16, 'where REJECT checks what DCCP carries');
}

function passes({ yes, because }: Since): Tri {
  return because.length > 0 ? { because } : !yes;
}

function told(place: Place, world: World, error: string, checked: boolean): readonly World[] {
  const packet = checked && !isForAll(place, world) ? errorPacket(world.skb, error) : null;
  if (packet === null)
    return [finish(note(world, place.name, 'error', `no ${error} is sent about it`), ending('dropped'))];
  const marked = asksForMarks(place, packet) ? reflected(place, world, world.skb) : [{ world, mark: 0 }];
  return marked.map((one) => wayBack(place, one.world, error, alter(packet, { mark: one.mark })));
}

/** What mark the error has shows in where it is sent, and there only by policy rules. */
function asksForMarks(place: Place, { family }: Skb): boolean {
  return policyRules(place, family).rules.some(({ fwmark }) => fwmark !== null);
}

function wayBack(place: Place, world: World, error: string, packet: Skb): World {
  const begun = change(world, { end: null, exit: null, answering: true, skb: packet });
  const { ended, routed } =
    error === 'tcp-reset'
      ? resetRoute(place, begun)
      : errorRoute(place, begun, world.skb, !ownErrors.has(error) && wasRefusedByInput(place, world));
  const [way] = routed;
  if (way !== undefined) {
    const reached = assume(world, way.world.assumptions);
    return error !== 'tcp-reset' && isAnycast(way, packet.dst) ? unlessAnycast(place, reached, error) : reached;
  }
  const [lost] = ended;
  if (lost?.end?.disposition === 'undetermined') return finish(leaveOpen(world, lost.because), ending('undetermined'));
  const what = `no ${error} reaches ${formatIp(packet.dst)}: there is no way back`;
  return finish(note(world, place.name, 'error', what), ending('dropped'));
}

/** By its route it is for whoever of several is nearest. include/net/ip6_route.h ipv6_anycast_destination. */
function isAnycast({ route, hop }: Routed, dst: Ip): boolean {
  if (dst.family === 4) return false;
  return isKernelsAnycast(route) || (route.dst.length < 127 && hop?.via === null && sameIp(route.dst.ip, dst));
}

/** No single node is told of an error then. net/ipv6/icmp.c icmpv6_route_lookup. */
function unlessAnycast(place: Place, world: World, error: string): World {
  const key = 'net/ipv6/icmp/error_anycast_as_unicast';
  const { on, assumed, because, evidence } = parameterSet(place, key, '0');
  if (because.length > 0) return finish(leaveOpen(world, because), ending('undetermined'));
  if (on) return world;
  const what = `no ${error} is sent: ${formatIp(world.skb.src)} is an anycast address`;
  return finish(note(assume(world, assumed), place.name, 'error', what, evidence), ending('dropped'));
}

/** A broadcast address by the route of the packet, of whatever table; 255.255.255.255 is one by itself. */
export function isForAll(place: Place, world: World): boolean {
  const { dst, family } = world.skb;
  if (family === 6) return false;
  if (isBroadcast4(dst)) return true;
  const question = questionOfPacket(world);
  const answer = lookupRoute(place, question);
  return answer.kind === 'route' && answer.route.type === 'broadcast';
}

/** A reset comes from the address that the packet was for, whosever it is. IPv4 routes it like a packet that was changed on its way, IPv6 asks about TCP. */
function resetRoute(place: Place, world: World): Routing {
  const question = questionOf(world);
  question.iif = null;
  question.uid = 0;
  question.ofPacket = world.skb.family === 4;
  return routeWorld(place, world, question);
}

/**
 * An ICMP error comes from the packet's destination where that is an address of the node, else from one that is chosen. About a packet that a rule of INPUT refused
 * IPv4 always takes the former, and then sends nothing from what is no address, though a route (as for TPROXY) made the packet local.
 */
function errorRoute(place: Place, world: World, { dst, iif }: Skb, refusedByInput: boolean): Routing {
  const own = isOwn(place, dst);
  if (own === false && refusedByInput) return ended(finish(world, ending('no-route')));
  if (own === 'open') {
    const reason = missing(place, 'ip-addr', `whether ${formatIp(dst)} is an address of ${place.name} is not known`);
    const because = [reason];
    if (place.assume === 'none')
      return { ended: [finish(leaveOpen(world, because), ending('undetermined'))], routed: [] };
    return answerRoute(place, assume(world, because), null, iif);
  }
  if (own) return answerRoute(place, withPacket(world, alter(world.skb, { src: dst })), dst, iif);
  const unset = world.skb.family === 4 ? ip4(0) : ip6(0, 0, 0, 0);
  const sourced = ofInbound(place, withPacket(world, alter(world.skb, { src: unset })), iif);
  const { src } = sourced.skb;
  return sourced.end !== null ? ended(sourced) : answerRoute(place, sourced, isUnspecified(src) ? null : src, iif);
}

/** With net.ipv4.icmp_errors_use_inbound_ifaddr it has an address of the device that the packet came in by; only policy rules that ask for sources make something of it. */
function ofInbound(place: Place, world: World, iif: string | null): World {
  const { family, dst } = world.skb;
  if (iif === null || family === 6 || !policyRules(place, 4).rules.some(({ from }) => from !== null)) return world;
  const { on, assumed, because } = parameterSet(place, 'net/ipv4/icmp_errors_use_inbound_ifaddr', '0');
  if (because.length > 0) return finish(leaveOpen(world, because), ending('undetermined'));
  const told = assume(world, assumed);
  return on ? take(place, told, selectTowards(place, iif, dst), null) : told;
}

function wasRefusedByInput(place: Place, world: World): boolean {
  const { family, iif, oif } = world.skb;
  if (family === 6 || iif === null || oif !== null || world.end?.disposition !== 'rejected') return false;
  const answer = lookupRoute(place, questionOfPacket(world));
  return answer.kind === 'route' && answer.route.type === 'local';
}

function isOwn(place: Place, dst: Ip): boolean | 'open' {
  if (hasAddress(place.ns, dst)) return true;
  if (dst.family === 6) return isCompleteFor(place.ns.addresses, 6) ? false : 'open';
  const route = localRouteOf(place, dst);
  if (route !== null && !('type' in route)) return 'open';
  return route?.type === 'local';
}
