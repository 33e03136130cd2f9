/** Who opens connections on a node: its own processes, and one pod that stands for the pods of the node. */
import {
  type Family,
  formatIp,
  type Ip,
  type KubePod,
  type NetNs,
  type Node,
  type Origin,
  type Prefix,
  parsePrefix,
  prefixContains,
  prefixOf,
  type Snapshot,
  sameIp,
} from '@coldtrace/core';
import { isOn } from '../facts/api-nodes.js';
import { linkNamed } from '../facts/links.js';
import { flannelDevices } from '../flannel/flannel-node.js';
import { ownerOfLink } from '../owner/owner.js';
import { deviceTowards } from '../who/towards.js';

export interface Party {
  readonly node: Node;
  /** `node-1`, `pod 10.244.1.2 of node-1` */
  readonly name: string;
  /** null: a process of the node, whose source routing chooses. */
  readonly ip: Ip | null;
  readonly origin: Origin;
  /** Nothing shows that the pod runs: its address is one that the next pod would get. */
  readonly imagined?: true;
}

export function hostParty(node: Node): Party {
  return { node, name: node.name, ip: null, origin: { kind: 'process', node, ns: node.host, src: null } };
}

/** A pod of the node: a captured one, else one that the API, a route or a neighbour entry shows, else the first free address of the pods' bridge. */
export function podParty(snapshot: Snapshot, node: Node, family: Family): Party | null {
  const ofSnapshot = known.get(snapshot) ?? { 4: new Map<Node, Party | null>(), 6: new Map<Node, Party | null>() };
  known.set(snapshot, ofSnapshot);
  const parties = ofSnapshot[family];
  const before = parties.get(node);
  if (before !== undefined) return before;
  const party = capturedPod(node, family) ?? placed(node, podAddresses(snapshot, node, family));
  parties.set(node, party);
  return party;
}

/** A pod that can be called and answered: none stands behind a bridge without carrier, which is how a node looks that runs no pods. */
export function runningPod(snapshot: Snapshot, node: Node, family: Family): Party | null {
  const party = podParty(snapshot, node, family);
  return party?.imagined === true && party.ip !== null && hasNoCarrier(node.host, party.ip) ? null : party;
}

function hasNoCarrier(ns: NetNs, ip: Ip): boolean {
  const dev = deviceTowards(ns, ip);
  return (
    (dev !== null && linkNamed(ns, dev)?.flags.includes('NO-CARRIER') === true) ||
    ns.routes.rows.some(({ nexthops: [hop] }) => hop?.dev === dev && hop?.linkdown === true)
  );
}

/** Several rules ask for the same pods. */
const known = new WeakMap<Snapshot, Readonly<Record<Family, Map<Node, Party | null>>>>();

function capturedPod(node: Node, family: Family): Party | null {
  for (const ns of node.namespaces) {
    const row = ns.addresses.rows.find(
      ({ ip, scope, dev }) => ip.family === family && scope === 'global' && dev !== 'lo',
    );
    if (row === undefined || ns.routes.state === 'absent') continue;
    const origin = { kind: 'process', node, ns, src: row.ip } as const;
    return { node, name: podName(node, row.ip), ip: row.ip, origin };
  }
  return null;
}

const podName = (node: Node, ip: Ip) => `pod ${formatIp(ip)} of ${node.name}`;

/** The first address that leads to a device of the pods. */
function placed(node: Node, addresses: Iterable<PodAddress>): Party | null {
  for (const { ip, imagined } of addresses) {
    const dev = deviceTowards(node.host, ip);
    if (dev === null || !leadsToPods(node, dev) || isDead(node.host, ip)) continue;
    const origin = { kind: 'entering', node, ns: node.host, dev, src: ip } as const;
    return { node, name: podName(node, ip), ip, origin, ...(imagined ? { imagined } : {}) };
  }
  return null;
}

const bridges = /^(?:cnio?\d*|cbr0|docker0|kube-bridge|weave|mynet\d*|nerdctl\d+)$/;
const ends = /^(?:cali|lxc|veth|vethwe|gke|eni|azv)[0-9a-zA-Z_-]*$/;

