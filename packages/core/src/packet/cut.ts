/**
 * Packets whose length says that they end within the header of the upper layer. Who wants to read such a header finds none, and each of the kernel's readers
 * wants its own number of bytes. include/linux/skbuff.h skb_header_pointer; RFC 9293, 768, 3828, 792, 4443, 9260, 4340, 4302, 4303, 3173.
 */
import { proto } from '../inet/proto.js';
import { type Tri, unknown } from '../tri.js';
import { isLaterFragment } from './extension-headers.js';
import type { Skb } from './skb.js';

/** Bytes of each header without options. */
export const headerSize = {
  tcp: 20,
  udp: 8,
  icmp: 8,
  sctp: 12,
  dccp: 12,
  ah: 12,
  esp: 8,
  ipcomp: 4,
  ports: 4,
} as const;

const sctpChunk = 4;

/** So many bytes no reader is without anything. */
const enough: Readonly<Record<number, number>> = {
  [proto.tcp]: headerSize.tcp,
  [proto.udp]: headerSize.udp,
  [proto.udplite]: headerSize.udp,
  [proto.icmp]: headerSize.icmp,
  [proto.icmpv6]: headerSize.icmp,
  [proto.sctp]: headerSize.sctp + sctpChunk,
  [proto.dccp]: headerSize.dccp,
  [proto.ah]: headerSize.ah,
  [proto.esp]: headerSize.esp,
  [proto.ipcomp]: headerSize.ipcomp,
};

/** Does it end before so many bytes of the upper header? A packet of no known length is as long as it must be. */
export function endsBefore(skb: Pick<Skb, 'family' | 'length' | 'extensions' | 'fragment'>, size: number): boolean {
  const { family, length, extensions, fragment } = skb;
  if (length === null || extensions !== undefined || isLaterFragment(skb)) return false;
  const network = family === 4 ? 20 : fragment === null ? 40 : 48;
  return length < network + size;
}

/** May a rule find less of a header than it wants? */
export function isCut(skb: Skb): boolean {
  const size = enough[skb.proto];
  return size !== undefined && endsBefore(skb, size);
}

/** Does the header of TCP, whose bytes are given, state less than it must hold or more than there is? Who reads its options finds none. */
export function lacksOptions({ proto: upper, body, extensions, fragment }: Skb): boolean {
  if (body === undefined || upper !== proto.tcp || extensions !== undefined || (fragment?.offset ?? 0) > 0)
    return false;
  const stated = ((body[12] ?? 0) >> 4) * 4;
  return stated < headerSize.tcp || body.length < stated;
}

const extensionStart = 2;

/** An extension header of IPv6 that does not even tell what follows it, and so neither does the packet. net/ipv6/exthdrs_core.c ipv6_find_hdr. */
export function hidesProtocol({ length, extensions, fragment }: Skb): boolean {
  if (length === null || extensions === undefined) return false;
  return length < (fragment === null ? 40 : 48) + extensionStart;
}

const longestAuthentication = 8 + 255 * 4;

/** Does it end within its authentication header of IPv6? How long that is stands in the header itself, which nothing tells. net/ipv6/netfilter/ip6t_ah.c. */
export function endsInAuthentication({ length, extensions, fragment }: Skb): Tri {
  if (length === null || extensions?.includes(proto.ah) !== true) return false;
  const rest = length - (fragment === null ? 40 : 48);
  if (extensions[0] === proto.ah && rest < headerSize.ah) return true;
  return rest < longestAuthentication && unknown('how long the authentication header says to be is not told');
}

/** What its header states may be wrong in ways that have it dropped: options of TCP, chunks of SCTP. */
export function mayMisstate(skb: Skb): boolean {
  return lacksOptions(skb) || (skb.proto === proto.sctp && skb.body !== undefined);
}

/** The index goes by the upper protocol and its ports, which is not what every rule sees of such packets; and a rule may drop them before it is done. */
export function isIndexed(skb: Skb): boolean {
  return skb.extensions === undefined && !isLaterFragment(skb) && !isCut(skb) && !mayMisstate(skb);
}
