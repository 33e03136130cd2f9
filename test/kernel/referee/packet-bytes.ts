/** Frames of probes, byte by byte, with the checksums that conntrack and REJECT insist on. RFC 791, 8200, 9293, 768, 792, 4443. */
import { type Ip, parseIp, parseProto } from '@coldtrace/core';
import type { InnerPacket, ProbeLine } from './case.js';

type Bytes = readonly number[];

const uint16 = (value: number): Bytes => [(value >>> 8) & 255, value & 255];
const uint32 = (value: number): Bytes => [...uint16(value >>> 16), ...uint16(value & 0xffff)];
const zeros = (count: number): Bytes => Array.from({ length: count }, () => 0);

export function bytesOfHex(text: string): number[] {
  return Array.from({ length: text.length / 2 }, (_, at) => Number.parseInt(text.slice(at * 2, at * 2 + 2), 16));
}

export function hexOfBytes(bytes: Bytes): string {
  return Buffer.from(bytes).toString('hex');
}

function macBytes(mac: string): Bytes {
  return mac.split(':').map((part) => Number.parseInt(part, 16));
}

function addressBytes(text: string): Bytes {
  const ip = parseIp(text);
  if (ip === null) throw new Error(`not an address: ${text}`);
  return ipBytes(ip);
}

function ipBytes(ip: Ip): Bytes {
  return ip.family === 4 ? uint32(ip.a) : [ip.a, ip.b, ip.c, ip.d].flatMap(uint32);
}

function checksum(bytes: Bytes): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

export function protoNumber(proto: string | number | undefined): number {
  if (typeof proto === 'number') return proto;
  const number = parseProto(proto ?? 'udp');
  if (number === null) throw new Error(`no protocol: ${proto}`);
  return number;
}

const flagBits: Readonly<Record<string, number>> = {
  FIN: 1,
  SYN: 2,
  RST: 4,
  PSH: 8,
  ACK: 16,
  URG: 32,
  ECE: 64,
  CWR: 128,
};

function flagsOf(text: string | undefined): number {
  return (text ?? 'SYN').split(',').reduce((sum, name) => sum | (flagBits[name] ?? 0), 0);
}

export interface Ends {
  readonly family: 4 | 6;
  readonly src: string;
  readonly dst: string;
}

/** With the checksum over the pseudo-header put in at `place`. */
function summed({ family, src, dst }: Ends, proto: number, bytes: Bytes, place: number): Bytes {
  const ends = [...addressBytes(src), ...addressBytes(dst)];
  const pseudo =
    family === 4 ? [...ends, 0, proto, ...uint16(bytes.length)] : [...ends, ...uint32(bytes.length), 0, 0, 0, proto];
  return withSum(bytes, place, checksum([...pseudo, ...bytes]));
}

function withSum(bytes: Bytes, place: number, sum: number): Bytes {
  return [...bytes.slice(0, place), ...uint16(sum === 0 ? 0xffff : sum), ...bytes.slice(place + 2)];
}

type Upper = Omit<ProbeLine, 'id' | 'kind'>;

/** Header and payload behind the IP header. */
export function upperBytes(ends: Ends, probe: Upper): Bytes {
  const proto = protoNumber(probe.proto);
  const ports = [...uint16(probe.sport ?? 0), ...uint16(probe.dport ?? 0)];
  const payload = zeros(probe.payload ?? 0);
  switch (proto) {
    case 6:
      return summed(ends, proto, [...tcpHeader(ports, flagsOf(probe.tcp_flags), probe.tcp_ack ?? 1), ...payload], 16);
    case 17:
      return summed(ends, proto, [...ports, ...uint16(8 + payload.length), 0, 0, ...payload], 6);
    case 136:
      return summed(ends, proto, [...ports, 0, 0, 0, 0, ...payload], 6);
    case 33:
      // A request: data offset 4 words, type 0, long sequence numbers, service code.
      return summed(ends, proto, [...ports, 5, 0, 0, 0, 1, 0, ...zeros(10), ...payload], 6);
    case 132:
      return sctpInit(ports);
    case 1: {
      const bytes = icmpBytes(probe, payload);
      return withSum(bytes, 2, checksum(bytes));
    }
    case 58:
      return summed(ends, proto, icmpBytes(probe, payload), 2);
    case 47:
      return [0, 0, 0x08, 0, ...payload];
    case 50:
      return [...uint32(0x1000), ...uint32(1), ...zeros(16), ...payload];
    case 51:
      return [59, 4, 0, 0, ...uint32(0x1000), ...uint32(1), ...zeros(12), ...payload];
    default:
      return payload;
  }
}

/** A SYN carries MSS 1460. */
function tcpHeader(ports: Bytes, flags: number, acknowledged: number): Bytes {
  const options = (flags & 2) !== 0 ? [2, 4, ...uint16(1460)] : [];
  const ack = (flags & 16) !== 0 ? acknowledged : 0;
  const offset = (20 + options.length) << 2;
  return [...ports, ...uint32(1), ...uint32(ack), offset, flags, ...uint16(8192), 0, 0, 0, 0, ...options];
}

function sctpInit(ports: Bytes): Bytes {
  const chunk = [1, 0, ...uint16(20), ...uint32(1), ...uint32(65536), ...uint16(1), ...uint16(1), ...uint32(1)];
  const bytes = [...ports, ...zeros(4), ...zeros(4), ...chunk];
  return [...bytes.slice(0, 8), ...crc32c(bytes), ...bytes.slice(12)];
}

