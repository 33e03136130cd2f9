/** Is anybody there to take the packet? `ss -lntup` says so, where it was captured. */

import { sameIp } from '../inet/ip.js';
import { isBroadcast4, isMulticast, isUnspecified } from '../inet/ip-kind.js';
import { proto } from '../inet/proto.js';
import { lookupRoute } from '../route/lookup.js';
import { hasAddress } from '../snapshot/rows-by.js';
import type { Socket } from '../snapshot/socket.js';
import { ending } from '../verdict/disposition.js';
import { endpoint } from './nat.js';
import { missing, type Place } from './place.js';
import { hopOf } from './postrouting.js';
import { questionOfPacket } from './routing.js';
import { assume, change, finish, leaveOpen, note, type World } from './world.js';

const protocols: Readonly<Record<number, string>> = { 6: 'tcp', 17: 'udp', 132: 'sctp' };

/** The packet has passed INPUT. Whoever waits for an answer is there; protocols without ports are taken by the kernel. */
export function deliver(place: Place, world: World): World {
  const { skb } = world;
  const kept = change(world, { hops: [...world.hops, hopOf(place, world)] });
  const protocol = protocols[skb.proto];
  if (protocol === undefined || world.answering || world.probed || world.carried !== undefined)
    return finish(note(kept, place.name, 'socket', 'delivered on this node'), ending('delivered'));
  if (skb.socket !== undefined)
    return finish(note(kept, place.name, 'socket', 'TPROXY has given it to a transparent socket'), ending('delivered'));
  const at = endpoint(skb.dst, skb.dport);
  if (skb.proto === proto.tcp && !isForOne(place, world)) {
    const what = `TCP is silent about ${at}: it takes what is for one node alone, neither for all nor for whichever is near`;
    return finish(note(kept, place.name, 'socket', what), ending('dropped'));
  }
  const found = place.ns.sockets.rows.map((socket) => ({ socket, takes: listens(socket, protocol, world) }));
  const certain = found.find(({ takes }) => takes === 'yes');
  if (certain !== undefined) {
    const evidence = [{ span: certain.socket.span, why: 'listening' }];
    return finish(note(kept, place.name, 'socket', `a socket listens on ${at}`, evidence), ending('delivered'));
  }
  const perhaps = found.find(({ takes }) => takes === 'perhaps');
  if (perhaps !== undefined) return supposed(place, kept, at, `${at} may be served by a socket for IPv6 alone`, null);
  if (allShown(place, protocol)) {
    const refusal = skb.proto === 6 ? 'tcp-reset' : skb.family === 4 ? 'icmp 3/3' : 'icmpv6 1/4';
    const listed = place.ns.sockets.sources.map(({ span }) => ({
      span,
      why: 'no socket that it lists takes the packet',
    }));
    return finish(note(kept, place.name, 'socket', `nothing listens on ${at}`, listed), ending('rejected', refusal));
  }
  return supposed(place, kept, at, `whether a process listens on ${at} is not known`, 'ss');
}

/** By its frame, its address and its route. net/ipv4/tcp_ipv4.c tcp_v4_rcv, tcp_v4_conn_request, tcp_v4_send_reset; include/net/ip6_route.h ipv6_unicast_destination. */
function isForOne(place: Place, world: World): boolean {
  const { pktType, dst, family } = world.skb;
  if (pktType === 'broadcast' || pktType === 'multicast' || isMulticast(dst) || isBroadcast4(dst)) return false;
  if (hasAddress(place.ns, dst)) return true;
  const question = questionOfPacket(world);
  const answer = lookupRoute(place, question);
  if (answer.kind !== 'route') return true;
  return family === 4 ? answer.route.type !== 'broadcast' : answer.route.type !== 'anycast';
}

/** `ss -lntup` shows all TCP and UDP sockets that listen, `ss -lnt` those of TCP. */
function allShown({ ns: { sockets } }: Place, protocol: string): boolean {
  if (protocol !== 'tcp' && protocol !== 'udp') return false;
  return sockets.state === 'complete' || sockets.listens?.includes(protocol) === true;
}

function supposed(place: Place, world: World, at: string, doubt: string, dump: 'ss' | null): World {
  const reason = dump === null ? { dump, text: doubt } : missing(place, dump, doubt);
  if (place.assume === 'none') return finish(leaveOpen(world, [reason]), ending('undetermined'));
  const assumed = assume(world, [{ ...reason, text: `${reason.text}; one is taken to` }]);
  return finish(note(assumed, place.name, 'socket', `delivered to ${at}`), ending('delivered'));
}

function listens(socket: Socket, protocol: string, world: World): 'yes' | 'no' | 'perhaps' {
  const { skb } = world;
  if (socket.trust === 'claimed' || socket.protocol !== protocol || socket.localPort !== skb.dport) return 'no';
  if (socket.state !== 'LISTEN' && socket.state !== 'UNCONN') return 'no';
  if (socket.localZone !== null && socket.localZone !== skb.iif) return 'no';
  const { localIp } = socket;
  if (localIp !== null && !isUnspecified(localIp)) return sameIp(localIp, skb.dst) ? 'yes' : 'no';
  const family = localIp?.family ?? socket.family;
  if (family === null || family === skb.family) return 'yes';
  // `[::]` is printed by some tools for sockets that take IPv4 too.
  return family === 6 ? 'perhaps' : 'no';
}
