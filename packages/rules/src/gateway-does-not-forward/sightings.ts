/** What was seen of the packets of those behind a gateway: connections without an answer, packets on the wire beyond it, attempts in vain. */
import {
  type Evidence,
  formatIp,
  type Ip,
  isPrivate,
  type Observation,
  prefixContains,
  type SeenAttempt,
  type SeenPacket,
  type Snapshot,
  sameIp,
} from '@coldtrace/core';
import type { Clientele } from './clients.js';

export interface Seen {
  /** Connections of clients that nobody answered, as the gateway's table shows them. */
  readonly unanswered: readonly Evidence[];
  /** Packets with a client's own address on another device of the gateway than theirs. */
  readonly leaving: readonly Evidence[];
  readonly others: readonly Evidence[];
}

const mostSeen = 2;

/** A chain that rejects is answered by its ICMP error, one that drops by nothing. */
export function isVain(row: Observation): row is SeenAttempt {
  return row.kind === 'attempt' && (row.outcome === 'timeout' || row.outcome === 'unreachable');
}

export function sightings(snapshot: Snapshot, clientele: Clientele): Seen {
  const { gateway, clients } = clientele;
  const entries = gateway.host.conntrack.rows.filter(
    ({ original, reply }) => !isPrivate(original.dst) && clients.some(({ ip }) => sameIp(ip, reply.dst)),
  );
  const answered = entries.some(({ status, proto }) => proto === 6 && !status.includes('UNREPLIED'));
  const unanswered = entries
    .filter(({ status }) => status.includes('UNREPLIED'))
    .map(({ span, reply }) => ({ span, why: `nobody answered: the answer is due to ${formatIp(reply.dst)}` }));
  const own = snapshot.nodes.filter((node) => clients.some(({ origin }) => origin.node === node));
  const tried = [...own.flatMap((node) => node.observations), ...snapshot.observations].flatMap((row) =>
    isVain(row) && row.ip !== null && !isPrivate(row.ip)
      ? [{ span: row.span, why: `tried, and ${row.outcome === 'timeout' ? 'nothing came back' : 'was turned away'}` }]
      : [],
  );
  return {
    unanswered: answered ? [] : unanswered.slice(0, mostSeen),
    leaving: packetsBeyond(snapshot, clientele).slice(0, mostSeen).map(leavingEvidence),
    others: tried.slice(0, mostSeen),
  };
}

function leavingEvidence({ span, dev, src }: PacketBeyond): Evidence {
  return { span, why: `seen to leave by ${dev} with the source ${formatIp(src)}` };
}

export type PacketBeyond = SeenPacket & { readonly src: Ip; readonly dst: Ip; readonly dev: string };

/** Packets of the network to the internet, on a device of the gateway that is not the network's. */
export function packetsBeyond(
  { observations }: Snapshot,
  { gateway, dev, network }: Clientele,
): readonly PacketBeyond[] {
  const devices = new Set(gateway.host.addresses.rows.map((row) => row.dev));
  return [...gateway.observations, ...observations].filter(
    (row): row is PacketBeyond =>
      row.kind === 'packet' &&
      row.src !== null &&
      row.dst !== null &&
      row.dev !== null &&
      row.dev !== dev &&
      row.direction !== 'in' &&
      devices.has(row.dev) &&
      prefixContains(network, row.src) &&
      !isPrivate(row.dst) &&
      row.dst.family === network.ip.family,
  );
}