/** SCTP's checksum, RFC 9260 appendix A. */
function crc32c(bytes: Bytes): Bytes {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) !== 0 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  const sum = ~crc >>> 0;
  return [sum & 255, (sum >>> 8) & 255, (sum >>> 16) & 255, sum >>> 24];
}

function icmpBytes(probe: Upper, payload: Bytes): Bytes {
  const type = probe.icmp_type ?? (probe.family === 4 ? 8 : 128);
  const head = [type, probe.icmp_code ?? 0, 0, 0];
  if (probe.inner !== undefined) return [...head, ...zeros(4), ...quoted(probe.inner, probe.family)];
  return [...head, ...uint16(probe.icmp_id ?? 0), ...uint16(1), ...payload];
}

/** The packet that an ICMP error quotes. */
function quoted(inner: InnerPacket, family: 4 | 6): Bytes {
  const ends = { family, src: inner.src, dst: inner.dst };
  return ipPacket(ends, protoNumber(inner.proto), upperBytes(ends, { family, ...inner }), { ttl: 63 });
}

/** Of every IPv4 packet that is whole. */
export const identification = 7;

interface IpFields {
  readonly ttl?: number;
  readonly tos?: number;
  readonly df?: boolean;
  readonly fragment?: { readonly offset: number; readonly more: boolean; readonly id: number };
}

export function ipPacket(ends: Ends, proto: number, upper: Bytes, fields: IpFields): Bytes {
  return ends.family === 4 ? ipv4(ends, proto, upper, fields) : ipv6(ends, proto, upper, fields);
}

function ipv4(
  { src, dst }: Ends,
  proto: number,
  upper: Bytes,
  { ttl = 64, tos = 0, df = false, fragment }: IpFields,
): Bytes {
  const place = (fragment === undefined ? 0 : fragment.offset | (fragment.more ? 0x2000 : 0)) | (df ? 0x4000 : 0);
  const head = [
    0x45,
    tos,
    ...uint16(20 + upper.length),
    ...uint16(fragment?.id ?? identification),
    ...uint16(place),
    ttl,
    proto,
    0,
    0,
  ];
  const header = [...head, ...addressBytes(src), ...addressBytes(dst)];
  return [...header.slice(0, 10), ...uint16(checksum(header)), ...header.slice(12), ...upper];
}

function ipv6({ src, dst }: Ends, proto: number, upper: Bytes, { ttl = 64, tos = 0, fragment }: IpFields): Bytes {
  const place = fragment === undefined ? 0 : (fragment.offset << 3) | (fragment.more ? 1 : 0);
  const extension = fragment === undefined ? [] : [proto, 0, ...uint16(place), ...uint32(fragment.id)];
  const body = [...extension, ...upper];
  const next = fragment === undefined ? proto : 44;
  const head = [0x60 | (tos >> 4), (tos << 4) & 255, 0, 0, ...uint16(body.length), next, ttl];
  return [...head, ...addressBytes(src), ...addressBytes(dst), ...body];
}

/** Where each protocol keeps its checksum. */
const sums: Readonly<Record<number, number>> = { 1: 2, 6: 16, 17: 6, 33: 6, 58: 2, 132: 8, 136: 6 };

/** As much of the bytes as the packet has room for, summed up anew where their checksum is among them. */
export function cutUpper(ends: Ends, probe: Upper, whole: Bytes): Bytes {
  const short = whole.slice(0, roomFor(probe));
  const proto = protoNumber(probe.proto);
  const place = sums[proto];
  const size = proto === 132 ? 4 : 2;
  if (short.length === whole.length || place === undefined || short.length < place + size) return short;
  const blank = [...short.slice(0, place), ...zeros(size), ...short.slice(place + size)];
  if (proto === 132) return [...blank.slice(0, place), ...crc32c(blank), ...blank.slice(place + size)];
  return proto === 1 ? withSum(blank, place, checksum(blank)) : summed(ends, proto, blank, place);
}

/** A packet that says that it is shorter than its headers ends within them. */
function roomFor({ family, length }: Upper): number | undefined {
  return length === undefined ? undefined : Math.max(0, length - (family === 4 ? 20 : 40));
}

let fragmentIds = 100;

/** The frame that enters the node; `deviceMac` is the address of the device it enters by. */
export function frameOf(probe: ProbeLine, deviceMac: string): string {
  const { family, src = '', dst = '' } = probe;
  const ends = { family, src, dst };
  const isFragment = probe.frag_off !== undefined || probe.mf === true;
  // Each its own, or the kernel would put fragments of different probes together.
  const id = fragmentIds++ & 0xffff;
  const fragment = isFragment ? { offset: probe.frag_off ?? 0, more: probe.mf ?? false, id } : undefined;
  const whole = probe.frag_body === undefined ? upperBytes(ends, probe) : bytesOfHex(probe.frag_body);
  const upper = fragment === undefined ? cutUpper(ends, probe, whole) : whole;
  const fields = { ...probe, ...(fragment === undefined ? {} : { fragment }) };
  const packet = ipPacket(ends, protoNumber(probe.proto), upper, fields);
  const kind = family === 4 ? [0x08, 0x00] : [0x86, 0xdd];
  return hexOfBytes([
    ...macBytes(probe.dst_mac ?? deviceMac),
    ...macBytes(probe.src_mac ?? '02:00:00:00:ff:01'),
    ...kind,
    ...packet,
  ]);
}
