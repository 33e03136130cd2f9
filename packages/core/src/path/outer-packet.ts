/** The packet that carries another one. RFC 7348, RFC 2003; include/net/inet_ecn.h. */
import type { Ip } from '../inet/ip.js';
import type { Drawn, Skb } from '../packet/skb.js';

export interface OuterHeader {
  readonly proto: 4 | 17;
  /** null: routing chooses it. */
  readonly src: Ip | null;
  readonly dst: Ip;
  readonly dport: number | null;
  readonly ttl: number;
  /** DS field and ECN bits of its own; `inherit`: those of the inner packet. */
  readonly tos?: number | 'inherit' | null;
  /** Between which the source port lies, a hash of the inner packet; null: not known. */
  readonly sports?: Drawn | null;
}

const udp = 17;

export function outerOf(inner: Skb, { proto, src, dst, dport, ttl, tos = 0, sports }: OuterHeader): Skb {
  const { quoted: _quoted, body: _body, unaltered: _unaltered, openPort: _open, openPorts: _ports, ...bare } = inner;
  return {
    ...bare,
    family: dst.family,
    src: src ?? { ...dst, a: 0, b: 0, c: 0, d: 0 },
    dst,
    proto,
    sport: null,
    dport,
    // A hash of the inner packet, whose key is the kernel's own.
    ...(proto === udp ? { openPort: 'sport' as const, openPorts: sports ?? undefined } : {}),
    tcp: null,
    icmp: null,
    fragment: null,
    ttl,
    tos: ((tos === 'inherit' ? inner.tos : (tos ?? 0)) & 0xfc) | congestionOf(inner.tos),
    length: inner.length === null ? null : inner.length + headersOf(proto, dst),
    // It is still the inner packet's socket that `-m owner` sees, but not that one's device by which it is routed.
    owner: inner.owner === null ? null : { uid: inner.owner.uid, gid: inner.owner.gid },
    srcMac: null,
    dstMac: null,
    pktType: 'host',
    ctState: 'NEW',
    ct: null,
  };
}

/** The two bits of ECN are always taken over, and "congestion experienced" as "capable". */
function congestionOf(tos: number): number {
  return (tos & 3) === 3 ? 2 : tos & 3;
}

/** Ethernet, VXLAN, UDP and IP, or IP alone. */
function headersOf(proto: 4 | 17, { family }: Ip): number {
  const ip = family === 4 ? 20 : 40;
  return proto === udp ? 14 + 8 + 8 + ip : ip;
}
