/** What `trace` says of a case's connections, from its dumps alone. */
import { type AssumeMode, parseIp, type Snapshot, type Trace, trace } from '@coldtrace/core';
import { parseSnapshot } from '@coldtrace/parsers';
import { resolveConnection } from '@coldtrace/rules';
import type { Dumps } from '../referee/capture.js';
import type { Connection } from './case.js';

export type Asked =
  /** `entering`: of the client only its packet is known. */
  | { readonly ok: true; readonly trace: Trace; readonly entering: boolean }
  /** Its ends cannot be told from the dumps. */
  | { readonly ok: false; readonly problem: string };

export function snapshotOf(dumps: Dumps): Snapshot {
  return parseSnapshot(new Map(dumps));
}

const numbers = { tcp: 6, udp: 17 } as const;

export function askTrace(snapshot: Snapshot, connection: Connection, assume: AssumeMode): Asked {
  const { from, proto, sport, dst, dport } = connection;
  const to = dst.includes(':') ? `[${dst}]:${dport}` : `${dst}:${dport}`;
  const src = from.who.startsWith('node:') ? undefined : from.src;
  const ends = resolveConnection(snapshot, {
    from: from.who,
    to,
    proto: numbers[proto],
    src: src === undefined ? null : parseIp(src),
  });
  if (!ends.ok) return { ok: false, problem: ends.problem };
  const question = { from: ends.origin, to: ends.target, proto: numbers[proto], sport, assume };
  return { ok: true, trace: trace(snapshot, question), entering: ends.origin.kind === 'entering' };
}
