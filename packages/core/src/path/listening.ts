/** Which socket a packet would be given to, as `ss` lists them. net/ipv4/inet_hashtables.c __inet_lookup, net/ipv4/udp.c __udp4_lib_lookup. */
import { tupleOf } from '../conntrack/connection.js';
import { entryOf } from '../conntrack/entries.js';
import { type Ip, sameIp } from '../inet/ip.js';
import { isUnspecified } from '../inet/ip-kind.js';
import { proto } from '../inet/proto.js';
import type { SocketQuestion, SocketsFound } from '../netfilter/packet-input.js';
import type { OpenSocket, Skb } from '../packet/skb.js';
import type { NetNs } from '../snapshot/node.js';
import type { Socket } from '../snapshot/socket.js';
import { missing, type Place } from './place.js';

type Candidates = SocketsFound['found'];

const anySocket: Candidates = [null, { wildcard: true, transparent: null }, { wildcard: false, transparent: null }];
const someConnection = { wildcard: false, transparent: null } as const;

/** What a process sends from, unless it asks for more than that. */
const ordinary = { wildcard: false, transparent: false } as const;

export function socketsFor(place: Place, skb: Skb, question: SocketQuestion): SocketsFound {
  const { among, protocol, dport } = question;
  const { sockets } = place.ns;
  if (sockets.state !== 'complete' && sockets.listens?.includes(protocol) !== true) {
    const reason = missing(place, 'ss', `whether a process listens on port ${dport} is not known`);
    return { found: anySocket, because: [reason] };
  }
  const near = socketsOn(place.ns, protocol, dport).filter((socket) => isAt(socket, question, skb.iif));
  const connected = among === 'waiting' ? [] : near.filter((socket) => isPeerOf(socket, question));
  if (connected.length > 0) return foundAmong(connected);
  const waiting = among === 'connected' ? [null] : waitingFor(near, question);
  const unlisted = among === 'waiting' ? [] : unlistedConnections(place, skb, question);
  const [first = null, ...others] = [...waiting, ...unlisted];
  const text = `which connected or transparent sockets are open on port ${dport} of ${place.name} is not known`;
  return { found: [first, ...others], because: [{ dump: null, text }] };
}

function foundAmong(sockets: readonly Socket[]): SocketsFound {
  const [first = null, ...others] = sockets.map(openSocket);
  return {
    found: [first, ...others],
    because: [{ dump: null, text: 'which of several sockets takes it is not known' }],
  };
}

function openSocket({ localIp, transparent }: Socket): OpenSocket {
  return { wildcard: localIp === null || isUnspecified(localIp), transparent: transparent ?? null };
}

const indexes = new WeakMap<NetNs, ReadonlyMap<string, readonly Socket[]>>();

function socketsOn(ns: NetNs, protocol: string, port: number): readonly Socket[] {
  let index = indexes.get(ns);
  if (index === undefined) {
    const made = new Map<string, Socket[]>();
    for (const row of ns.sockets.rows) {
      if (row.trust === 'claimed') continue;
      const key = `${row.protocol} ${row.localPort}`;
      const known = made.get(key);
      if (known === undefined) made.set(key, [row]);
      else known.push(row);
    }
    index = made;
    indexes.set(ns, index);
  }
  return index.get(`${protocol} ${port}`) ?? [];
}

/** By its own end alone it may take the packet. */
function isAt(socket: Socket, { dst }: SocketQuestion, dev: string | null): boolean {
  if (socket.localZone !== null && socket.localZone !== dev) return false;
  return isWild(socket) ? takesFamily(socket, dst) : socket.localIp !== null && sameIp(socket.localIp, dst);
}

function isWild({ localIp }: Socket): boolean {
  return localIp === null || isUnspecified(localIp);
}

function takesFamily(socket: Socket, { family }: Ip): boolean {
  const own = socket.localIp?.family ?? socket.family;
  return own === null || own === family;
}

function waits({ protocol, state, peerPort }: Socket): boolean {
  return protocol === 'tcp' ? state === 'LISTEN' : state === 'UNCONN' && peerPort === null;
}

function isPeerOf(socket: Socket, { src, sport }: SocketQuestion): boolean {
  const { peerIp, peerPort } = socket;
  return !waits(socket) && peerIp !== null && peerPort === sport && sameIp(peerIp, src);
}

/** Bound to the very address before bound to none; then whoever is bound to a device, then those of IPv4 before those that take both families. */
function waitingFor(near: readonly Socket[], { dst }: SocketQuestion): readonly (OpenSocket | null)[] {
  const all = near.filter(waits);
  const bound = all.filter((socket) => !isWild(socket));
  const among = bound.length > 0 ? bound : all;
  const score = (socket: Socket): number =>
    (socket.localZone === null ? 0 : 2) + (dst.family === 4 && (socket.localIp?.family ?? socket.family) === 4 ? 1 : 0);
  const best = Math.max(...among.map(score));
  const chosen = among.filter((socket) => score(socket) === best);
  // netstat and an old ss print sockets of IPv6 alone like those that take both families.
  const doubtful = chosen.length === 0 || (dst.family === 4 && chosen.some(isEitherFamily));
  return doubtful ? [null, ...chosen.map(openSocket)] : chosen.map(openSocket);
}

function isEitherFamily({ localIp, family, transparent }: Socket): boolean {
  return localIp === null && family === null && transparent === undefined;
}

/** A connection that was there before the capture, or began with a process of this node, may have a socket that no dump shows. */
function unlistedConnections(place: Place, skb: Skb, question: SocketQuestion): readonly OpenSocket[] {
  const { protocol, dst, dport } = question;
  const { ct, asker } = skb;
  const asked = asker !== undefined && asker.port === dport && sameIp(asker.ip, dst);
  if (asked || reachesItsSender(skb, question))
    return protocol === 'tcp' ? [ordinary] : [ordinary, { ...ordinary, wildcard: true }];
  if (place.ns.sockets.connected?.includes(protocol) === true) return [];
  if (skb.icmp !== null) return [someConnection];
  const l4 = protocol === 'tcp' ? proto.tcp : proto.udp;
  const { original, zone } = ct ?? { original: tupleOf(skb), zone: { original: 0, reply: 0 } };
  return entryOf(place.ns, l4, original, zone) === undefined ? [] : [someConnection];
}

/** What a process sends to its own port comes back to it: over TCP to its own address alone, over UDP to any of the node's unless it has connected. */
function reachesItsSender({ iif }: Skb, { protocol, src, sport, dst, dport }: SocketQuestion): boolean {
  return iif === 'lo' && sport === dport && (protocol === 'udp' || sameIp(src, dst));
}
