/** Whom a connection is for: `10.0.0.1:443`, `pod:`, `service:`, `node:`. */
import { type Family, formatIp, type Ip, parseIp, type Snapshot } from '@coldtrace/core';
import { nodeCalled } from '../facts/api-nodes.js';
import { endpointsOf } from '../facts/service-objects.js';
import { listed, portNumber, type Refusal, type ResolvedWho, refuse, split, type WhoAnswer } from './end.js';
import { didYouMean } from './meant.js';
import { findNode, findPod, findService } from './names.js';
import type { ServiceEnd } from './services.js';
import { servingNodes } from './serving.js';
import { nodeAddress } from './towards.js';

/** Whom to call. */
export interface Destination {
  readonly ip: Ip;
  /** null: none was named. */
  readonly port: number | null;
}

/** What is known of the client. */
export interface DestinationOptions {
  /** The client stands beyond the snapshot: Services are entered by their external addresses or node ports. */
  readonly outside?: boolean;
  /** Protocol number: of several ports of a Service those of this protocol come first. */
  readonly proto?: number;
  /** Of the client's address: of several addresses the one of this family is called. */
  readonly family?: Family;
}

/** WHO as it is typed (`pod:`, `service:`, `node:`, an address, each with its port) to an address and a port; else why not, with the candidates. */
export function resolveDestination(
  snapshot: Snapshot,
  text: string,
  options: DestinationOptions = {},
): WhoAnswer<Destination> {
  const { kind, name, port } = split(text);
  if (kind === 'service') return toService(snapshot, name, port, options);
  const number = portNumber(port);
  if (number === undefined) return refuse(`"${port}" is not a port: give a number from 1 to 65535`);
  switch (kind) {
    case 'address':
      return toAddress(text, name, number);
    case 'pod':
      return toPod(snapshot, name, number, options.family);
    case 'node':
      return toNode(snapshot, name, number, options.family);
    default:
      return refuse(
        `"${text}" is no destination: give ADDRESS:PORT, [v6]:PORT, pod:, service: or node:${didYouMean(snapshot, text)}`,
      );
  }
}

function found(who: Pick<ResolvedWho, 'kind' | 'name' | 'node'>, ip: Ip, port: number | null): WhoAnswer<Destination> {
  return { ok: true, value: { ip, port }, who: { ...who, iface: null, address: formatIp(ip), port } };
}

function toAddress(text: string, name: string, port: number | null): WhoAnswer<Destination> {
  const ip = parseIp(name);
  return ip === null
    ? refuse(`"${name}" is not an address`)
    : found({ kind: 'address', name: text, node: null }, ip, port);
}

function toPod(
  snapshot: Snapshot,
  name: string,
  port: number | null,
  family: Family | undefined,
): WhoAnswer<Destination> {
  const named = findPod(snapshot, name);
  if (typeof named === 'string') return refuse(named);
  const ip = named.pod.ips.find((one) => family === undefined || one.family === family);
  if (ip === undefined) return refuse(`pod ${named.fullName} has no ${ofFamily(family)}address`);
  const { nodeName } = named.pod;
  const node = nodeName === null ? null : (nodeCalled(snapshot, nodeName)?.name ?? nodeName);
  return found({ kind: 'pod', name: named.fullName, node }, ip, port);
}

function toNode(
  snapshot: Snapshot,
  name: string,
  port: number | null,
  family: Family | undefined,
): WhoAnswer<Destination> {
  const node = findNode(snapshot, name);
  if (typeof node === 'string') return refuse(node);
  const ip = nodeAddress(node, family);
  if (ip === null) return refuse(`no ${ofFamily(family)}address of node ${name} was captured`);
  return found({ kind: 'node', name, node: node.name }, ip, port);
}

