/** Connections that somebody tried while the dumps were made: clients at a prompt, lines of logs, entries of conntrack. */
import { type Evidence, formatIp, type Ip, type Observation, type Snapshot, sameIp } from '@coldtrace/core';
import { serviceDevice } from '../facts/ipvs-services.js';
import { servicesOf } from '../who/services.js';
import { loggedAttempts } from './logged.js';
import { clientOf } from './observer.js';
import { hostParty, type Party } from './party.js';
import type { Connection } from './standard.js';

export interface Sighting {
  readonly connection: Connection;
  readonly says: 'answered' | 'unanswered';
  readonly evidence: Evidence;
  /** Only remembered by conntrack: it tells of connections that are asked about anyway, and names none. */
  readonly remembered: boolean;
  /** Who called is not known: it agrees with a failure of this client, and contradicts nothing. */
  readonly guessed: boolean;
}

/** One attempt before it is known which connection it is. */
export interface Attempt {
  readonly from: Party;
  readonly ip: Ip;
  readonly port: number | null;
  readonly proto: number;
  readonly says: Sighting['says'];
  readonly evidence: Evidence;
  readonly remembered?: true;
  readonly guessed?: true;
}

/** Beyond so many, attempts are more of the same. */
const most = 200;

export function sightingsOf(snapshot: Snapshot): readonly Sighting[] {
  const attempts = snapshot.nodes.flatMap((node) => [
    ...node.observations.flatMap((row) => typed(snapshot, row) ?? []),
    ...loggedAttempts(snapshot, node),
  ]);
  if (attempts.length === 0) return [];
  const services = new Map(
    servicesOf(snapshot).flatMap(({ kind, ip, fullName }) =>
      kind === 'cluster' && ip !== null ? [[formatIp(ip), fullName] as const] : [],
    ),
  );
  return attempts
    .slice(0, most)
    .map(({ from, ip, port, proto, says, evidence, remembered = false, guessed = false }) => {
      const address = formatIp(ip);
      const service = services.get(address);
      const name = service === undefined ? address : `Service ${service} (${address})`;
      const kind = service === undefined ? 'observed' : 'service';
      return { connection: { kind, from, to: { name, ip, port }, proto }, says, evidence, remembered, guessed };
    });
}

const tools: ReadonlySet<string> = new Set(['curl', 'wget', 'telnet', 'nc', 'ping']);
const unanswered: ReadonlySet<string> = new Set(['timeout', 'unreachable', 'refused']);
const answered: ReadonlySet<string> = new Set(['answered', 'tls-error', 'reset']);

/** An attempt at a prompt; null where it does not tell who called whom, or how it ended. */
function typed(snapshot: Snapshot, row: Observation): Attempt | null {
  if (row.kind !== 'attempt' || row.ip === null || !tools.has(row.tool)) return null;
  const client = clientOf(snapshot, row.span);
  const says = unanswered.has(row.outcome) ? 'unanswered' : answered.has(row.outcome) ? 'answered' : null;
  if (client === null || says === null || (row.port === null && row.tool !== 'ping')) return null;
  const { node, ns, command } = client;
  // A program told which device or address to use calls in another way than the trace's.
  if (/\s(?:-I|-S|-s\s?\d|-B|--interface|--bind-address|--local-port|--proxy|-x)\b/.test(command)) return null;
  const echo = row.ip.family === 6 ? 58 : 1;
  const proto = row.tool === 'ping' ? echo : / -[a-z]*u/.test(command) ? 17 : 6;
  const from = ns === node.host ? hostParty(node) : partyIn(node, ns, row.ip);
  if (from === null || isOwn(from, row.ip)) return null;
  const why = says === 'answered' ? `${row.tool} was answered` : `${row.tool} got no answer (${row.outcome})`;
  return {
    from,
    ip: row.ip,
    port: row.tool === 'ping' ? null : row.port,
    proto,
    says,
    evidence: { span: row.span, why },
  };
}

function partyIn(node: Party['node'], ns: Party['node']['host'], towards: Ip): Party | null {
  const row = ns.addresses.rows.find(({ ip, scope }) => ip.family === towards.family && scope === 'global');
  if (row === undefined || ns.routes.state === 'absent') return null;
  const name = `${ns.name ?? 'pod'} (${formatIp(row.ip)}) of ${node.name}`;
  return { node, name, ip: row.ip, origin: { kind: 'process', node, ns, src: null } };
}

/** A node that calls itself proves nothing of the network; the Service addresses that IPVS serves are others'. */
function isOwn({ origin }: Party, ip: Ip): boolean {
  const own = origin.ns.addresses.rows.some((row) => row.dev !== serviceDevice && sameIp(row.ip, ip));
  return own || formatIp(ip).startsWith('127.');
}
