/** How long a packet is, from what its headers must hold. RFC 791, RFC 8200, RFC 9293, RFC 768, RFC 792, RFC 4443. */
import type { Family } from '../inet/ip.js';
import { proto } from '../inet/proto.js';
import { tcpFlag } from './skb.js';

/** What the length of a packet depends on. */
export interface Layout {
  readonly family: Family;
  readonly proto: number;
  readonly tcpFlags: number;
  /** Bytes behind the upper header. */
  readonly payload: number;
  /** Has the fragment header of IPv6, or is a fragment of IPv4. */
  readonly fragment: boolean;
  /** Bytes behind the IP header (and the fragment header), where they are given. */
  readonly body: number | null;
}

const mssOption = 4;

/** Bytes from the IP header on, without IP options; null for protocols whose header may have any length. */
export function lengthOf({ family, proto: upper, tcpFlags, payload, fragment, body }: Layout): number | null {
  const network = family === 4 ? 20 : fragment ? 48 : 40;
  if (body !== null) return network + body;
  const header = headerLength(upper, tcpFlags);
  return header === null ? null : network + header + payload;
}

function headerLength(upper: number, tcpFlags: number): number | null {
  switch (upper) {
    case proto.tcp:
      return 20 + (tcpFlags & tcpFlag.SYN ? mssOption : 0);
    case proto.udp:
    case proto.udplite:
    case proto.icmp:
    case proto.icmpv6:
      return 8;
    default:
      return upper >= firstUnassigned ? 0 : null;
  }
}

/** From here on nobody has said what a header holds: what such a packet carries is all payload. iana.org/assignments/protocol-numbers. */
const firstUnassigned = 149;

/** Protocols whose header begins with two ports. */
export function hasPorts(upper: number): boolean {
  return (
    upper === proto.tcp ||
    upper === proto.udp ||
    upper === proto.sctp ||
    upper === proto.udplite ||
    upper === proto.dccp
  );
}