function toService(
  snapshot: Snapshot,
  name: string,
  port: string | null,
  { outside = false, proto, family }: DestinationOptions,
): WhoAnswer<Destination> {
  const all = findService(snapshot, name);
  if (typeof all === 'string') return refuse(all);
  const wanted = asked(all, name, port);
  if (!Array.isArray(wanted)) return wanted;
  const byProto = wanted.filter((end) => proto === undefined || end.proto === proto);
  const ends = byProto.length > 0 ? byProto : wanted;
  const kinds: readonly ServiceEnd['kind'][] = outside ? ['external', 'nodePort'] : ['cluster', 'external', 'nodePort'];
  const open = kinds.flatMap((kind) => ends.filter((one) => one.kind === kind));
  const [first] = open;
  if (first === undefined)
    return refuse(
      `Service ${all[0]?.fullName ?? name} has neither a node port nor an external address: nobody reaches it from outside`,
    );
  if (first.kind === 'cluster' && first.ip === null) return refuse(headless(snapshot, first));
  const end = open.find(({ ip }) => family === undefined || ip === null || ip.family === family);
  if (end === undefined) return refuse(`Service ${first.fullName} has no ${ofFamily(family)}address`);
  const others = proto === undefined || port !== null ? [] : portsOf(open.filter(({ kind }) => kind === end.kind));
  if (others.length > 1) return refuse(`Service ${end.fullName} has several ports, name one: ${listed(others)}`);
  const [ip, node] = end.ip === null ? entryNode(snapshot, end, family) : [end.ip, null];
  if (ip === null)
    return refuse(`no ${ofFamily(family)}address of a node was captured, which port ${end.port} could be called at`);
  return found({ kind: 'service', name: end.fullName, node }, ip, end.port);
}

const ofFamily = (family: Family | undefined) => (family === undefined ? '' : `IPv${family} `);

/** Its name leads to the addresses of its endpoints. */
function headless(snapshot: Snapshot, { fullName, port }: ServiceEnd): string {
  const slash = fullName.indexOf('/');
  const namespace = slash < 0 ? null : fullName.slice(0, slash);
  const endpoints = endpointsOf(snapshot, { namespace, name: fullName.slice(slash + 1) }).flatMap((object) =>
    object.subsets.flatMap((subset) =>
      subset.endpoints.map(({ ip }) => {
        const at = subset.ports.length === 1 ? (subset.ports[0]?.port ?? port) : port;
        return ip.family === 6 ? `[${formatIp(ip)}]:${at}` : `${formatIp(ip)}:${at}`;
      }),
    ),
  );
  const which = endpoints.length === 0 ? '' : `: ${listed(endpoints)}`;
  return `Service ${fullName} has no cluster address: call one of its pods${which}`;
}

/** The ports of a Service, each named once. */
function portsOf(ends: readonly ServiceEnd[]): readonly string[] {
  return [...new Set(ends.map(portText))];
}

const portText = ({ portName, port }: ServiceEnd) => (portName === null ? String(port) : `${portName} (${port})`);

/** A node port is open on every node: the first with an address stands for all, one with an endpoint where only those serve it; `--node` names another. */
function entryNode(
  snapshot: Snapshot,
  { fullName }: ServiceEnd,
  family: Family | undefined,
): readonly [Ip | null, string | null] {
  const serving = servingNodes(snapshot, fullName);
  const nodes = serving.length > 0 ? serving : snapshot.nodes;
  for (const node of nodes) {
    const ip = nodeAddress(node, family);
    if (ip !== null) return [ip, node.name];
  }
  return [null, null];
}

/** The ends of the port that was asked for, by name, by the Service's number or by the node's. */
function asked(ends: readonly ServiceEnd[], name: string, port: string | null): ServiceEnd[] | Refusal {
  const matching = ends.filter(
    (end) => port === null || end.portName === port || String(end.servicePort) === port || String(end.port) === port,
  );
  if (matching.length > 0) return matching;
  return refuse(`Service ${name} has no port ${port ?? ''}; it has ${listed(ends.map(portText))}`);
}
