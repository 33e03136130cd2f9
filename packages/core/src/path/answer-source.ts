/**
 * From which address a node answers: the one that was called, unless that stands for several nodes; then from one that the routing chooses.
 * net/ipv4/icmp.c icmp_reply, net/ipv6/icmp.c icmpv6_echo_reply, net/ipv6/datagram.c ip6_datagram_send_ctl.
 */
import { type Ip, ip4, ip6, sameIp } from '../inet/ip.js';
import { isMulticast } from '../inet/ip-kind.js';
import { formatIp } from '../inet/ip-text.js';
import { proto } from '../inet/proto.js';
import { alter, type Skb } from '../packet/skb.js';
import { ending } from '../verdict/disposition.js';
import { addressIs } from './address-type.js';
import { originate } from './origin.js';
import { parameterSet } from './parameter.js';
import type { Place } from './place.js';
import { isForAll } from './tell-sender.js';
import { assume, finish, leaveOpen, type World, withPacket } from './world.js';

/** Whom a packet is for that has arrived. */
export type Called = 'one' | 'all' | 'nearest';

export function calledBy(place: Place, there: World): Called {
  const { dst } = there.skb;
  if (isMulticast(dst) || isForAll(place, there)) return 'all';
  return dst.family === 6 && addressIs(place, dst, ['ANYCAST'], null) === true ? 'nearest' : 'one';
}

export interface Answering {
  readonly world: World;
  /** The packet has its source. */
  readonly sourced: boolean;
}

/** `world` is that of the answer, whose source is the address that was called; it has ended where the program alone knows the source. */
export function answeringAs(place: Place, world: World, called: Called): Answering {
  if (called === 'one') return { world: ofServer(place, world), sourced: true };
  if (called === 'all') return { world: unsourced(world), sourced: false };
  if (world.skb.icmp === null) return { world: byProgram(place, world), sourced: true };
  const { on, assumed, because } = parameterSet(place, 'net/ipv6/anycast_src_echo_reply', '0');
  if (because.length > 0) return { world: finish(leaveOpen(world, because), ending('undetermined')), sourced: true };
  const told = assume(world, assumed);
  return on ? { world: told, sourced: true } : { world: unsourced(told), sourced: false };
}

/** By IPV6_PKTINFO it may send from an anycast address, too; a socket that does not care sends from another one. */
function byProgram(place: Place, world: World): World {
  const text = `whether the program on ${place.name} answers from the anycast address ${formatIp(world.skb.src)}, which was called, or from another one is not known`;
  return finish(leaveOpen(world, [{ dump: null, text }]), ending('undetermined'));
}

/** A server of UDP that does not care sends from the address that the routing chooses; those that do, from the one that was called (ip(7), IP_PKTINFO). */
function ofServer(place: Place, world: World): World {
  const { skb } = world;
  if (skb.proto !== proto.udp || isBoundToSource(place, skb)) return world;
  const { ended, routed } = originate(place, unsourced(world), false);
  const others = routed.map((one) => one.world.skb.src).filter((src) => !sameIp(src, skb.src));
  if (others.length === 0 && !ended.some(({ end }) => end?.disposition === 'undetermined')) return world;
  return bySocket(place, world, others);
}

function isBoundToSource({ ns }: Place, { src, sport }: Skb): boolean {
  return ns.sockets.rows.some(
    ({ protocol, localIp, localPort, trust }) =>
      trust !== 'claimed' && protocol === 'udp' && localPort === sport && localIp !== null && sameIp(localIp, src),
  );
}

function bySocket(place: Place, world: World, others: readonly Ip[]): World {
  const [called, other = 'another one'] = [world.skb.src, ...others].map(formatIp);
  const text = `whether the program on ${place.name} answers from ${called}, which was called, or from ${other}, which its routes choose, is not known`;
  if (place.assume === 'none') return finish(leaveOpen(world, [{ dump: null, text }]), ending('undetermined'));
  return assume(world, [{ dump: null, text: `${text}; the former is assumed` }]);
}

function unsourced(world: World): World {
  const { skb } = world;
  return withPacket(world, alter(skb, { src: skb.family === 4 ? ip4(0) : ip6(0, 0, 0, 0) }));
}
