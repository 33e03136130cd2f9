/** The connections that a node already tracked when it was captured, by tuple. net/netfilter/nf_conntrack_core.c. */

import { type Ip, sameIp } from '../inet/ip.js';
import { formatIp } from '../inet/ip-text.js';
import { proto } from '../inet/proto.js';
import type { Connection, ConnZone } from '../packet/skb.js';
import type { ConnEntry, ConnTuple } from '../snapshot/conntrack.js';
import type { NetNs } from '../snapshot/node.js';
import { type Direction, withoutIdlePorts } from './connection.js';
import { carriedOf } from './counting.js';

export interface Known {
  readonly entry: ConnEntry;
  readonly direction: Direction;
}

interface Index {
  readonly byTuple: ReadonlyMap<string, readonly Known[]>;
  readonly bySource: ReadonlyMap<string, readonly ConnEntry[]>;
  readonly helped: readonly ConnEntry[];
}

const indexes = new WeakMap<NetNs, Index>();

/** The entry that packets with this tuple belong to, in either direction or in the one that is looked for. */
export function entryOf(ns: NetNs, l4: number, tuple: ConnTuple, zone: ConnZone, only?: Direction): Known | undefined {
  if (ns.conntrack.rows.length === 0) return undefined;
  const found = indexOf(ns).byTuple.get(tupleKey(l4, tuple));
  return found?.find(
    ({ entry, direction }) =>
      (only === undefined || direction === only) && zoneOf(entry)[direction] === zone[direction],
  );
}

/** Connections from the same address and port, whatever they lead to: NAT prefers to give them the same new source. */
export function entriesFrom(ns: NetNs, l4: number, tuple: ConnTuple, zone: ConnZone): readonly ConnEntry[] {
  if (ns.conntrack.rows.length === 0) return [];
  const found = indexOf(ns).bySource.get(sourceKey(l4, tuple)) ?? [];
  return found.filter((entry) => zoneOf(entry).original === zone.original);
}

/** A connection whose helper may expect one with these ends. Most expect them between the same two hosts, others (SIP, IRC) lead to a third. */
export function helpedBetween(ns: NetNs, src: Ip, dst: Ip): ConnEntry | undefined {
  if (ns.conntrack.rows.length === 0) return undefined;
  return indexOf(ns).helped.find(({ helper = '', original, reply }) => {
    const hosts = [original.src, original.dst, reply.src, reply.dst];
    const near = hosts.some((host) => sameIp(host, src));
    const far = hosts.some((host) => sameIp(host, dst));
    return betweenTwo.has(helper) ? near && far : near || far;
  });
}

/** A call of PPTP between the two hosts: which packets belong to it, their numbers tell, and those are not read. */
export function callBetween(ns: NetNs, src: Ip, dst: Ip): ConnEntry | undefined {
  return ns.conntrack.rows.find(
    ({ isCall, original, reply }) =>
      isCall === true && [original, reply].some((tuple) => sameIp(tuple.src, src) && sameIp(tuple.dst, dst)),
  );
}

const betweenTwo: ReadonlySet<string> = new Set(['amanda', 'ftp', 'pptp', 'sane', 'tftp']);

function indexOf(ns: NetNs): Index {
  let index = indexes.get(ns);
  if (index === undefined) {
    index = build(ns.conntrack.rows);
    indexes.set(ns, index);
  }
  return index;
}

function build(rows: NetNs['conntrack']['rows']): Index {
  const byTuple = new Map<string, Known[]>();
  const bySource = new Map<string, ConnEntry[]>();
  for (const entry of rows) {
    if (entry.trust === 'claimed' || entry.isCall === true) continue;
    // The answers' side is put in front of the other, and so found first where both tuples are the same.
    for (const direction of ['reply', 'original'] as const) {
      add(byTuple, tupleKey(entry.proto, withoutIdlePorts(entry.proto, entry[direction])), { entry, direction });
    }
    add(bySource, sourceKey(entry.proto, withoutIdlePorts(entry.proto, entry.original)), entry);
  }
  const helped = rows.filter(({ helper, trust }) => helper !== undefined && trust !== 'claimed');
  return { byTuple, bySource, helped };
}

function add<T>(map: Map<string, T[]>, key: string, value: T): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}

function tupleKey(l4: number, { src, dst, sport, dport, icmpType, icmpCode, icmpId }: ConnTuple): string {
  return [l4, formatIp(src), sport, formatIp(dst), dport, icmpType, icmpCode, icmpId].join(' ');
}

function sourceKey(l4: number, { src, sport, icmpId }: ConnTuple): string {
  return [l4, formatIp(src), sport ?? icmpId].join(' ');
}

/** `zone=` holds for both directions, `zone-orig=` and `zone-reply=` for one. */
function zoneOf({ zone, zoneOrig, zoneReply }: ConnEntry): ConnZone {
  return { original: zoneOrig ?? zone ?? 0, reply: zoneReply ?? zone ?? 0 };
}

/** The entry as the connection that it is. NAT shows in how its tuples differ. */
export function connectionOf({ entry, direction }: Known): Connection {
  const { status } = entry;
  const original = withoutIdlePorts(entry.proto, entry.original);
  const reply = withoutIdlePorts(entry.proto, entry.reply);
  const seenReply = !status.includes('UNREPLIED');
  const assured = status.includes('ASSURED');
  return {
    direction,
    proto: entry.proto,
    original,
    reply,
    zone: zoneOf(entry),
    mark: entry.mark ?? 0,
    confirmed: true,
    seenReply,
    // UDP is assured by a packet that comes some seconds after the first.
    assured: !assured && seenReply && entry.proto === proto.udp ? null : assured,
    srcNat: !sameIp(reply.dst, original.src) || reply.dport !== original.sport || original.icmpId !== reply.icmpId,
    dstNat: !sameIp(reply.src, original.dst) || reply.sport !== original.dport,
    settled: { src: true, dst: true },
    tcpState: entry.proto === proto.tcp ? entry.state : null,
    expected: null,
    carried: carriedOf(entry),
  };
}
