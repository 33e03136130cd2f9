/** The ICMP error or TCP reset about a packet, as a packet; null where the kernel sends none. RFC 1122 section 3.2.2, RFC 4443 section 2.4. */

import { sameIp } from '../inet/ip.js';
import { isIp4Mapped, isMulticast, isUnspecified } from '../inet/ip-kind.js';
import { proto } from '../inet/proto.js';
import { endsBefore, isCut } from '../packet/cut.js';
import { untouched } from '../packet/new-packet.js';
import { type Skb, tcpFlag } from '../packet/skb.js';
import { type Tri, unknown } from '../tri.js';

export function errorPacket(skb: Skb, error: string): Skb | null {
  if (isMulticast(skb.src) || isUnspecified(skb.src)) return null;
  // What finds the path's MTU is said of groups and other people's frames, too (icmp6_send; RFC 4443 section 2.4 (e.3)).
  if (error === 'icmpv6 2/0') return icmpError(skb, error);
  if (isMulticast(skb.dst)) return null;
  // A reset takes unicast addresses at both ends, and ipv6_addr_type does not count these (nf_send_reset6).
  if (error === 'tcp-reset') return isIp4Mapped(skb.src) || isIp4Mapped(skb.dst) ? null : reset(skb);
  // What the frame was addressed to matters to ICMP alone.
  return skb.pktType === 'host' || skb.pktType === 'loopback' ? icmpError(skb, error) : null;
}

/** What both have in common; only routing looks at them. */
function answering(skb: Skb): Skb {
  const { openPort, quoted, body, unaltered, ...plain } = skb;
  return {
    ...plain,
    length: null,
    src: skb.dst,
    dst: skb.src,
    tcp: null,
    icmp: null,
    fragment: null,
    ttl: 64,
    tos: 0,
    ...untouched,
    ctState: 'UNTRACKED',
  };
}

function reset(skb: Skb): Skb | null {
  if (skb.tcp === null || (skb.fragment?.offset ?? 0) > 0 || (skb.tcp.flags & tcpFlag.RST) !== 0) return null;
  const flags = skb.tcp.flags & tcpFlag.ACK ? tcpFlag.RST : tcpFlag.RST | tcpFlag.ACK;
  return { ...answering(skb), sport: skb.dport, dport: skb.sport, tcp: { flags, mss: null } };
}

/** About none of these ICMP sends an error: to it, types without use and those of routers are errors too. net/ipv4/icmp.c icmp_pointers. */
const errors4 = new Set([1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12]);
const internetControl = 0xc0;

function icmpError(skb: Skb, error: string): Skb | null {
  const [, type, code] = /^icmp(?:v6)? (\d+)\/(\d+)$/.exec(error) ?? [];
  const v4 = skb.family === 4;
  const isError = skb.icmp !== null && (v4 ? errors4.has(skb.icmp.type) || skb.icmp.type > 18 : skb.icmp.type < 128);
  // Of a message whose type is not there nobody knows that it is no error.
  const untold = skb.icmp !== null && endsBefore(skb, 1);
  if (type === undefined || isError || untold || (v4 && (skb.fragment?.offset ?? 0) > 0)) return null;
  return {
    ...answering(skb),
    proto: v4 ? proto.icmp : proto.icmpv6,
    sport: null,
    dport: null,
    icmp: { type: Number(type), code: Number(code), id: null },
    tos: v4 ? (skb.tos & 0x1e) | internetControl : 0,
  };
}

/**
 * REJECT answers no packet with a wrong checksum, and takes what most protocols carry for one: IPv4 sums it up alone, so that nothing and zeros pass,
 * IPv6 with the addresses. `dccpPasses`: whether IPv4 lets DCCP pass, whose checksum covers the addresses.
 * net/netfilter/nf_reject.h nf_reject_verify_csum, net/ipv4/netfilter.c nf_ip_checksum.
 */
export function isVerifiable(skb: Skb, dccpPasses: Tri): Tri {
  const { family, proto: upper, fragment, body, length } = skb;
  if (family === 6 && ((fragment?.offset ?? 0) > 0 || endsBefore(skb, 1))) return false;
  // Nobody is told of an ICMP message whose type cannot be read: it may be an error itself.
  if (upper === (family === 4 ? proto.icmp : proto.icmpv6)) return !endsBefore(skb, 1) && isWhole(skb);
  if (upper === proto.tcp || upper === proto.udp) return isWhole(skb);
  if (checked.has(upper)) return true;
  if (upper === proto.dccp && family === 6) return dccpPasses === true || (!isMoved(skb) && isWhole(skb));
  if (upper === proto.dccp) return length === emptyLength || dccpPasses;
  if (family === 6) return false;
  if (body !== undefined) return sumsToNothing(body);
  return length === emptyLength
    ? true
    : unknown('what the packet carries decides whether REJECT takes its checksum for good');
}

/** NAT has put another address into the packet, and leaves the checksum of DCCP as it was. */
function isMoved({ src, dst, ct }: Skb): boolean {
  if (ct === null) return false;
  const came = ct.direction === 'reply' ? ct.reply : ct.original;
  return !sameIp(src, came.src) || !sameIp(dst, came.dst);
}

/** What is left of a checksum whose header is cut is right by chance. */
function isWhole(skb: Skb): Tri {
  return !isCut(skb) || unknown('the checksum of a packet that ends within its header decides whether it is answered');
}

const emptyLength = 20;

/** Ones' complement sum of 16-bit words, 0 or all ones. RFC 1071. */
function sumsToNothing(body: Uint8Array): boolean {
  let sum = 0;
  body.forEach((byte, at) => {
    sum += at % 2 === 0 ? byte << 8 : byte;
  });
  return sum % 0xffff === 0;
}

const checked = new Set<number>([proto.ah, proto.esp, proto.sctp, proto.udplite, proto.gre]);
