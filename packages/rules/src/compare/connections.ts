/** The connections by which two snapshots are compared: the standard ones, each node to each Service, and what is asked for. */
import { type AssumeMode, type Origin, parseProto, type Snapshot, type Trace, trace } from '@coldtrace/core';
import { type Connection, standardConnections } from '../connections/standard.js';
import { resolveDestination } from '../who/destination.js';
import { resolveOrigin } from '../who/origin.js';

/** One connection by name, so that it can be asked of either snapshot. */
export interface Named {
  readonly from: string;
  readonly to: string;
  readonly proto: number;
}

type Ends = Named & { readonly origin: Origin; readonly target: Connection['to'] };

/** Beyond so many, Services are not asked from every node. */
const mostServices = 400;

/** Every connection of a snapshot by its name. */
export function connectionsOf(snapshot: Snapshot, asked: readonly Named[]): ReadonlyMap<string, Ends> {
  const all = new Map<string, Ends>();
  const add = (ends: Ends) => {
    const key = keyOf(ends);
    if (!all.has(key)) all.set(key, ends);
  };
  for (const named of asked) {
    const ends = resolved(snapshot, named);
    if (ends !== null) add(ends);
  }
  for (const { from, to, proto } of standardConnections(snapshot))
    add({ from: from.name, to: to.name, proto, origin: from.origin, target: to });
  for (const named of toServices(snapshot)) {
    const ends = resolved(snapshot, named);
    if (ends !== null) add(ends);
  }
  return all;
}

export function keyOf({ from, to, proto }: Named): string {
  return `${from} ${to} ${proto}`;
}

function* toServices(snapshot: Snapshot): Generator<Named> {
  let count = 0;
  for (const object of snapshot.objects) {
    if (object.kind !== 'Service' || object.clusterIps.length === 0) continue;
    for (const { port, protocol } of object.ports) {
      for (const { name } of snapshot.nodes) {
        if (++count > mostServices) return;
        const to = `service:${object.meta.namespace ?? 'default'}/${object.meta.name}:${port}`;
        yield { from: `node:${name}`, to, proto: parseProto(protocol.toLowerCase()) ?? 6 };
      }
    }
  }
}

function resolved(snapshot: Snapshot, named: Named): Ends | null {
  const from = resolveOrigin(snapshot, named.from, null);
  const to = resolveDestination(snapshot, named.to);
  if (!from.ok || !to.ok) return null;
  return { ...named, origin: from.value, target: { name: named.to, ip: to.value.ip, port: to.value.port } };
}

export function traced(snapshot: Snapshot, { origin, target, proto }: Ends, assume: AssumeMode): Trace {
  return trace(snapshot, { from: origin, to: target, proto, sport: null, assume });
}
