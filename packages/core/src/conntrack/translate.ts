/** What NAT does to a connection once, and to each of its packets. net/netfilter/nf_nat_core.c nf_nat_setup_info, nf_nat_proto.c. */
import { sameIp } from '../inet/ip.js';
import { alter, alterConnection, type Connection, type QuotedPacket, type Skb } from '../packet/skb.js';
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
  const reply = reverseTuple(tuple);
  const settled = settledOn(ct, side);
  return alterConnection(ct, side === 'src' ? { settled, reply, srcNat: true } : { settled, reply, dstNat: true });
}

/** That side keeps what it has. */
export function settleUnmoved(ct: Connection, side: NatSide): Connection {
  return alterConnection(ct, { settled: settledOn(ct, side) });
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
  const icmp = skb.icmp === null || target.icmpType === null ? skb.icmp : { ...skb.icmp, id: target.icmpId };
  return side === 'src'
    ? alter(skb, {
        src: target.src,
        sport: portFor(skb, 'sport', target),
        icmp,
        openPort: openPortFor(skb, 'sport', target),
      })
    : alter(skb, {
        dst: target.dst,
        dport: portFor(skb, 'dport', target),
        icmp,
        openPort: openPortFor(skb, 'dport', target),
      });
}

/** Protocols without ports keep what their headers hold. */
function portFor(skb: Skb, field: 'sport' | 'dport', target: ConnTuple): number | null {
  return ported.has(skb.proto) ? target[field] : skb[field];
}

/** A tuple whose port is open leaves that of the packet open. */
function openPortFor(skb: Skb, field: 'sport' | 'dport', { [field]: port }: ConnTuple): Skb['openPort'] {
  if (!ported.has(skb.proto) || skb[field] === port) return skb.openPort;
  if (port === null) return field;
  return skb.openPort === field ? undefined : skb.openPort;
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
