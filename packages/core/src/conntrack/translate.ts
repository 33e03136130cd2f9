/** What NAT does to a connection once, and to each of its packets. net/netfilter/nf_nat_core.c nf_nat_setup_info, nf_nat_proto.c. */
import { sameIp } from '../inet/ip.js';
import { alter, type Connection, draftConnection, draftSkb, type QuotedPacket, type Skb } from '../packet/skb.js';
import type { ConnTuple } from '../snapshot/conntrack.js';
import { ported, reverseTuple, sameTuple } from './connection.js';

export type NatSide = 'src' | 'dst';

/** The tuple of packets in the original direction once they are translated. */
export function mappedTuple(ct: Connection): ConnTuple {
  return reverseTuple(ct.reply);
}

/** Settles one side: answers to the new tuple belong to the connection from now on. Where nothing changes it does not count as translated. */
export function settle(ct: Connection, side: NatSide, tuple: ConnTuple): Connection {
  if (sameTuple(tuple, mappedTuple(ct))) return settleUnmoved(ct, side);
  const translated = draftConnection(ct);
  translated.settled = settledOn(ct, side);
  translated.reply = reverseTuple(tuple);
  if (side === 'src') translated.srcNat = true;
  else translated.dstNat = true;
  return translated;
}

/** That side keeps what it has. */
export function settleUnmoved(ct: Connection, side: NatSide): Connection {
  const kept = draftConnection(ct);
  kept.settled = settledOn(ct, side);
  return kept;
}

function settledOn({ settled }: Connection, side: NatSide): Connection['settled'] {
  return side === 'src' ? { src: true, dst: settled.dst } : { src: settled.src, dst: true };
}

/** Is that side of packets in this direction translated? What was source NAT for the first is destination NAT for answers. */
function isTranslated(ct: Connection, side: NatSide): boolean {
  return (side === 'src') === (ct.direction === 'original') ? ct.srcNat : ct.dstNat;
}

function targetTuple(ct: Connection): ConnTuple {
  return reverseTuple(ct.direction === 'original' ? ct.reply : ct.original);
}

/** The packet with that side as its connection says. */
export function translatePacket(skb: Skb, side: NatSide): Skb {
  const { ct } = skb;
  if (ct === null || !isTranslated(ct, side)) return skb;
  const target = targetTuple(ct);
  const translated = draftSkb(skb);
  if (skb.icmp !== null && target.icmpType !== null) translated.icmp = { ...skb.icmp, id: target.icmpId };
  if (side === 'src') translated.src = target.src;
  else translated.dst = target.dst;
  // Protocols without ports keep what their headers hold.
  if (!ported.has(skb.proto)) return translated;
  if (side === 'src') {
    translated.sport = target.sport;
    if (skb.sport !== target.sport) translated.openPort = openPortFor(skb, 'sport', target.sport);
  } else {
    translated.dport = target.dport;
    if (skb.dport !== target.dport) translated.openPort = openPortFor(skb, 'dport', target.dport);
  }
  return translated;
}

/** A tuple whose port is open leaves that of the packet open. */
function openPortFor({ openPort }: Skb, field: 'sport' | 'dport', port: number | null): Skb['openPort'] {
  if (port === null) return field;
  return openPort === field ? undefined : openPort;
}

/** An ICMP error about a translated connection: what it quotes is as its receiver had sent it, and it comes from where that was sent to. */
export function translateError(skb: Skb, side: NatSide): Skb {
  const { ct, quoted } = skb;
  if (ct === null || quoted === undefined || !isTranslated(ct, side)) return skb;
  // The quoted packet goes the other way round.
  const other = ct.direction === 'original' ? ct.reply : ct.original;
  return side === 'src'
    ? alter(skb, { src: other.dst, quoted: quotedWith(quoted, 'dst', other) })
    : alter(skb, { dst: other.src, quoted: quotedWith(quoted, 'src', other) });
}

function quotedWith(quoted: QuotedPacket, side: NatSide, to: ConnTuple): QuotedPacket {
  const icmp = quoted.icmp === null ? null : { ...quoted.icmp, id: to.icmpId };
  if (side === 'src') return { ...quoted, icmp, src: to.src, sport: quoted.sport === null ? null : to.sport };
  return { ...quoted, icmp, dst: to.dst, dport: quoted.dport === null ? null : to.dport };
}

export function isMoved(before: Skb, after: Skb): boolean {
  return (
    !sameIp(before.src, after.src) ||
    !sameIp(before.dst, after.dst) ||
    before.sport !== after.sport ||
    before.dport !== after.dport ||
    before.icmp?.id !== after.icmp?.id
  );
}
