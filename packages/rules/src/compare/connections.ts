/** The connections by which two snapshots are compared: the standard ones, node to node, nodes and pods to each Service, and what is asked for. */
import { type AssumeMode, type Family, formatIp, type Origin, type Snapshot, type Trace, trace } from '@coldtrace/core';
import { hostParty, type Party, podParty } from '../connections/party.js';
import { type Connection, pairsOf, standardConnections } from '../connections/standard.js';
import { resolveConnection } from '../who/connection.js';
import { servicesOf } from '../who/services.js';
import { nodeAddress } from '../who/towards.js';

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
  const questions = new Set<string>();
  const add = (ends: Ends) => {
    const [key, question] = [keyOf(ends), questionOf(ends)];
    if (all.has(key) || questions.has(question)) return;
    all.set(key, ends);
    questions.add(question);
  };
  for (const named of asked) {
    const ends = resolved(snapshot, named);
    if (ends !== null) add(ends);
  }
  for (const { from, to, proto } of standardConnections(snapshot))
    add({ from: from.name, to: to.name, proto, origin: from.origin, target: to });
  for (const named of betweenNodes(snapshot)) {
    const ends = resolved(snapshot, named);
    if (ends !== null) add(ends);
  }
  for (const ends of toServices(snapshot)) add(ends);
  return all;
}

/** The same question under two names is asked once. */
function questionOf({ origin, target, proto }: Ends): string {
  const { node, ns, src } = origin;
  const source = src === null ? '' : formatIp(src);
  return [node.name, ns.name, source, formatIp(target.ip), target.port, proto].join(' ');
}

function keyOf({ from, to, proto }: Named): string {
  return `${from} ${to} ${proto}`;
}

/** Each node calls the others: an echo request, which no socket has to take. */
function* betweenNodes({ nodes }: Snapshot): Generator<Named> {
  for (const [from, to] of pairsOf(nodes.length)) {
    const [client, server] = [nodes[from], nodes[to]];
    const ip = server === undefined ? null : nodeAddress(server);
    if (client === undefined || server === undefined || ip === null) continue;
    yield { from: `node:${client.name}`, to: `node:${server.name}`, proto: ip.family === 6 ? 58 : 1 };
  }
}

/** Each node, and a pod of it, calls each Service that the API or the rules of a node show. */
function* toServices(snapshot: Snapshot): Generator<Ends> {
  let count = 0;
  const pods = new Map<Family, readonly Party[]>();
  for (const { kind, ip, port, proto, fullName } of servicesOf(snapshot)) {
    if (kind !== 'cluster' || ip === null) continue;
    const known = pods.get(ip.family) ?? podsOf(snapshot, ip.family);
    pods.set(ip.family, known);
    const to = `service:${fullName}:${port}`;
    const target = { name: to, ip, port };
    for (const node of snapshot.nodes) {
      if (++count > mostServices) return;
      yield { from: `node:${node.name}`, to, proto, origin: hostParty(node).origin, target };
      const pod = known.find((one) => one.node === node);
      if (pod !== undefined) yield { from: pod.name, to, proto, origin: pod.origin, target };
    }
  }
}

function podsOf(snapshot: Snapshot, family: Family): readonly Party[] {
  return snapshot.nodes.flatMap((node) => podParty(snapshot, node, family) ?? []);
}

function resolved(snapshot: Snapshot, named: Named): Ends | null {
  const ends = resolveConnection(snapshot, named);
  return ends.ok ? { ...named, origin: ends.origin, target: { name: named.to, ...ends.target } } : null;
}

export function traced(snapshot: Snapshot, { origin, target, proto }: Ends, assume: AssumeMode): Trace {
  return trace(snapshot, { from: origin, to: target, proto, sport: null, assume });
}
