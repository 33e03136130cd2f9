/** Clients that come to a node under one address: a port of a node whose connections are masqueraded on their way to the server. */
import {
  type AssumeMode,
  type Family,
  formatIp,
  type Ip,
  type Node,
  type Outcome,
  prefixContains,
  type Rule,
  type Snapshot,
  sameIp,
} from '@coldtrace/core';
import { traceOnce } from '../connections/trace-once.js';
import { hostNetworks } from '../facts/host-networks.js';
import { addressServices } from '../facts/ipvs-services.js';
import { destinationPort } from '../facts/service-entries.js';
import { rulesOf, tablesNamed } from '../facts/table-rules.js';
import { outsideOrigin } from '../who/outside.js';

export interface SharedSource {
  /** The node whose port clients call. */
  readonly entry: Node;
  readonly ip: Ip;
  readonly port: number;
  /** Under which address the server sees all of them. */
  readonly source: Ip;
  readonly server: string;
  readonly outcome: Outcome;
}

const mostPorts = 4;

/** The first way of a client from outside to a port of a node that ends on this node, or in one of its pods, under another source. */
export function sharedSource(snapshot: Snapshot, node: Node, assume: AssumeMode): SharedSource | null {
  for (const entry of [node, ...snapshot.nodes.filter((other) => other !== node)]) {
    for (const family of [4, 6] as const) {
      const [network] = hostNetworks(entry.host).filter(({ address }) => address.ip.family === family);
      if (network === undefined) continue;
      for (const port of openPorts(entry, family).slice(0, mostPorts)) {
        const found = call(snapshot, node, { entry, ip: network.address.ip, port }, assume);
        if (found !== null) return found;
      }
    }
  }
  return null;
}

/** Ports of the node itself that rules or IPVS translate: rules for a port and no address. */
function openPorts({ host }: Node, family: Family): readonly number[] {
  const ports = new Set<number>();
  for (const { table } of tablesNamed(host, family, 'nat'))
    for (const { rule } of rulesOf(table)) if (isForNode(rule)) ports.add(destinationPort(rule) ?? 0);
  for (const { ip, port, proto } of addressServices(host))
    if (proto === 6 && hostNetworks(host).some(({ address }) => sameIp(address.ip, ip))) ports.add(port);
  return [...ports];
}

function isForNode({ header, target }: Rule): boolean {
  return header.dst === null && header.proto?.proto === 6 && !header.proto.invert && target?.kind === 'jump';
}

type Call = Pick<SharedSource, 'entry' | 'ip' | 'port'>;

function call(snapshot: Snapshot, node: Node, { entry, ip, port }: Call, assume: AssumeMode): SharedSource | null {
  const origin = outsideOrigin({ ...snapshot, nodes: [entry] }, null, ip);
  if (!origin.ok || origin.value.kind !== 'entering') return null;
  const { outcomes } = traceOnce(snapshot, { from: origin.value, to: { ip, port }, proto: 6, sport: null, assume });
  const client = origin.value.src;
  const outcome = outcomes.find(
    ({ disposition, final }) =>
      (disposition === 'delivered' || disposition === 'forwarded') && !sameIp(final.src, client) && isOn(node, final),
  );
  if (outcome === undefined) return null;
  const server = formatIp(outcome.final.dst);
  return { entry, ip, port, source: outcome.final.src, server, outcome };
}

/** The packet ends on the node, or was handed to a pod of it. */
function isOn(node: Node, { node: place, dst }: Outcome['final']): boolean {
  if (place !== node.name && !place.startsWith(`${node.name}/`)) return false;
  if (node.host.addresses.rows.some((row) => sameIp(row.ip, dst))) return true;
  // In 4.11 each namespace has a setting of its own, and that of pods is off; before, one was for all.
  if (/^4\.11(?!\d)/.test(node.kernel?.release ?? '')) return false;
  if (place !== node.name) return true;
  // Handed on to somebody on a network of the node that is none of the hosts'.
  return !hostNetworks(node.host).some(({ prefix }) => prefixContains(prefix, dst));
}
