/** What a packet's headers say, read from the bytes that were seen. RFC 791, 8200, 9293, 768, 792, 4443. */
import { formatIp, parseIp } from '@coldtrace/core';
import { bytesOfHex } from './packet-bytes.js';

export interface PacketSeen {
  readonly family: 4 | 6;
  readonly src: string;
  readonly dst: string;
  readonly proto: number;
  readonly ttl: number;
  readonly tos: number;
  readonly sport?: number;
  readonly dport?: number;
  readonly icmp_id?: number;
  readonly icmpType?: number;
  readonly icmpCode?: number;
  readonly tcpFlags?: number;
  readonly tcpSeq?: number;
}

const portProtos = new Set([6, 17, 33, 132, 136]);

export function readPacket(hex: string): PacketSeen {
  const bytes = bytesOfHex(hex);
  return (bytes[0] ?? 0) >> 4 === 4 ? readIpv4(bytes) : readIpv6(bytes);
}

const word = (bytes: readonly number[], at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);

function readIpv4(bytes: readonly number[]): PacketSeen {
  const head = ((bytes[0] ?? 0) & 15) * 4;
  const proto = bytes[9] ?? 0;
  const isLater = (word(bytes, 6) & 0x1fff) !== 0;
  return {
    family: 4,
    src: bytes.slice(12, 16).join('.'),
    dst: bytes.slice(16, 20).join('.'),
    proto,
    ttl: bytes[8] ?? 0,
    tos: bytes[1] ?? 0,
    ...(isLater ? {} : readUpper(proto, bytes.slice(head))),
  };
}

function readIpv6(bytes: readonly number[]): PacketSeen {
  const address = (at: number) => {
    const words = Array.from({ length: 8 }, (_, index) => word(bytes, at + index * 2).toString(16));
    const ip = parseIp(words.join(':'));
    return ip === null ? '' : formatIp(ip);
  };
  let proto = bytes[6] ?? 0;
  let at = 40;
  let isLater = false;
  if (proto === 44) {
    proto = bytes[40] ?? 0;
    isLater = word(bytes, 42) >> 3 !== 0;
    at = 48;
  }
  return {
    family: 6,
    src: address(8),
    dst: address(24),
    proto,
    ttl: bytes[7] ?? 0,
    tos: (word(bytes, 0) >> 4) & 255,
    ...(isLater ? {} : readUpper(proto, bytes.slice(at))),
  };
}

/** Messages with an identifier, by protocol. */
export const withId: Readonly<Record<number, ReadonlySet<number>>> = {
  1: new Set([0, 8, 13, 14, 15, 16, 17, 18]),
  58: new Set([128, 129, 139, 140]),
};

/** What is not there is not read. */
function readUpper(proto: number, bytes: readonly number[]): Partial<PacketSeen> {
  const ends = (size: number) => bytes.length < size;
  if (portProtos.has(proto)) {
    const ports = { ...(ends(2) ? {} : { sport: word(bytes, 0) }), ...(ends(4) ? {} : { dport: word(bytes, 2) }) };
    const tcpSeq = word(bytes, 4) * 65536 + word(bytes, 6);
    return proto === 6 && !ends(14) ? { ...ports, tcpFlags: bytes[13] ?? 0, tcpSeq } : ports;
  }
  const identified = withId[proto];
  if (identified === undefined || ends(2)) return {};
  const icmpType = bytes[0] ?? 0;
  const id = identified.has(icmpType) && !ends(6) ? { icmp_id: word(bytes, 4) } : {};
  return { icmpType, icmpCode: bytes[1] ?? 0, ...id };
}
