/** What a snapshot knows of flannel on a node: its subnet, its devices, and what it tells the others. flannel: pkg/subnet/kube/annotations.go, pkg/backend. */
import {
  type Address,
  type Evidence,
  type Family,
  formatIp,
  type Ip,
  type KubeNode,
  type Node,
  type Prefix,
  parseIp,
  prefixOf,
  type SeenLog,
  type Setting,
  type Snapshot,
  sameIp,
  type Trust,
} from '@coldtrace/core';
import { objectOf } from '../facts/api-nodes.js';
import { partOfLink } from '../facts/links.js';
import { announcesAny, objectAddresses, objectSubnets } from './announced.js';
import { heardPeers } from './heard-peers.js';

/** A value with the line that says so. */
export interface Told<T> {
  readonly value: T;
  readonly evidence: Evidence;
  readonly trust: Trust;
  /** What it was read from: `subnet.env`, `node`, `log`, `device`, … */
  readonly source: string;
}

export interface FlannelNode {
  readonly name: string;
  /** null: known from its API object alone. */
  readonly node: Node | null;
  readonly object: KubeNode | null;
  /** The subnets that its pods take their addresses from, the most direct source first. */
  readonly subnets: readonly Told<Prefix>[];
  /** Addresses at which the other nodes reach it. */
  readonly publicIps: readonly Told<Ip>[];
}

/** Nodes that show a sign of flannel. */
export function flannelNodes(snapshot: Snapshot): readonly FlannelNode[] {
  const before = known.get(snapshot);
  if (before !== undefined) return before;
  const using = allNodes(snapshot).filter(usesFlannel);
  const nodes = [...using, ...heardPeers(snapshot.nodes, using)];
  known.set(snapshot, nodes);
  return nodes;
}

/** Ten rules ask for them. */
const known = new WeakMap<Snapshot, readonly FlannelNode[]>();

/** Nodes of the API that show none, as where `kubectl get nodes` printed a table: they may well run it. */
export function silentNodes(snapshot: Snapshot, using: readonly FlannelNode[]): readonly FlannelNode[] {
  const names = new Set(using.map(({ name }) => name));
  return allNodes(snapshot).filter((one) => one.node === null && !names.has(one.name));
}

function allNodes(snapshot: Snapshot): readonly FlannelNode[] {
  const objects = snapshot.objects.filter((object): object is KubeNode => object.kind === 'Node');
  const captured = snapshot.nodes.map((node) => flannelNode(snapshot, node.name, node, objectOf(snapshot, node)));
  const taken = new Set(captured.map(({ object }) => object));
  const others = objects
    .filter((object) => !taken.has(object))
    .map((object) => flannelNode(snapshot, object.meta.name, null, object));
  return [...captured, ...others];
}

/** What every node of a cluster may have from an API object (net-conf, the DaemonSet) is no sign that flannel runs on this one. */
function usesFlannel({ node, object }: FlannelNode): boolean {
  if (object !== null && announcesAny(object)) return true;
  if (node === null) return false;
  return (
    node.settings.some(({ source, key }) => source === 'flanneld' || key.startsWith('FLANNEL_')) ||
    flannelDevices(node).length > 0 ||
    flannelLogs(node).length > 0
  );
}

const knownDevices = new WeakMap<Node, readonly string[]>();

/** flannel's devices that any dump of the node names. */
export function flannelDevices(node: Node): readonly string[] {
  const devices = knownDevices.get(node) ?? namedDevices(node);
  knownDevices.set(node, devices);
  return devices;
}

function namedDevices({ host }: Node): readonly string[] {
  const names = [
    ...host.links.rows.filter(({ trust }) => trust !== 'claimed').map(({ name }) => name),
    ...host.addresses.rows.map(({ dev }) => dev),
    ...host.neighbours.rows.map(({ dev }) => dev),
    ...host.fdb.rows.map(({ dev }) => dev),
    ...host.routes.rows.flatMap(({ nexthops }) => nexthops.flatMap(({ dev }) => dev ?? [])),
  ];
  return [...new Set(names)].filter(isFlannelDevice);
}

export function isFlannelDevice(name: string): boolean {
  return /^flannel(?:-v6)?\.?\d+$/.test(name);
}

export function flannelLogs(node: Node): readonly SeenLog[] {
  return node.observations.filter((row): row is SeenLog => row.kind === 'log' && row.event.startsWith('flannel-'));
}

function flannelNode(snapshot: Snapshot, name: string, node: Node | null, object: KubeNode | null): FlannelNode {
  return {
    name,
    node,
    object,
    subnets: [
      ...(node === null ? [] : leasedSubnets(node)),
      ...objectSubnets(snapshot, object),
      ...(node === null ? [] : routedSubnets(snapshot, node)),
    ],
    publicIps: [...objectAddresses(snapshot, object), ...(node === null ? [] : ownAddresses(snapshot, node))],
  };
}

