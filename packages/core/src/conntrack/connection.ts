/** What conntrack remembers of a flow: its two tuples and its zone. net/netfilter/nf_conntrack_core.c. */
import { sameIp } from '../inet/ip.js';
import { proto } from '../inet/proto.js';
import type { Connection, ConnZone, QuotedPacket, Skb } from '../packet/skb.js';
import type { ConnTuple } from '../snapshot/conntrack.js';

export type Direction = Connection['direction'];

const noZone: ConnZone = { original: 0, reply: 0 };

/** Protocols whose tuples have ports. Others, whatever their headers hold, are told apart by their addresses alone. */
export const ported: ReadonlySet<number> = new Set([proto.tcp, proto.udp, proto.udplite, proto.sctp]);

export function tupleOf(packet: Skb | QuotedPacket): ConnTuple {
  const { src, dst, icmp } = packet;
  return {
    src,
    dst,
    sport: portOf(packet.proto, packet.sport),
    dport: portOf(packet.proto, packet.dport),
    icmpType: icmp?.type ?? null,
    icmpCode: icmp?.code ?? null,
    icmpId: icmp?.id ?? null,
  };
}

function portOf(l4: number, port: number | null): number | null {
  return ported.has(l4) ? port : null;
}

/** Of a protocol that is tracked without its ports (DCCP since Linux 6.16) the table may still print zeros. */
export function withoutIdlePorts(l4: number, tuple: ConnTuple): ConnTuple {
  return ported.has(l4) || tuple.sport === null ? tuple : { ...tuple, sport: null, dport: null };
}

const icmpAnswer: Readonly<Record<number, number>> = {
  0: 8,
  8: 0,
  13: 14,
  14: 13,
  15: 16,
  16: 15,
  17: 18,
  18: 17,
  128: 129,
  129: 128,
  139: 140,
  140: 139,
};

/** The tuple of answers to a flow that nothing translates. */
export function reverseTuple(tuple: ConnTuple): ConnTuple {
  const icmpType = tuple.icmpType === null ? null : (icmpAnswer[tuple.icmpType] ?? tuple.icmpType);
  const { src, dst, sport, dport, icmpCode, icmpId } = tuple;
  return { src: dst, dst: src, sport: dport, dport: sport, icmpType, icmpCode, icmpId };
}

/** Two tuples of the same protocol. */
export function sameTuple(x: ConnTuple, y: ConnTuple): boolean {
  return (
    sameIp(x.src, y.src) &&
    sameIp(x.dst, y.dst) &&
    x.sport === y.sport &&
    x.dport === y.dport &&
    x.icmpType === y.icmpType &&
    x.icmpCode === y.icmpCode &&
    x.icmpId === y.icmpId
  );
}

export function newConnection(
  skb: Skb,
  zone: ConnZone = noZone,
  tcpState: string | null = null,
  carried?: Connection['carried'],
): Connection {
  const original = tupleOf(skb);
  return {
    direction: 'original',
    proto: skb.proto,
    original,
    reply: reverseTuple(original),
    zone,
    mark: 0,
    confirmed: false,
    seenReply: false,
    assured: false,
    srcNat: false,
    dstNat: false,
    settled: { src: false, dst: false },
    tcpState,
    expected: false,
    deleted: undefined,
    carried,
    drawn: undefined,
  };
}

/** In which direction packets with this tuple belong to the connection; null: not at all. `only`: no other direction is looked for. */
export function directionIn(
  connection: Connection,
  l4: number,
  tuple: ConnTuple,
  zone: ConnZone,
  only?: Direction,
): Direction | null {
  if (connection.proto !== l4) return null;
  // Where both are the same, as of a packet without ports to its own sender, the table finds the answer's first.
  if (only !== 'original' && isOf(connection, 'reply', tuple, zone)) return 'reply';
  return only !== 'reply' && isOf(connection, 'original', tuple, zone) ? 'original' : null;
}

function isOf(connection: Connection, direction: Direction, tuple: ConnTuple, zone: ConnZone): boolean {
  return connection.zone[direction] === zone[direction] && sameTuple(connection[direction], tuple);
}
