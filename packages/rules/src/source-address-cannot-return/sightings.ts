/** What was seen of such calls: unanswered connections, failed attempts, packets with the wrong source; and what contradicts. */
import { type Evidence, formatIp, type Ip, type Node, type Snapshot, sameIp } from '@coldtrace/core';
import type { Call } from './calls.js';
import type { Stray } from './stray.js';

export interface Sightings {
  /** Connections of the node's table that nobody answered: they prove that answers do not come back. */
  readonly unanswered: readonly Evidence[];
  readonly answered: readonly Evidence[];
  readonly hints: readonly Evidence[];
}

const most = 2;

export function sightings(snapshot: Snapshot, node: Node, { entry }: Call, { source, endpoint }: Stray): Sightings {
  const unanswered: Evidence[] = [];
  const answered: Evidence[] = [];
  for (const { original, reply, status, span } of node.host.conntrack.rows) {
    const such = sameIp(original.src, source) && sameIp(original.dst, entry.ip) && sameIp(reply.dst, source);
    if (!such || original.dport !== entry.port) continue;
    if (status.includes('UNREPLIED'))
      unanswered.push({ span, why: `nobody answered: ${formatIp(reply.src)} owes the answer to ${formatIp(source)}` });
    else answered.push({ span, why: `${formatIp(reply.src)} has answered ${formatIp(source)}` });
  }
  const hints = [...node.observations, ...snapshot.observations].flatMap((row): readonly Evidence[] => {
    switch (row.kind) {
      case 'attempt':
        return row.outcome === 'timeout' && isIp(row.ip, entry.ip)
          ? [{ span: row.span, why: 'tried, and timed out' }]
          : [];
      case 'packet':
        return isIp(row.src, source) && isIp(row.dst, endpoint)
          ? [{ span: row.span, why: `seen with the source ${formatIp(source)}` }]
          : [];
      case 'log':
        return row.event === 'dial-timeout' && row.text.includes(`${formatIp(entry.ip)}:${entry.port}`)
          ? [{ span: row.span, why: 'a client of the Service timed out' }]
          : [];
      default:
        return [];
    }
  });
  return { unanswered: unanswered.slice(0, most), answered: answered.slice(0, most), hints: hints.slice(0, most) };
}

function isIp(seen: Ip | null, ip: Ip): boolean {
  return seen !== null && sameIp(seen, ip);
}
