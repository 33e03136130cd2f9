/** Which tuple NAT gives a connection: what it has stays where it may, and answers must be told apart. net/netfilter/nf_nat_core.c get_unique_tuple. */
import { type Ip, sameIp } from '../inet/ip.js';
import { proto } from '../inet/proto.js';
import type { ConnTuple } from '../snapshot/conntrack.js';
import { ported } from './connection.js';
import { hashedAddress, inAddresses, type NatRange } from './nat-range.js';

/** The connections around: all tuples are those of packets in the original direction after NAT. */
export interface Others {
  /** Do answers to it belong to another connection already? */
  taken(tuple: ConnTuple): boolean;
  /** May the one that they belong to be given up for it? Sequence numbers decide. */
  yields(tuple: ConnTuple): boolean;
  /** The new sources of other connections from the same address and port. */
  sourcesFor(tuple: ConnTuple): readonly Pick<ConnTuple, 'src' | 'sport' | 'icmpId'>[];
}

export type Chosen =
  | { readonly kind: 'tuple'; readonly tuple: ConnTuple }
  /** The kernel draws the port (or ICMP id), one of `size` from `first` on; the tuple's own is not it. */
  | { readonly kind: 'drawn'; readonly tuple: ConnTuple; readonly first: number; readonly size: number }
  /** It is this one if the connection that has it is given up. */
  | { readonly kind: 'contested'; readonly tuple: ConnTuple };

type Side = 'src' | 'dst';

/** `before`: as the connection is so far. `zone`: its number, whatever direction it is for. */
export function uniqueTuple(
  side: Side,
  l4: number,
  before: ConnTuple,
  range: NatRange,
  zone: number,
  others: Others,
): Chosen {
  if (side === 'src' && !range.random) {
    const kept = keptSource(l4, before, range, others);
    if (kept !== null) return kept;
  }
  const address = hashedAddress(side, before.src, before.dst, zone, range);
  const tuple = address === null ? before : withAddress(side, before, address);
  return !range.random && stays(side, l4, tuple, range, others)
    ? { kind: 'tuple', tuple }
    : withFreeKey(side, l4, tuple, range, others);
}

function withAddress(side: Side, tuple: ConnTuple, address: Ip): ConnTuple {
  const { src, dst, sport, dport, icmpType, icmpCode, icmpId } = tuple;
  return side === 'src'
    ? { src: address, dst, sport, dport, icmpType, icmpCode, icmpId }
    : { src, dst: address, sport, dport, icmpType, icmpCode, icmpId };
}

/** The source as it is, or the one that another connection of this source has got already. */
function keptSource(l4: number, before: ConnTuple, range: NatRange, others: Others): Chosen | null {
  if (inRange(l4, before, range)) return others.taken(before) ? null : { kind: 'tuple', tuple: before };
  const mapped = others
    .sourcesFor(before)
    .map((source) => ({ ...before, ...source }))
    .filter((tuple) => inRange(l4, tuple, range));
  const [first] = mapped;
  if (first === undefined) return null;
  const alike = mapped.every(
    (tuple) => sameIp(tuple.src, first.src) && tuple.sport === first.sport && tuple.icmpId === first.icmpId,
  );
  // Which of several the kernel finds first, no dump tells.
  if (!alike) return { kind: 'drawn', tuple: first, first: 0, size: 0x10000 };
  return others.taken(first) ? null : { kind: 'tuple', tuple: first };
}

function inRange(l4: number, tuple: ConnTuple, { addresses, ports }: NatRange): boolean {
  return (
    (addresses === null || inAddresses(tuple.src, addresses)) && (ports === null || inPorts('src', l4, tuple, ports))
  );
}

/** Protocols without ports have none that could be out of range. */
function inPorts(side: Side, l4: number, tuple: ConnTuple, { first, last }: NonNullable<NatRange['ports']>): boolean {
  if (!ported.has(l4) && !isIcmp(l4)) return true;
  const key = keyOf(side, tuple);
  return key !== null && first <= key && key <= last;
}

function stays(side: Side, l4: number, tuple: ConnTuple, { ports, portBase }: NatRange, others: Others): boolean {
  if (ports === null) return !others.taken(tuple);
  if (portBase !== null || !inPorts(side, l4, tuple, ports)) return false;
  return ports.first === ports.last || !others.taken(tuple);
}

/** Ports that are tried; for the last quarter of them closing connections are given up. NF_NAT_HARDER_THRESH. */
const mostAttempts = 128;

function withFreeKey(side: Side, l4: number, tuple: ConnTuple, range: NatRange, others: Others): Chosen {
  const keys = keysFor(side, l4, tuple, range);
  if (keys === null) return { kind: 'tuple', tuple };
  const { first, size } = keys;
  if (size === 1) {
    const only = withKey(side, l4, tuple, first);
    return { kind: others.yields(only) ? 'contested' : 'tuple', tuple: only };
  }
  const begin = offsetIn(side, tuple, range);
  if (begin === null) return { kind: 'drawn', tuple, first, size };
  const attempts = Math.min(size, mostAttempts);
  for (let step = 0; step < attempts; step++) {
    const next = withKey(side, l4, tuple, first + ((begin + step) % size));
    if (!others.taken(next)) return { kind: 'tuple', tuple: next };
    if (attempts - step <= mostAttempts / 4 && others.yields(next)) return { kind: 'contested', tuple: next };
  }
  return { kind: 'drawn', tuple, first, size };
}

/** Where the search begins; null: at random. */
function offsetIn(side: Side, tuple: ConnTuple, { portBase, random }: NatRange): number | null {
  if (portBase !== null) return ((keyOf(side, tuple) ?? 0) - portBase) & 0xffff;
  return random || side === 'src' ? null : 0;
}

/** The ports or ids to choose from; null where the protocol has none, or a destination port that no rule names. */
function keysFor(
  side: Side,
  l4: number,
  tuple: ConnTuple,
  { ports }: NatRange,
): { first: number; size: number } | null {
  if (isIcmp(l4)) return ports === null ? { first: 0, size: 0x10000 } : sizeOf(ports);
  if (!ported.has(l4)) return null;
  if (ports !== null) return sizeOf(ports);
  if (side === 'dst') return null;
  const port = tuple.sport;
  // Privileged ports stay privileged.
  if (port === null || port >= 1024) return { first: 1024, size: 0x10000 - 1024 };
  return port < 512 ? { first: 1, size: 511 } : { first: 600, size: 424 };
}

function sizeOf({ first, last }: NonNullable<NatRange['ports']>): { first: number; size: number } {
  return { first: Math.min(first, last), size: Math.abs(last - first) + 1 };
}

function isIcmp(l4: number): boolean {
  return l4 === proto.icmp || l4 === proto.icmpv6;
}

function keyOf(side: Side, tuple: ConnTuple): number | null {
  return (side === 'src' ? tuple.sport : tuple.dport) ?? tuple.icmpId;
}

function withKey(side: Side, l4: number, tuple: ConnTuple, key: number): ConnTuple {
  if (isIcmp(l4)) return { ...tuple, icmpId: key };
  const { src, dst, sport, dport, icmpType, icmpCode, icmpId } = tuple;
  return side === 'src'
    ? { src, dst, sport: key, dport, icmpType, icmpCode, icmpId }
    : { src, dst, sport, dport: key, icmpType, icmpCode, icmpId };
}