function leasedSubnets(node: Node): readonly Told<Prefix>[] {
  const settings = node.settings.filter(({ key }) => key === 'FLANNEL_SUBNET' || key === 'FLANNEL_IPV6_SUBNET');
  const files = settings.flatMap((row) =>
    toldNetwork(row.value, row, `${row.source}: the subnet of ${node.name}`, row.source),
  );
  const logs = flannelLogs(node).flatMap((row) =>
    row.event === 'flannel-lease'
      ? toldNetwork(
          row.data['subnet'] ?? '',
          { ...row, trust: 'claimed' },
          `the subnet that flanneld of ${node.name} leased`,
          'log',
        )
      : [],
  );
  return [...files, ...logs];
}

/** What other nodes route to an address of its tunnel device. */
function routedSubnets(snapshot: Snapshot, node: Node): readonly Told<Prefix>[] {
  const own = node.host.addresses.rows.filter(({ dev }) => isFlannelDevice(dev));
  if (own.length === 0) return [];
  return snapshot.nodes.flatMap((other) =>
    other.host.routes.rows
      .filter(({ nexthops }) => nexthops.some(({ via }) => via !== null && own.some(({ ip }) => sameIp(ip, via))))
      .map((route) => ({
        value: route.dst,
        evidence: { span: route.span, why: `${other.name} sends this to ${node.name}` },
        trust: route.trust ?? 'captured',
        source: 'route',
      })),
  );
}

function toldNetwork(
  text: string,
  row: Pick<Setting, 'span' | 'trust'>,
  why: string,
  source: string,
): readonly Told<Prefix>[] {
  const value = networkOf(text);
  return value === null ? [] : [{ value, evidence: { span: row.span, why }, trust: row.trust ?? 'captured', source }];
}

/** `10.244.1.1/24` as its network. */
export function networkOf(text: string): Prefix | null {
  const [address = '', length = ''] = text.split('/');
  const ip = parseIp(address);
  if (ip === null || !/^\d{1,3}$/.test(length) || Number(length) > (ip.family === 4 ? 32 : 128)) return null;
  return prefixOf(ip, Number(length));
}

/** Where its tunnel device sends from, else its addresses on devices that are not the pods'. */
function ownAddresses(snapshot: Snapshot, node: Node): readonly Told<Ip>[] {
  const devices = node.host.links.rows.flatMap((link) => {
    const local = link.details?.kind === 'vxlan' && isFlannelDevice(link.name) ? link.details.local : null;
    return local === null
      ? []
      : [
          {
            value: local,
            evidence: {
              span: partOfLink(snapshot, link, `local ${formatIp(local)}`),
              why: `${link.name} sends from here`,
            },
            trust: link.trust ?? 'captured',
            source: 'device',
          } as const,
        ];
  });
  const addresses = [...hostAddresses(node, 4), ...hostAddresses(node, 6)].map((row) => ({
    value: row.ip,
    evidence: { span: row.span, why: `address of ${row.dev} of ${node.name}` },
    trust: row.trust ?? 'captured',
    source: 'address',
  }));
  return [...devices, ...addresses];
}

/** Devices that flannel, its plugin, docker and kube-proxy make. */
const podDevice =
  /^(?:lo|flannel.*|cni\d*|cbr\d+|docker\d*|br-[0-9a-f]{12}|veth.*|kube-.*|nodelocaldns|virbr.*|tunl0)$/;

/** Addresses by which a node stands among other hosts. */
export function hostAddresses(node: Node, family: Family): readonly Address[] {
  return node.host.addresses.rows.filter(
    ({ ip, dev, scope, trust }) =>
      ip.family === family && scope === 'global' && !podDevice.test(dev) && trust !== 'claimed',
  );
}

/** Whether a device may be the one by which a node stands among other hosts. */
export const mayBeUplink = (dev: string): boolean => !podDevice.test(dev);

/** The bridge that pods stand on: cni0, else docker0 where docker itself gives pods their addresses. */
export function podBridge(node: Node): string | null {
  const names = new Set([
    ...node.host.links.rows.map(({ name }) => name),
    ...node.host.addresses.rows.map(({ dev }) => dev),
  ]);
  const cni = [...names].find((name) => /^(?:cni0|cbr0)$/.test(name));
  if (cni !== undefined) return cni;
  return names.has('docker0') && dockerGivesAddresses(node) ? 'docker0' : null;
}

/** docker is started with flannel's options, or nothing configures a CNI plugin. */
function dockerGivesAddresses(node: Node): boolean {
  const plugin = node.settings.some(({ source }) => source === 'cni-conflist' || source === 'cni-delegate');
  const options = node.settings.some(
    ({ source, key }) => (source === 'docker' || source === 'docker-daemon') && key === 'bip',
  );
  return (
    !plugin && (options || node.settings.some(({ key, value }) => key.startsWith('DOCKER_') && value.includes('--bip')))
  );
}

/** The VXLAN devices of flannel on a captured node; flannel0 is the tun device of its udp backend. */
export function vteps(node: Node): readonly string[] {
  return flannelDevices(node).filter((name) => {
    const details = node.host.links.rows.find((link) => link.name === name)?.details ?? null;
    return details === null ? name.includes('.') : details.kind === 'vxlan';
  });
}
