/** What a fault hid: connections that still fail once it is mended, in another way than before. */
import type { AssumeMode, Snapshot } from '@coldtrace/core';
import { type Failure, failureOf } from '../connections/fate.js';
import type { Connection } from '../connections/standard.js';
import { follow, type TracedConnection } from '../connections/traced.js';

const mostFollowed = 40;

/** A sentence about the first of them; empty where there is none. `failed`: as they were before. */
export function behindText(failed: readonly TracedConnection[], after: Snapshot, assume: AssumeMode): string {
  for (const before of failed.slice(0, mostFollowed)) {
    const now = follow(after, moved(before.connection, after), assume);
    if (now.fate !== 'fails') continue;
    const [was, is] = [endOf(before), endOf(now)];
    if (was === null || is === null || is.last === null || sameEnd(was, is)) continue;
    const { from, to } = now.connection;
    const port = to.port === null ? '' : ` port ${to.port}`;
    return `Another fault stands behind this one: then ${from.name} still cannot reach ${to.name}${port} (${is.last.node}: ${is.last.what}).`;
  }
  return '';
}

/** The same origin in the changed snapshot: its nodes are other objects. */
function moved(connection: Connection, { nodes }: Snapshot): Connection {
  const { from } = connection;
  const node = nodes.find(({ name }) => name === from.node.name) ?? from.node;
  const ns =
    from.origin.ns === from.node.host ? node.host : node.namespaces.find(({ name }) => name === from.origin.ns.name);
  return ns === undefined
    ? connection
    : { ...connection, from: { ...from, node, origin: { ...from.origin, node, ns } } };
}

function endOf({ trace: { outcomes } }: TracedConnection): Failure | null {
  const [outcome] = outcomes;
  return outcome === undefined ? null : failureOf(outcome);
}

/** Rules before it shift its number, not its line. */
function sameEnd(one: Failure, other: Failure): boolean {
  if (one.last?.node !== other.last?.node || one.last?.stage !== other.last?.stage) return false;
  const lines = linesOf(one);
  return one.last?.what === other.last?.what || (lines !== '' && lines === linesOf(other));
}

const linesOf = ({ evidence }: Failure) => evidence.map(({ span }) => `${span.file}:${span.start}`).join();
