/** Packets seen to leave with the source of another interface, where no rules of a Service were captured that could tell why. */
import {
  formatIp,
  type Ip,
  lookupRoute,
  type Node,
  placeOf,
  type SeenPacket,
  type Snapshot,
  sameIp,
  towardsOf,
} from '@coldtrace/core';
import { addressOf, interfacesOf } from './calls.js';

export interface StrayPacket {
  readonly packet: SeenPacket;
  readonly source: Ip;
  readonly chosen: string;
  readonly endpoint: Ip;
  readonly right: string;
}

/** The first connection attempt of that kind that nobody is seen to answer. */
export function strayPacket({ observations }: Snapshot, node: Node, family: 4 | 6): StrayPacket | null {
  const devices = interfacesOf(node, family);
  const packets = [...node.observations, ...observations].filter((row): row is SeenPacket => row.kind === 'packet');
  for (const packet of packets) {
    const { src, dst, flags } = packet;
    if (flags !== 'S' || src?.family !== family || dst === null || isAnswered(packets, packet)) continue;
    const chosen = addressOf(node, src)?.dev ?? null;
    const answer = lookupRoute(placeOf(node, node.host, 'defaults'), towardsOf(dst));
    if (chosen === null || answer.kind !== 'route' || answer.route.type !== 'unicast') continue;
    const right = answer.hops[0]?.dev ?? null;
    const given = answer.route.prefsrc !== null && sameIp(answer.route.prefsrc, src);
    if (right === null || right === chosen || given || !devices.has(chosen) || !devices.has(right)) continue;
    if (packet.dev === null || packet.dev === right || packet.dev === 'any')
      return { packet, source: src, chosen, endpoint: dst, right };
  }
  return null;
}

function isAnswered(packets: readonly SeenPacket[], { src, sport, dst, dport }: SeenPacket): boolean {
  return packets.some(
    (row) =>
      row.flags !== 'S' && row.sport === dport && row.dport === sport && same(row.src, dst) && same(row.dst, src),
  );
}

function same(one: Ip | null, other: Ip | null): boolean {
  return one !== null && other !== null && formatIp(one) === formatIp(other);
}
