/** The standard connections of a snapshot, each traced once. */
import { type AssumeMode, type NetNs, type Outcome, type Snapshot, sameIp, type Trace } from '@coldtrace/core';
import { entriesAt, type ServiceEntry } from '../facts/service-entries.js';
import { tablesNamed } from '../facts/table-rules.js';
import { type Fate, fateOf } from './fate.js';
import { type Connection, standardConnections } from './standard.js';
import { traceOnce } from './trace-once.js';

export interface TracedConnection {
  readonly connection: Connection;
  readonly trace: Trace;
  readonly fate: Fate;
}

const known = new WeakMap<Snapshot, Map<AssumeMode, readonly TracedConnection[]>>();

export function tracedConnections(snapshot: Snapshot, assume: AssumeMode): readonly TracedConnection[] {
  const byMode = known.get(snapshot) ?? new Map<AssumeMode, readonly TracedConnection[]>();
  known.set(snapshot, byMode);
  const before = byMode.get(assume);
  if (before !== undefined) return before;
  const traced = [...standardConnections(snapshot)].map((connection) => follow(snapshot, connection, assume));
  byMode.set(assume, traced);
  return traced;
}

export function follow(snapshot: Snapshot, connection: Connection, assume: AssumeMode): TracedConnection {
  const { from, to, proto } = connection;
  const traced = traceOnce(snapshot, { from: from.origin, to, proto, sport: null, assume });
  return { connection, trace: traced, fate: isUntranslated(connection, traced) ? 'open' : fateOf(traced) };
}

/** A Service that no rule of the node translates is served by another data plane, or by none: the trace does not tell. */
export function isUntranslated(connection: Connection, { outcomes }: Trace): boolean {
  const { kind, to } = connection;
  return (
    (kind === 'kubernetes' || kind === 'dns' || kind === 'service') &&
    outcomes.every(({ final, disposition }) => sameIp(final.dst, to.ip) && disposition !== 'rejected') &&
    !outcomes.every((outcome) => isRefusedAtOnce(connection, outcome))
  );
}

/** Who calls needs a route to the Service's own address: without one, connect(2) fails before any rule can translate. */
export function isRefusedAtOnce({ from, to, proto }: Connection, { disposition, steps }: Outcome): boolean {
  const { port, ip } = to;
  if (disposition !== 'no-route' || port === null || steps.some(({ stage }) => stage !== 'routing')) return false;
  const { host } = from.node;
  return (
    !translatesSockets(host) &&
    tablesNamed(host, ip.family, 'nat').some(({ table }) => entriesAt(table, { ip, port, proto }).some(leadsOn))
  );
}

const leadsOn = ({ endpoints }: ServiceEntry) => endpoints.length > 0;

/** Cilium may give a socket the endpoint's address before the kernel looks for a route. */
const translatesSockets = (ns: NetNs) => ns.links.rows.some(({ name }) => name === 'cilium_host');
