/**
 * The bytes of a packet as far as a question settles them: what its headers must hold, and open bits where nobody said (identification, checksums,
 * sequence numbers, what a payload is made of). RFC 791, RFC 8200, RFC 9293, RFC 768, RFC 792.
 */
import type { Ip } from '../inet/ip.js';
import { proto } from '../inet/proto.js';
import { type Skb, tcpFlag } from './skb.js';

/** Bits under `known` are given, the others are open (zero in `value`). */
export interface KnownBits {
  readonly value: number;
  readonly known: number;
}

/** From the IP header on; what lies behind the last one is open. */
export type KnownBytes = readonly KnownBits[];

const openBits: KnownBits = { value: 0, known: 0 };

export function byteAt(bytes: KnownBytes, at: number): KnownBits {
  return bytes[at] ?? openBits;
}

export function packetBytes(skb: Skb): KnownBytes {
  return skb.family === 4 ? [...header4(skb), ...upper(skb)] : [...header6(skb), ...upper6(skb)];
}

/** Without options, as every packet that can be asked about. Open: identification, checksum, and whether it may be fragmented. */
function header4(skb: Skb): KnownBytes {
  const { fragment } = skb;
  const offset = fragment?.offset ?? 0;
  const flags = { value: (fragment?.more ? 0x20 : 0) | (offset >> 8), known: 0xbf };
  return [
    ...[given(0x45), given(skb.tos), ...two(skb.length)],
    ...[...open(2), flags, given(offset & 255)],
    ...[given(skb.ttl), given(skb.proto), ...open(2)],
    ...[...four(skb.src.a), ...four(skb.dst.a)],
  ];
}

const fragmentHeader = 44;

/** Open: the flow label. */
function header6(skb: Skb): KnownBytes {
  const next = skb.fragment === null ? (skb.extensions?.[0] ?? skb.proto) : fragmentHeader;
  return [
    ...[given(0x60 | (skb.tos >> 4)), { value: (skb.tos & 15) << 4, known: 0xf0 }, ...open(2)],
    ...[...two(skb.length === null ? null : skb.length - 40), given(next)],
    ...[given(skb.ttl), ...sixteen(skb.src), ...sixteen(skb.dst)],
  ];
}

function upper6(skb: Skb): KnownBytes {
  const { fragment, extensions } = skb;
  const upperBytes = extensions === undefined ? upper(skb) : [];
  if (fragment === null) return upperBytes;
  const place = (fragment.offset << 3) | (fragment.more ? 1 : 0);
  const low = { value: place & 0xf9, known: 0xf9 };
  return [given(extensions?.[0] ?? skb.proto), ...open(1), given((place >> 8) & 255), low, ...open(4), ...upperBytes];
}

/** What was given byte by byte, with the ports that it has by now; else the fields of its header that are known. */
function upper(skb: Skb): KnownBytes {
  const { body, fragment } = skb;
  if (body !== undefined) return [...body].map((byte, at) => current(skb, at) ?? given(byte));
  if (fragment !== null && fragment.offset > 0) return [];
  switch (skb.proto) {
    case proto.tcp:
      return segment(skb);
    case proto.udp:
      return [...ports(skb), ...two(skb.length === null ? null : skb.length - headerLength(skb)), ...open(2)];
    case proto.icmp:
    case proto.icmpv6:
      return message(skb);
    default:
      return skb.sport === null && skb.dport === null ? [] : ports(skb);
  }
}

/** Ports and checksum of a whole packet may have been translated since it was given. */
function current(skb: Skb, at: number): KnownBits | undefined {
  const isHeader = (skb.fragment?.offset ?? 0) === 0 && (skb.sport !== null || skb.dport !== null);
  if (!isHeader) return undefined;
  const [first, last] = checksums[skb.proto] ?? [0, -1];
  return at >= first && at <= last && isTranslated(skb) ? openBits : ports(skb)[at];
}

const checksums: Readonly<Record<number, readonly [first: number, last: number]>> = {
  [proto.tcp]: [16, 17],
  [proto.udp]: [6, 7],
  [proto.udplite]: [6, 7],
  [proto.dccp]: [6, 7],
  [proto.sctp]: [8, 11],
};

function isTranslated({ ct, ipvs }: Skb): boolean {
  return ct?.srcNat === true || ct?.dstNat === true || (ipvs !== null && ipvs !== undefined);
}

function headerLength({ family, fragment }: Skb): number {
  if (family === 4) return 20;
  return fragment === null ? 40 : 48;
}

/** The data offset is known where the only option is an MSS, or there is none. */
function segment(skb: Skb): KnownBytes {
  if (skb.tcp === null) return ports(skb);
  const { flags, mss, plain } = skb.tcp;
  const opens = (flags & tcpFlag.SYN) !== 0;
  const offset = plain === false || (opens && mss === null) ? openBits : given(mss === null ? 0x50 : 0x60);
  const options = plain === false || mss === null ? [] : [given(2), given(4), ...two(mss)];
  return [...ports(skb), ...open(8), offset, given(flags), ...open(6), ...options];
}

function message({ icmp }: Skb): KnownBytes {
  return icmp === null ? [] : [given(icmp.type), given(icmp.code), ...open(2), ...two(icmp.id)];
}

function ports({ sport, dport }: Skb): KnownBytes {
  return [...two(sport), ...two(dport)];
}

function given(value: number): KnownBits {
  return { value, known: 255 };
}

function open(count: number): KnownBytes {
  return Array.from({ length: count }, () => openBits);
}

function two(value: number | null): KnownBytes {
  return value === null ? open(2) : [given((value >> 8) & 255), given(value & 255)];
}

function four(value: number): KnownBytes {
  return [24, 16, 8, 0].map((shift) => given((value >>> shift) & 255));
}

function sixteen(ip: Ip): KnownBytes {
  return [ip.a, ip.b, ip.c, ip.d].flatMap(four);
}
