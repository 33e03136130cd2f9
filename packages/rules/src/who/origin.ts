/** Who opens a connection: `node:`, `pod:`, an address, `iface:` with a source, `outside`. */
import {
  formatIp,
  type Ip,
  type NetNs,
  type Node,
  type Origin,
  parseIp,
  type Reason,
  type Snapshot,
  sameIp,
} from '@coldtrace/core';
import { isOn } from '../facts/api-nodes.js';
import { listed, refuse, split, type WhoAnswer } from './end.js';
import { didYouMean } from './meant.js';
import { findNode, findPod } from './names.js';
import { outsideOrigin } from './outside.js';
import { deviceBeyondItself, deviceTowards, holdersOf, podDeviceOf } from './towards.js';

/** What is known of the other end. */
export interface OriginOptions {
  /** Whom the connection is for: decides where a client from `outside` comes in, and which family a pod uses. */
  readonly towards?: Ip;
}

/** `src` is needed for devices. */
export function resolveOrigin(
  snapshot: Snapshot,
  text: string,
  src: Ip | null,
  { towards }: OriginOptions = {},
): WhoAnswer<Origin> {
  const { kind, name, port } = split(text);
  if (port !== null && kind !== 'iface')
    return refuse(
      `"${text}" has a port, and an origin has none: give ${text.slice(0, -port.length - 1)}, and the source port as --sport ${port}`,
    );
  const given = kind === 'address' ? parseIp(name) : src;
  if (given !== null && towards !== undefined && given.family !== towards.family)
    return refuse(`${formatIp(given)} is of another family than ${formatIp(towards)}`);
  switch (kind) {
    case 'node':
      return nodeOrigin(snapshot, name, src);
    case 'pod':
      return podOrigin(snapshot, name, src, towards);
    case 'address': {
      const ip = parseIp(name);
      if (ip === null) return refuse(`"${name}" is not an address`);
      if (src !== null && !sameIp(src, ip))
        return refuse(`${formatIp(ip)} is the source already, and --src names another: ${formatIp(src)}`);
      return addressOrigin(snapshot, ip, 'address', name, null, towards);
    }
    case 'iface':
      return ifaceOrigin(snapshot, name, src);
    case 'outside':
      return outsideOrigin(snapshot, src, towards ?? null);
    default:
      return refuse(
        `"${text}" is no origin: give an address, node:, pod:, outside, or iface:NODE/DEV with --src${didYouMean(snapshot, text)}`,
      );
  }
}

function nodeOrigin(snapshot: Snapshot, name: string, src: Ip | null): WhoAnswer<Origin> {
  const node = findNode(snapshot, name);
  if (typeof node === 'string') return refuse(node);
  const address = src === null ? null : formatIp(src);
  const who = { kind: 'node', name, node: node.name, iface: null, address, port: null } as const;
  return { ok: true, value: { kind: 'process', node, ns: node.host, src }, who };
}

function podOrigin(snapshot: Snapshot, name: string, src: Ip | null, towards: Ip | undefined): WhoAnswer<Origin> {
  const family = towards?.family;
  const named = findPod(snapshot, name);
  if (typeof named === 'string') return refuse(named);
  const { ips, nodeName } = named.pod;
  const ip = ips.find((one) => (src === null ? family === undefined || one.family === family : sameIp(one, src)));
  if (ip === undefined && src !== null) return refuse(`pod ${named.fullName} has no address ${formatIp(src)}`);
  if (ip === undefined)
    return refuse(`pod ${named.fullName} has no ${family === undefined ? '' : `IPv${family} `}address`);
  return addressOrigin(snapshot, ip, 'pod', named.fullName, nodeName, towards);
}

function ifaceOrigin(snapshot: Snapshot, name: string, src: Ip | null): WhoAnswer<Origin> {
  const slash = name.indexOf('/');
  const dev = name.slice(slash + 1);
  const nodes =
    slash < 0 ? snapshot.nodes.filter((node) => hasLink(node.host, dev)) : [findNode(snapshot, name.slice(0, slash))];
  const [node, other] = nodes;
  if (node === undefined) return refuse(`no node has an interface ${dev}`);
  if (typeof node === 'string') return refuse(node);
  if (other !== undefined) {
    const names = nodes.flatMap((one) => (typeof one === 'string' ? [] : [`iface:${one.name}/${dev}`]));
    return refuse(`interface ${dev} is on several nodes: ${listed(names)}`);
  }
  if (node.host.links.state === 'complete' && !hasLink(node.host, dev))
    return refuse(
      `node ${node.name} has no interface ${dev}; known: ${listed(node.host.links.rows.map((link) => link.name))}`,
    );
  if (src === null) return refuse(`traffic that enters at ${dev} needs --src ADDRESS`);
  const who = { kind: 'iface', name, node: node.name, iface: dev, address: formatIp(src), port: null } as const;
  return { ok: true, value: { kind: 'entering', node, ns: node.host, dev, src }, who };
}

