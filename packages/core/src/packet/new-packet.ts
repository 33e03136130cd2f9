/** A packet that nobody has touched yet: no device, no connection, no mark. */
import type { Skb } from './skb.js';

/** What holds of every such packet, whatever its headers are. */
export const untouched = {
  mark: 0,
  iif: null,
  oif: null,
  physIn: null,
  physOut: null,
  srcMac: null,
  dstMac: null,
  pktType: 'host',
  owner: null,
  ctState: 'NEW',
  ct: null,
} as const satisfies Partial<Skb>;

type Headers = Pick<Skb, 'family' | 'src' | 'dst' | 'proto' | 'sport' | 'dport' | 'tcp' | 'icmp' | 'ttl'>;

export function newPacket(headers: Headers, pktType: Skb['pktType'], owner: Skb['owner']): Skb {
  const { family, src, dst, proto, sport, dport, tcp, icmp, ttl } = headers;
  return {
    family,
    src,
    dst,
    proto,
    sport,
    dport,
    tcp,
    icmp,
    fragment: null,
    ttl,
    tos: 0,
    length: null,
    ...untouched,
    pktType,
    owner,
  };
}
