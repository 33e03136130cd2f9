/**
 * The bytes of a packet as far as a question settles them: what its headers must hold, and open bits where nobody said (identification, checksums,
 * sequence numbers, what a payload is made of). RFC 791, RFC 8200, RFC 9293, RFC 768, RFC 792, RFC 1071.
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

/** Without options, as every packet that can be asked about. Open where it is not told: identification, whether it may be fragmented, and with them the checksum. */
function header4(skb: Skb): KnownBytes {
  const { fragment, unaltered } = skb;
  const offset = fragment?.offset ?? 0;
  const df = unaltered?.df ?? null;
  const flags = {
    value: (fragment?.more ? 0x20 : 0) | (df ? 0x40 : 0) | (offset >> 8),
    known: df === null ? 0xbf : 255,
  };
  const head = [
    ...[given(0x45), given(skb.tos), ...two(skb.length)],
    ...[...two(unaltered?.id ?? null), flags, given(offset & 255)],
    ...[given(skb.ttl), given(skb.proto)],
  ];
  const ends = [...four(skb.src.a), ...four(skb.dst.a)];
  return [...head, ...checksum([...head, ...ends]), ...ends];
}

/** RFC 1071. What is all zeros or all ones depends on whether the kernel has summed it up anew or brought it up to date. */
function checksum(bytes: KnownBytes): KnownBytes {
  if (bytes.some(({ known }) => known !== 255)) return open(2);
  const sum = bytes.reduce((before, { value }, at) => before + (at % 2 === 0 ? value << 8 : value), 0) % 0xffff;
  return sum === 0 ? open(2) : two(0xffff - sum);
}

const fragmentHeader = 44;

/** Open where it is not told: the flow label. */
function header6(skb: Skb): KnownBytes {
  const next = skb.fragment === null ? (skb.extensions?.[0] ?? skb.proto) : fragmentHeader;
  const label = skb.unaltered?.flowLabel ?? null;
  const low = (skb.tos & 15) << 4;
  return [
    given(0x60 | (skb.tos >> 4)),
    label === null ? { value: low, known: 0xf0 } : given(low | (label >>> 16)),
    ...two(label === null ? null : label & 0xffff),
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
  if (body !== undefined && skb.icmp !== null) return givenMessage(skb, body);
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
  const { flags, mss, openEcn } = skb.tcp;
  const plain = skb.tcp.plain !== false && !skb.tcp.stripped;
  const opens = (flags & tcpFlag.SYN) !== 0;
  const offset = !plain || (opens && mss === null) ? openBits : given(mss === null ? 0x50 : 0x60);
  const options = !plain || mss === null ? [] : [given(2), given(4), ...two(mss)];
  return [...ports(skb), ...open(8), offset, openEcn ? butEcn(flags) : given(flags), ...open(6), ...options];
}

function butEcn(flags: number): KnownBits {
  const known = 255 & ~(tcpFlag.ECE | tcpFlag.CWR);
  return { value: flags & known, known };
}

function message({ icmp }: Skb): KnownBytes {
  return icmp === null ? [] : [given(icmp.type), given(icmp.code), ...open(2), ...two(icmp.id)];
}

/** NAT changes the id and the checksum, and of errors the packet that they quote. */
function givenMessage(skb: Skb, body: Uint8Array): KnownBytes {
  const bytes = [...body].map(given);
  if (!isTranslated(skb)) return bytes;
  const rest = skb.quoted === undefined ? bytes.slice(6) : open(Math.max(0, bytes.length - 6));
  return [...message(skb), ...rest];
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
