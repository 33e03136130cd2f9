/** What `-m set` looks up: the values that the flags `src,dst,…` pick from a packet. net/netfilter/ipset/ip_set_*.c, pfxlen.c, ip_set_getport.c. */
import type { Ip } from '../inet/ip.js';
import { isUnspecified } from '../inet/ip-kind.js';
import type { Mac } from '../inet/mac.js';
import { applyMask, maskOf } from '../inet/mask.js';
import { proto } from '../inet/proto.js';
import { endsBefore, headerSize } from '../packet/cut.js';
import { noNextHeader } from '../packet/extension-headers.js';
import type { Skb } from '../packet/skb.js';
import type { IpSet } from '../snapshot/ipset.js';
import { type Unknown, unknown } from '../tri.js';
import type { Dimension, SetType } from './set-types.js';

export type SetDirection = 'src' | 'dst';

/** The packet as far as sets look at it. */
export type SetPacket = Pick<
  Skb,
  | 'family'
  | 'src'
  | 'dst'
  | 'proto'
  | 'sport'
  | 'dport'
  | 'icmp'
  | 'fragment'
  | 'extensions'
  | 'length'
  | 'mark'
  | 'iif'
  | 'oif'
  | 'srcMac'
  | 'dstMac'
>;

export interface SetKey {
  readonly packet: SetPacket;
  /** One for each dimension; more than the set has are ignored, with fewer nothing matches. */
  readonly flags: readonly SetDirection[];
  /** `--return-nomatch`: elements marked `nomatch` match, and the others do not. */
  readonly returnNomatch: boolean;
}

/** The value of one dimension. */
export type KeyPart =
  | { readonly kind: 'ip'; readonly ip: Ip }
  /** `proto` null: the port of any protocol, as bitmap:port has them. */
  | { readonly kind: 'port'; readonly proto: number | null; readonly port: number }
  | { readonly kind: 'mac'; readonly mac: Mac }
  | { readonly kind: 'mark'; readonly mark: number }
  | { readonly kind: 'iface'; readonly name: string };

/** The values for the dimensions of a set; null when the packet has none of that kind, which no element matches. */
export function keyParts(set: IpSet, type: SetType, key: SetKey): readonly KeyPart[] | null | Unknown {
  const parts: KeyPart[] = [];
  let open: Unknown | null = null;
  for (const [index, dimension] of type.dimensions.entries()) {
    const flag = key.flags[index];
    const part = flag === undefined ? null : keyPart(set, dimension, key.packet, flag);
    if (part === null) return null;
    if ('because' in part) open = part;
    else parts.push(part);
  }
  return open ?? parts;
}

function keyPart(set: IpSet, dimension: Dimension, packet: SetPacket, flag: SetDirection): KeyPart | null | Unknown {
  switch (dimension) {
    case 'ip':
    case 'net': {
      const ip = maskedFor(set, flag === 'src' ? packet.src : packet.dst);
      // ip_set_hash_ip.c hash_ip4_kadt: what the mask leaves nothing of is neither looked up nor added.
      return set.type === 'hash:ip' && isUnspecified(ip) ? null : { kind: 'ip', ip };
    }
    case 'port':
      return portOf(packet, flag, set.type === 'bitmap:port');
    case 'mac':
      return macOf(packet, flag);
    case 'mark':
      return { kind: 'mark', mark: markedFor(set, packet.mark) };
    case 'iface': {
      const name = flag === 'src' ? packet.iif : packet.oif;
      return name === null || name === '' ? null : { kind: 'iface', name };
    }
    case 'set':
      return null;
  }
}

/** An address with the `netmask` or `bitmask` of the set, which it puts on its elements and on what it looks up alike. */
export function maskedFor(set: IpSet, ip: Ip): Ip {
  if (set.bitmask !== null) return applyMask(ip, set.bitmask);
  return set.netmask === null ? ip : applyMask(ip, maskOf(ip.family, set.netmask));
}

export function markedFor(set: IpSet, mark: number): number {
  return set.markmask === null ? mark : (mark & set.markmask) >>> 0;
}

function portOf(packet: SetPacket, flag: SetDirection, bare: boolean): KeyPart | null {
  const later = packet.fragment !== null && packet.fragment.offset > 0;
  if (later && packet.family === 6) return null;
  const { proto: number } = packet;
  // ipv6_skip_exthdr takes "nothing follows" for a header cut short.
  if (packet.family === 6 && number === noNextHeader) return null;
  if (bare && number !== proto.tcp && number !== proto.udp) return null;
  switch (number) {
    case proto.tcp:
    case proto.udp:
    case proto.udplite:
    case proto.sctp: {
      const port = flag === 'src' ? packet.sport : packet.dport;
      return later || port === null || endsBefore(packet, wholeHeader[number])
        ? null
        : { kind: 'port', proto: bare ? null : number, port };
    }
    case proto.icmp:
    case proto.icmpv6: {
      const { icmp } = packet;
      if (icmp === null || (later && number === proto.icmp) || endsBefore(packet, headerSize.icmp)) return null;
      return { kind: 'port', proto: number, port: icmp.type * 256 + icmp.code };
    }
    default:
      // Every other protocol, also one with ports such as dccp, is looked up with port 0.
      return { kind: 'port', proto: number, port: 0 };
  }
}

/** Of such a header sets want all to look at its ports. */
const wholeHeader = {
  [proto.tcp]: headerSize.tcp,
  [proto.udp]: headerSize.udp,
  [proto.udplite]: headerSize.udp,
  [proto.sctp]: headerSize.sctp,
} as const;

/** A packet made here has no hardware header, one on lo a header of zeros, and neither matches. */
function macOf(packet: SetPacket, flag: SetDirection): KeyPart | null | Unknown {
  if (packet.iif === null || packet.iif === 'lo') return null;
  const mac = flag === 'src' ? packet.srcMac : packet.dstMac;
  if (mac === null) return unknown(`the ${flag} hardware address of the packet is not known`);
  return mac.hi === 0 && mac.lo === 0 ? null : { kind: 'mac', mac };
}
