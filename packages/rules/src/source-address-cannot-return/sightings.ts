/** What was seen of such calls: unanswered connections, failed attempts, packets with the wrong source; and what contradicts. */
import { type Evidence, formatIp, type Ip, type Node, type Snapshot, sameIp } from '@coldtrace/core';
import { addressOf, type Call } from './calls.js';
import type { Stray } from './stray.js';

export interface Sightings {
  /** Connections of the node's table that nobody answered: they prove that answers do not come back. */
  readonly unanswered: readonly Evidence[];
  readonly answered: readonly Evidence[];
  /** Clients that waited in vain. */
  readonly timeouts: readonly Evidence[];
  readonly packets: readonly Evidence[];
}

const most = 2;

export function sightings(snapshot: Snapshot, node: Node, { entry }: Call, { source, endpoint }: Stray): Sightings {
  const unanswered: Evidence[] = [];
  const answered: Evidence[] = [];
  for (const { original, reply, status, span } of node.host.conntrack.rows) {
    const such = sameIp(original.src, source) && sameIp(original.dst, entry.ip) && sameIp(reply.dst, source);
    if (!such || original.dport !== entry.port) continue;
    // An endpoint on the node itself answers whatever the source is.
    if (addressOf(node, reply.src) !== null) continue;
    if (status.includes('UNREPLIED'))
      unanswered.push({ span, why: `nobody answered: ${formatIp(reply.src)} owes the answer to ${formatIp(source)}` });
    else answered.push({ span, why: `${formatIp(reply.src)} has answered ${formatIp(source)}` });
  }
  const observed = [...node.observations, ...snapshot.observations];
  const timeouts = observed.flatMap((row): readonly Evidence[] => {
    if (row.kind === 'attempt' && row.outcome === 'timeout' && isIp(row.ip, entry.ip))
      return [{ span: row.span, why: 'tried, and timed out' }];
    const dialled = row.kind === 'log' && row.event === 'dial-timeout' && names(row.text, entry);
    return dialled ? [{ span: row.span, why: 'a client of the Service timed out' }] : [];
  });
  const packets = observed.flatMap((row) =>
    row.kind === 'packet' && isIp(row.src, source) && isIp(row.dst, endpoint)
      ? [{ span: row.span, why: `seen with the source ${formatIp(source)}` }]
      : [],
  );
  const some = (rows: readonly Evidence[]) => rows.slice(0, most);
  return { unanswered: some(unanswered), answered: some(answered), timeouts: some(timeouts), packets: some(packets) };
}

function names(text: string, { ip, port }: Call['entry']): boolean {
  return text.includes(ip.family === 6 ? `[${formatIp(ip)}]:${port}:` : `${formatIp(ip)}:${port}:`);
}

function isIp(seen: Ip | null, ip: Ip): boolean {
  return seen !== null && sameIp(seen, ip);
}
