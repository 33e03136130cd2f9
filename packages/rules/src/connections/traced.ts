/** The standard connections of a snapshot, each traced once. */
import { type AssumeMode, type Snapshot, sameIp, type Trace } from '@coldtrace/core';
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
export function isUntranslated({ kind, to }: Connection, { outcomes }: Trace): boolean {
  return (
    (kind === 'kubernetes' || kind === 'dns' || kind === 'service') &&
    outcomes.every(({ final, disposition }) => sameIp(final.dst, to.ip) && disposition !== 'rejected')
  );
}
