/** The connections that a node already tracked when it was captured, by tuple. net/netfilter/nf_conntrack_core.c. */
import { formatIp } from '../inet/ip-text.js';
import type { Skb } from '../packet/skb.js';
import type { ConnEntry, ConnTuple } from '../snapshot/conntrack.js';
import type { NetNs } from '../snapshot/node.js';

type Index = ReadonlyMap<string, ConnEntry>;

const indexes = new WeakMap<NetNs, Index>();

/** The entry that a packet belongs to, in either direction. Ports that the question leaves open belong to none. */
export function entryOf(ns: NetNs, skb: Skb): ConnEntry | undefined {
  if (ns.conntrack.rows.length === 0) return undefined;
  return indexOf(ns).get(keyOf(skb.proto, { ...skb, icmpId: skb.icmp?.id ?? null }));
}

/** Is an answer to this tuple already expected for another connection? Then NAT must choose another port. */
export function isTaken(
  ns: NetNs,
  proto: number,
  answer: Pick<ConnTuple, 'src' | 'dst' | 'sport' | 'dport' | 'icmpId'>,
): boolean {
  return ns.conntrack.rows.length > 0 && indexOf(ns).has(keyOf(proto, answer));
}

function indexOf(ns: NetNs): Index {
  let index = indexes.get(ns);
  if (index === undefined) {
    index = new Map(
      ns.conntrack.rows
        .filter((row) => row.trust !== 'claimed')
        .flatMap((row) => [row.original, row.reply].map((tuple) => [keyOf(row.proto, tuple), row] as const)),
    );
    indexes.set(ns, index);
  }
  return index;
}

type Endpoints = Pick<ConnTuple, 'src' | 'dst' | 'sport' | 'dport' | 'icmpId'>;

function keyOf(proto: number, { src, dst, sport, dport, icmpId }: Endpoints): string {
  return [proto, formatIp(src), sport, formatIp(dst), dport, icmpId].join(' ');
}
