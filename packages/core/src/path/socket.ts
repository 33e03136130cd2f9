/** Is anybody there to take the packet? `ss -lntup` says so, where it was captured. */

import { sameIp } from '../inet/ip.js';
import { isUnspecified } from '../inet/ip-kind.js';
import type { Socket } from '../snapshot/socket.js';
import { ending } from '../verdict/disposition.js';
import { endpoint } from './nat.js';
import { missing, type Place } from './place.js';
import { hopOf } from './postrouting.js';
import { assume, finish, note, type World } from './world.js';

const protocols: Readonly<Record<number, string>> = { 6: 'tcp', 17: 'udp', 132: 'sctp' };

/** The packet has passed INPUT. Known connections and protocols without ports are delivered as they are. */
export function deliver(place: Place, world: World): World {
  const { skb } = world;
  const kept = { ...world, hops: [...world.hops, hopOf(place, world)] };
  const protocol = protocols[skb.proto];
  if (protocol === undefined || skb.ctState !== 'NEW')
    return finish(note(kept, place.name, 'socket', 'delivered on this node'), ending('delivered'));
  const listener = place.ns.sockets.rows.find((socket) => listens(socket, protocol, world));
  const at = endpoint(skb.dst, skb.dport);
  if (listener !== undefined) {
    const evidence = [{ span: listener.span, why: 'listening' }];
    return finish(note(kept, place.name, 'socket', `a socket listens on ${at}`, evidence), ending('delivered'));
  }
  if (speaksFor(place, protocol)) {
    const refusal = skb.proto === 6 ? 'tcp-reset' : skb.family === 4 ? 'icmp 3/3' : 'icmpv6 1/4';
    return finish(note(kept, place.name, 'socket', `nothing listens on ${at}`), ending('rejected', refusal));
  }
  const assumed = assume(kept, [missing(place, 'ss', `a process is taken to listen on ${at}`)]);
  return finish(note(assumed, place.name, 'socket', `delivered to ${at}`), ending('delivered'));
}

/** Listings are asked for TCP and UDP; that no SCTP socket is among the rows says nothing. */
function speaksFor({ ns }: Place, protocol: string): boolean {
  const { listens = ns.sockets.state === 'complete' ? ['tcp', 'udp'] : [] } = ns.sockets;
  return listens.some((one) => one === protocol);
}

function listens(socket: Socket, protocol: string, world: World): boolean {
  const { skb } = world;
  if (socket.protocol !== protocol || socket.localPort !== skb.dport) return false;
  if (socket.state !== 'LISTEN' && socket.state !== 'UNCONN') return false;
  if (socket.localIp === null) return socket.family === null || socket.family === skb.family || socket.family === 6;
  return (
    sameIp(socket.localIp, skb.dst) ||
    (isUnspecified(socket.localIp) && (socket.localIp.family === skb.family || socket.localIp.family === 6))
  );
}
