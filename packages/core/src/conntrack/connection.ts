/** What conntrack remembers of a flow: both tuples and what NAT did to them. net/netfilter/nf_conntrack_core.c, nf_nat_core.c. */
import type { Ip } from '../inet/ip.js';
import { sameIp } from '../inet/ip.js';
import type { Connection, Skb } from '../packet/skb.js';
import type { ConnTuple } from '../snapshot/conntrack.js';

export function tupleOf(skb: Skb): ConnTuple {
  return {
    src: skb.src,
    dst: skb.dst,
    sport: skb.sport,
    dport: skb.dport,
    icmpType: skb.icmp?.type ?? null,
    icmpCode: skb.icmp?.code ?? null,
    icmpId: skb.icmp?.id ?? null,
  };
}

const icmpAnswer: Readonly<Record<number, number>> = { 8: 0, 13: 14, 15: 16, 17: 18, 128: 129, 139: 140 };

/** The tuple of answers to a flow that nothing translates. */
export function reverseTuple(tuple: ConnTuple): ConnTuple {
  const icmpType = tuple.icmpType === null ? null : (icmpAnswer[tuple.icmpType] ?? tuple.icmpType);
  return { ...tuple, src: tuple.dst, dst: tuple.src, sport: tuple.dport, dport: tuple.sport, icmpType };
}

export function newConnection(skb: Skb): Connection {
  const original = tupleOf(skb);
  return {
    direction: 'original',
    proto: skb.proto,
    original,
    reply: reverseTuple(original),
    mark: 0,
    confirmed: false,
    seenReply: false,
    assured: false,
    srcNat: false,
    dstNat: false,
  };
}

/** What of a packet's ports stays the kernel's secret: from then on the source port is open, and so is where the answer must go. */
export function withOpenSourcePort(skb: Skb): Skb {
  const { ct } = skb;
  if (ct === null) return skb;
  const icmp = skb.icmp === null ? null : { ...skb.icmp, id: null };
  const reply = { ...ct.reply, dport: null, icmpId: null };
  const ported = skb.sport === null ? skb : { ...skb, sport: null, openPort: 'sport' as const };
  return { ...ported, icmp, ct: { ...ct, reply } };
}

/** The packet and its connection after destination NAT. */
export function translateDst(skb: Skb, ip: Ip | null, port: number | null): Skb {
  const dst = ip ?? skb.dst;
  const dport = port ?? skb.dport;
  const { ct } = skb;
  if (ct === null) return skb;
  return { ...skb, dst, dport, ct: { ...ct, dstNat: true, reply: { ...ct.reply, src: dst, sport: dport } } };
}

/** The packet and its connection after source NAT. */
export function translateSrc(skb: Skb, ip: Ip, port: number | null): Skb {
  const sport = port ?? skb.sport;
  const { ct } = skb;
  if (ct === null) return skb;
  return { ...skb, src: ip, sport, ct: { ...ct, srcNat: true, reply: { ...ct.reply, dst: ip, dport: sport } } };
}

/** Does the packet belong to this connection as an answer? */
export function answers(skb: Skb, connection: Connection): boolean {
  const { reply } = connection;
  return (
    skb.proto === connection.proto &&
    sameIp(skb.src, reply.src) &&
    sameIp(skb.dst, reply.dst) &&
    skb.sport === reply.sport &&
    skb.dport === reply.dport &&
    (skb.icmp === null || skb.icmp.id === reply.icmpId)
  );
}

/** Undoes source NAT on an answer: its destination becomes the original sender. */
export function restoreDst(skb: Skb): Skb {
  const { ct } = skb;
  if (ct === null || !ct.srcNat) return skb;
  const { openPort, ...known } = skb;
  const icmp = skb.icmp === null ? null : { ...skb.icmp, id: ct.original.icmpId };
  const kept = openPort === 'dport' ? known : skb;
  return { ...kept, dst: ct.original.src, dport: ct.original.sport, icmp };
}

/** Undoes destination NAT on an answer: its source becomes what the sender had called. */
export function restoreSrc(skb: Skb): Skb {
  const { ct } = skb;
  return ct === null || !ct.dstNat ? skb : { ...skb, src: ct.original.dst, sport: ct.original.dport };
}
