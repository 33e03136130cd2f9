/** May a packet of no known connection begin one? An SCTP packet is taken to be the one that does: an INIT. net/netfilter/nf_conntrack_proto_*.c; docs/kernel-facts.md. */
import { proto } from '../inet/proto.js';
import { endsBefore, headerSize, hidesProtocol, isCut, lacksOptions } from '../packet/cut.js';
import { noNextHeader } from '../packet/extension-headers.js';
import type { Skb } from '../packet/skb.js';
import { moveTcp, type TcpState } from './tcp-states.js';

export type FirstPacket =
  | { readonly kind: 'new'; readonly tcpState: TcpState | null }
  /** net.netfilter.nf_conntrack_tcp_loose decides: a connection may be picked up in its middle. */
  | { readonly kind: 'if-loose'; readonly tcpState: TcpState }
  | { readonly kind: 'invalid'; readonly why: string }
  /** What the packet holds behind its header decides, and the question does not say. */
  | { readonly kind: 'open'; readonly why: string };

const begins: FirstPacket = { kind: 'new', tcpState: null };

const icmpRequests: ReadonlySet<number> = new Set([8, 13, 15, 17]);
const icmp6Requests: ReadonlySet<number> = new Set([128, 139]);

export function firstPacket(skb: Skb): FirstPacket {
  switch (skb.proto) {
    case proto.tcp:
      return firstSegment(skb.tcp?.flags ?? 0);
    case proto.icmp:
      return firstMessage(skb, 4, icmpRequests);
    case proto.icmpv6:
      return firstMessage(skb, 6, icmp6Requests);
    default:
      return skb.family === 6 ? firstOfIp6(skb.proto) : begins;
  }
}

function firstSegment(flags: number): FirstPacket {
  const move = moveTcp('NONE', 'original', flags);
  if (move.kind !== 'state') return { kind: 'invalid', why: 'no segment begins a connection like this' };
  const { state } = move;
  return state === 'SYN_SENT' ? { kind: 'new', tcpState: state } : { kind: 'if-loose', tcpState: state };
}

function firstMessage({ family, icmp }: Skb, own: 4 | 6, requests: ReadonlySet<number>): FirstPacket {
  if (family === own && icmp !== null && requests.has(icmp.type)) return begins;
  return { kind: 'invalid', why: 'the message asks for nothing and belongs to no connection' };
}

/** Extension headers that stand where an upper-layer protocol should: what follows them counts. */
const extensionHeaders: ReadonlySet<number> = new Set([0, 43, 44, 51, 60]);

function firstOfIp6(l4: number): FirstPacket {
  if (l4 === noNextHeader) return { kind: 'invalid', why: 'there is no upper-layer header' };
  if (extensionHeaders.has(l4)) return { kind: 'open', why: 'what follows the extension header is not said' };
  return begins;
}

const readByConntrack: ReadonlySet<number> = new Set([
  proto.tcp,
  proto.udp,
  proto.udplite,
  proto.icmp,
  proto.icmpv6,
  proto.sctp,
]);

/** An INIT without parameters behind the common header. RFC 9260 section 3.3.2. */
const sctpInit = headerSize.sctp + 20;

/** Does it end within the header by which its protocol is tracked, or before an end that this header states? Of other protocols conntrack reads none. */
export function endsTooEarly(skb: Skb): boolean {
  if (hidesProtocol(skb)) return true;
  if (!readByConntrack.has(skb.proto)) return false;
  return isCut(skb) || (skb.proto === proto.sctp && endsBefore(skb, sctpInit)) || lacksOptions(skb) || statesMore(skb);
}

/** A length of UDP that goes on behind the last of the bytes that are given. */
function statesMore({ proto: l4, body, extensions }: Skb): boolean {
  if (body === undefined || extensions !== undefined || l4 !== proto.udp) return false;
  const stated = ((body[4] ?? 0) << 8) | (body[5] ?? 0);
  return stated < headerSize.udp || body.length < stated;
}

/** Multicast listener reports, router and neighbour discovery are never tracked. net/netfilter/nf_conntrack_proto_icmpv6.c. */
const untrackedTypes: ReadonlySet<number> = new Set([130, 131, 132, 133, 134, 135, 136, 143, 151, 152]);

export function isNeverTracked({ family, proto: l4, icmp }: Skb): boolean {
  return family === 6 && l4 === proto.icmpv6 && icmp !== null && untrackedTypes.has(icmp.type);
}

const icmpErrors: ReadonlySet<number> = new Set([3, 4, 5, 11, 12]);

/** Does the message quote a packet, so that it may be RELATED to its connection? */
export function isIcmpError({ family, proto: l4, icmp }: Pick<Skb, 'family' | 'proto' | 'icmp'>): boolean {
  if (icmp === null) return false;
  return family === 4 ? l4 === proto.icmp && icmpErrors.has(icmp.type) : l4 === proto.icmpv6 && icmp.type < 128;
}
