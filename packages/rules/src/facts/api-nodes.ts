/**
 * Which captured node the API means: its dumps may be called after a folder, or its host name be without a domain or in capitals, and kubelet takes
 * `--hostname-override`. Kubernetes: node names are DNS subdomains in small letters.
 */
import { type Ip, type KubeNode, type KubePod, type Node, parseIp, type Snapshot, sameIp } from '@coldtrace/core';

interface Known {
  readonly objects: ReadonlyMap<string, KubeNode>;
  /** Captured nodes that the API does not call by their very name. */
  readonly others: readonly Node[];
  readonly called: Map<string, Node | null>;
}

const ofSnapshot = new WeakMap<Snapshot, Known>();

/** By its very name, else by host name, address or the first part of its name, where only one can be meant. */
export function nodeCalled(snapshot: Snapshot, name: string): Node | null {
  const known = knownOf(snapshot);
  const before = known.called.get(name);
  if (before !== undefined) return before;
  const found = snapshot.nodes.find((node) => node.name === name) ?? otherwiseCalled(snapshot, known, name);
  known.called.set(name, found);
  return found;
}

/** The API places it on this node. */
export function isOn(snapshot: Snapshot, node: Node, nodeName: string | null): boolean {
  return nodeName !== null && (nodeName === node.name || nodeCalled(snapshot, nodeName) === node);
}

export function objectOf(snapshot: Snapshot, node: Node): KubeNode | null {
  const { objects } = knownOf(snapshot);
  const own = objects.get(node.name);
  if (own !== undefined) return own;
  for (const [name, object] of objects) if (nodeCalled(snapshot, name) === node) return object;
  return null;
}

/** What kubectl calls it. */
export function apiNameOf(snapshot: Snapshot, node: Node): string {
  return objectOf(snapshot, node)?.meta.name ?? node.name;
}

function knownOf(snapshot: Snapshot): Known {
  const before = ofSnapshot.get(snapshot);
  if (before !== undefined) return before;
  const objects = new Map(
    snapshot.objects.flatMap((one) => (one.kind === 'Node' ? [[one.meta.name, one] as const] : [])),
  );
  const pods = snapshot.objects.filter((one): one is KubePod => one.kind === 'Pod');
  const names = new Set<string | null>([...objects.keys(), ...pods.map(({ nodeName }) => nodeName)]);
  const made = { objects, others: snapshot.nodes.filter(({ name }) => !names.has(name)), called: new Map() };
  ofSnapshot.set(snapshot, made);
  return made;
}

function otherwiseCalled(snapshot: Snapshot, { objects, others }: Known, name: string): Node | null {
  const meant = name.toLowerCase();
  const object = objects.get(name);
  const hosts = new Set([
    meant,
    ...(object?.addresses ?? []).flatMap(({ type, address }) => (type === 'Hostname' ? [address.toLowerCase()] : [])),
  ]);
  const spelt = others.filter((node) => namesOf(node).some((one) => hosts.has(one)));
  if (spelt.length > 0) return only(spelt);
  const ips = addressesOf(snapshot, object, name);
  if (ips.length > 0) return only(others.filter(({ host }) => ips.some((ip) => holds(host.addresses.rows, ip))));
  return only(others.filter((node) => namesOf(node).some((one) => firstPart(one) === firstPart(meant))));
}

function namesOf({ name, hostname }: Node): readonly string[] {
  return [name, ...(hostname === null ? [] : [hostname.text])].map((one) => one.toLowerCase());
}

const firstPart = (name: string) => name.split('.', 1)[0];

/** Its own by the Node object, by a name that is one, by pods that share its network. */
function addressesOf({ objects }: Snapshot, object: KubeNode | undefined, name: string): readonly Ip[] {
  const told = (object?.addresses ?? []).filter(({ type }) => type === 'InternalIP');
  const internal = told.flatMap(({ address }) => parseIp(address) ?? []);
  if (internal.length > 0) return internal;
  const named = parseIp(name);
  if (named !== null) return [named];
  return objects.flatMap((one) =>
    one.kind === 'Pod' && one.nodeName === name && one.hostNetwork === true ? one.ips : [],
  );
}

const holds = (rows: readonly { readonly ip: Ip }[], ip: Ip) => rows.some((row) => sameIp(row.ip, ip));

const only = ([first, second]: readonly Node[]): Node | null => (second === undefined ? (first ?? null) : null);