function leadsToPods(node: Node, dev: string): boolean {
  return ends.test(dev) || podBridges(node).some((row) => row.dev === dev);
}

interface BridgeAddress {
  readonly dev: string;
  readonly ip: Ip;
  readonly prefixLength: number;
}

/** Bridges that pods stand behind, with their addresses; docker's only where flannel gave it the node's subnet, which its own default never is. */
function podBridges(node: Node): readonly BridgeAddress[] {
  const { addresses } = node.host;
  const known =
    addresses.state === 'absent'
      ? routedAddresses(node.host)
      : addresses.rows.filter(({ scope }) => scope === 'global');
  return known.filter((row) => bridges.test(row.dev) && !isDockerDefault(node, row));
}

/** The kernel's route to the network of an address names the address too. */
function routedAddresses({ routes }: NetNs): readonly BridgeAddress[] {
  return routes.rows.flatMap(({ type, dst, nexthops: [hop], prefsrc, table }) =>
    type === 'unicast' && table === 'main' && hop?.dev != null && hop.via === null && prefsrc !== null
      ? [{ dev: hop.dev, ip: prefsrc, prefixLength: dst.length }]
      : [],
  );
}

function isDockerDefault(node: Node, { dev, ip }: BridgeAddress): boolean {
  if (ownerOfLink(dev) !== 'docker') return false;
  const leased = node.settings.some(({ key, value }) => {
    const subnet = /^FLANNEL_(?:IPV6_)?SUBNET$/.test(key) ? parsePrefix(value) : null;
    return subnet !== null && prefixContains(subnet, ip);
  });
  return !leased && flannelDevices(node).length === 0;
}

/** A neighbour that the kernel asked for in vain is no pod that runs. */
function isDead(ns: NetNs, ip: Ip): boolean {
  return ns.neighbours.rows.some((row) => sameIp(row.ip, ip) && (row.nud === 'FAILED' || row.nud === 'INCOMPLETE'));
}

interface PodAddress {
  readonly ip: Ip;
  readonly imagined: boolean;
}

function* podAddresses(snapshot: Snapshot, node: Node, family: Family): Generator<PodAddress> {
  for (const ip of shownAddresses(snapshot, node, family)) yield { ip, imagined: false };
  for (const { ip, prefixLength } of podBridges(node))
    if (ip.family === family)
      for (const free of inside(prefixOf(ip, prefixLength), ip)) yield { ip: free, imagined: true };
}

function* shownAddresses(snapshot: Snapshot, node: Node, family: Family): Generator<Ip> {
  const isOwn = (ip: Ip) => node.host.addresses.rows.some((row) => sameIp(row.ip, ip));
  for (const object of snapshot.objects)
    if (isPodOf(snapshot, object, node)) for (const ip of object.ips) if (ip.family === family && !isOwn(ip)) yield ip;
  const whole = family === 4 ? 32 : 128;
  for (const { type, dst, nexthops } of node.host.routes.rows)
    if (type === 'unicast' && dst.ip.family === family && dst.length === whole && ends.test(nexthops[0]?.dev ?? ''))
      yield dst.ip;
  const behind = podBridges(node);
  for (const { ip, dev, lladdr, nud } of node.host.neighbours.rows)
    if (behind.some((row) => row.dev === dev) && ip.family === family && lladdr !== null && nud !== 'PERMANENT')
      yield ip;
}

function isPodOf(snapshot: Snapshot, object: Snapshot['objects'][number], node: Node): object is KubePod {
  return (
    object.kind === 'Pod' &&
    isOn(snapshot, node, object.nodeName) &&
    object.hostNetwork !== true &&
    object.phase !== 'Succeeded' &&
    object.phase !== 'Failed'
  );
}

/** Addresses behind the bridge's own, as an address plan hands them out. */
function* inside(network: Prefix, own: Ip): Generator<Ip> {
  for (let step = 1; step <= 8; step++) {
    const ip = shifted(own, step);
    if (prefixContains(network, ip) && prefixContains(network, shifted(ip, 1))) yield ip;
  }
}

function shifted(ip: Ip, step: number): Ip {
  return ip.family === 4 ? { ...ip, a: (ip.a + step) >>> 0 } : { ...ip, d: (ip.d + step) >>> 0 };
}
