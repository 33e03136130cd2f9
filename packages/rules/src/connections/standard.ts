/** The connections every cluster lives on: to the API and DNS from each node and each pod network, to each kubelet, from pod to pod across nodes. */
import { type Family, formatIp, type Ip, type Node, parseIp, type Snapshot, sameIp } from '@coldtrace/core';
import { objectOf } from '../facts/api-nodes.js';
import { hostNetworks } from '../facts/host-networks.js';
import { hostParty, type Party, runningPod } from './party.js';
import { type StandardService, standardServices } from './services.js';
import { siblingOf } from './siblings.js';

/** `service`: of a Service's address; `observed`: of any other that a client or a log names. */
export type ConnectionKind = 'kubernetes' | 'dns' | 'kubelet' | 'pod' | 'service' | 'observed';

export interface Connection {
  readonly kind: ConnectionKind;
  readonly from: Party;
  readonly to: { readonly name: string; readonly ip: Ip; readonly port: number | null };
  readonly proto: number;
}

/** Beyond so many pairs of nodes each calls some others, in turn; four at least. */
const mostPairs = 150;
const kubeletPort = 10250;
const families: readonly Family[] = [4, 6];

/** Nodes whose connections can be followed. */
function callers({ nodes }: Snapshot): readonly Node[] {
  return nodes.filter(({ host, named }) => named && host.routes.state !== 'absent');
}

/** Ordered pairs of nodes: how many there are, and how many of them call each other here. */
export function pairsCounted(snapshot: Snapshot): { readonly traced: number; readonly all: number } {
  const count = callers(snapshot).length;
  return { traced: pairsOf(count).length, all: count * (count - 1) };
}

export function* standardConnections(snapshot: Snapshot): Generator<Connection> {
  const nodes = callers(snapshot);
  const services = standardServices(snapshot);
  const pods = new Map(families.map((family) => [family, nodes.map((node) => runningPod(snapshot, node, family))]));
  for (const [index, node] of nodes.entries()) {
    for (const service of services) {
      const pod = pods.get(service.ip.family)?.[index] ?? null;
      for (const from of [hostParty(node), ...(pod === null ? [] : [pod])]) yield calls(from, service);
    }
  }
  for (const pod of families.flatMap((family) => pods.get(family) ?? [])) {
    const sibling = pod?.ip == null ? null : siblingOf(snapshot, pod.node, pod.ip);
    if (pod !== null && sibling !== null) yield greets(pod, sibling, sibling.ip);
  }
  for (const [from, to] of pairsOf(nodes.length)) {
    const [client, server] = [nodes[from], nodes[to]];
    if (client === undefined || server === undefined) continue;
    const kubelet = kubeletOf(snapshot, server);
    if (kubelet !== null) yield { kind: 'kubelet', from: hostParty(client), to: kubelet, proto: 6 };
    for (const family of families) {
      const [pod, peer] = [pods.get(family)?.[from] ?? null, pods.get(family)?.[to] ?? null];
      // One machine that was captured under two names has the same pods.
      if (pod?.ip != null && peer?.ip != null && !sameIp(pod.ip, peer.ip)) yield greets(pod, peer, peer.ip);
    }
  }
}

function calls(from: Party, { kind, name, ip, port, proto }: StandardService): Connection {
  return { kind, from, to: { name, ip, port }, proto };
}

/** An echo request, which no socket has to take. */
function greets(from: Party, peer: Pick<Party, 'name'>, ip: Ip): Connection {
  return { kind: 'pod', from, to: { name: peer.name, ip, port: null }, proto: ip.family === 6 ? 58 : 1 };
}

/** Where the kubelet of a node listens; null where nothing shows that one runs there. */
function kubeletOf(snapshot: Snapshot, node: Node): Connection['to'] | null {
  const listens = node.host.sockets.rows.some((row) => row.localPort === kubeletPort && row.state === 'LISTEN');
  const object = objectOf(snapshot, node);
  if (!listens && (object === null || node.host.sockets.state !== 'absent')) return null;
  const told = object?.addresses.find(({ type }) => type === 'InternalIP');
  const ip = (told === undefined ? null : parseIp(told.address)) ?? hostNetworks(node.host)[0]?.address.ip ?? null;
  return ip === null ? null : { name: `kubelet of ${node.name} (${formatIp(ip)})`, ip, port: kubeletPort };
}

/** All ordered pairs; of many nodes each calls its next ones, so that everybody calls and is called. */
export function pairsOf(count: number): readonly (readonly [number, number])[] {
  const each = count < 2 ? 0 : Math.min(count - 1, Math.max(4, Math.floor(mostPairs / count)));
  return Array.from({ length: count }, (_, from) =>
    Array.from({ length: each }, (_, step) => [from, (from + step + 1) % count] as const),
  ).flat();
}