function hasLink(ns: NetNs, dev: string): boolean {
  return ns.links.rows.some((link) => link.name === dev);
}

/** An address is a node's own, or somebody's behind the device that a node routes it to. */
function addressOrigin(
  snapshot: Snapshot,
  ip: Ip,
  kind: 'pod' | 'address',
  name: string,
  nodeName: string | null,
  towards: Ip | undefined,
): WhoAnswer<Origin> {
  const who = (node: Node, iface: string | null) =>
    ({ kind, name, node: node.name, iface, address: formatIp(ip), port: null }) as const;
  const everywhere = holdersOf(snapshot, ip);
  const there = everywhere.filter(({ node }) => isOn(snapshot, node, nodeName));
  const [holder, another] = there.length > 0 ? there : everywhere;
  const pods = nodeName === null && holder !== undefined ? podsBeside(snapshot, ip, holder) : [];
  if (another !== undefined || pods.length > 0)
    return refuse(ambiguous(ip, there.length > 0 ? there : everywhere, pods));
  if (holder !== undefined) {
    const { node, ns } = holder;
    return { ok: true, value: { kind: 'process', node, ns, src: ip }, who: who(node, null) };
  }
  for (const node of snapshot.nodes.filter((one) => nodeName === null || isOn(snapshot, one, nodeName))) {
    const dev = deviceTowards(node.host, ip) ?? (nodeName === null ? null : deviceBeyondItself(node.host, ip));
    if (dev === null) continue;
    const text = `${formatIp(ip)} was not captured; what it sends is taken to come in at ${dev} of ${node.name}`;
    const client = { dump: null, text };
    const beside = towards === undefined ? null : besideOf(node, dev, ip, towards);
    const taken = { kind: 'entering', node, ns: node.host, dev, src: ip, client } as const;
    const origin: Origin = beside === null ? taken : { ...taken, beside };
    return { ok: true, value: origin, who: who(node, dev) };
  }
  const where = nodeName === null ? '' : ` on node ${nodeName}, of which the snapshot shows no route to it`;
  return refuse(`no captured node holds ${formatIp(ip)} or has an interface that leads straight to it${where}`);
}

/** A process of a node can be named with its source; whoever else has the address only by the device at which its packets come in. */
function ambiguous(ip: Ip, holders: ReturnType<typeof holdersOf>, pods: readonly string[]): string {
  const address = formatIp(ip);
  const names = holders.map(({ node, ns }) => (ns.name === null ? `node:${node.name}` : `${node.name}/${ns.name}`));
  const who = pods.length === 0 ? 'several captured namespaces hold' : 'a captured namespace and a pod have';
  return `${who} ${address}: ${listed([...names, ...pods])}; give node:NAME or iface:NODE/DEV with --src ${address}`;
}

/** Pods of other nodes than the holder's that were not captured and have the same address. */
function podsBeside(
  snapshot: Snapshot,
  ip: Ip,
  holder: { readonly node: Node; readonly ns: NetNs },
): readonly string[] {
  return snapshot.nodes.flatMap((node) => {
    const dev = node === holder.node ? null : podDeviceOf(node, ip, holder.ns);
    return dev === null ? [] : [`iface:${node.name}/${dev}`];
  });
}

/** Two on one bridge may have one network, and then need no node between them. */
function besideOf({ name, host }: Node, dev: string, ip: Ip, towards: Ip): Reason | null {
  const isBridge = host.links.rows.some((link) => link.name === dev && link.details?.kind === 'bridge');
  const isOwn = host.addresses.rows.some((row) => sameIp(row.ip, towards));
  if (!isBridge || isOwn || deviceTowards(host, towards) !== dev) return null;
  const text = `${formatIp(ip)} was not captured; whether it sends to ${formatIp(towards)} by ${name} or straight over ${dev} is not known`;
  return { dump: null, text };
}
