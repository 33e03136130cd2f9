/** Names of connection ends, as commands take them, resolved against a snapshot: here Kubernetes words become addresses and devices. */
import {
  formatIp,
  type Ip,
  type KubePod,
  type KubeService,
  type NetNs,
  type Node,
  type Origin,
  parseIp,
  prefixContains,
  prefixOf,
  type Snapshot,
  sameIp,
} from '@coldtrace/core';

/** An end as it was resolved; repeated in the answer. */
export interface ResolvedWho {
  readonly kind: 'address' | 'node' | 'pod' | 'service' | 'iface' | 'outside';
  readonly name: string;
  readonly node: string | null;
  readonly iface: string | null;
  readonly address: string | null;
  readonly port: number | null;
}

export type WhoAnswer<T> =
  | { readonly ok: true; readonly value: T; readonly who: ResolvedWho }
  | { readonly ok: false; readonly problem: string };

export interface Destination {
  readonly ip: Ip;
  readonly port: number | null;
}

const refuse = (problem: string) => ({ ok: false, problem }) as const;

interface Split {
  readonly kind: string;
  readonly name: string;
  readonly port: string | null;
}

/** `pod:ns/name:80`, `[fd00::1]:443`, `10.0.0.1:443`, `fd00::1`. */
function split(text: string): Split {
  const bracket = /^\[([^\]]*)\](?::(\w[\w-]*))?$/.exec(text);
  if (bracket !== null) return { kind: 'address', name: bracket[1] ?? '', port: bracket[2] ?? null };
  if (parseIp(text) !== null) return { kind: 'address', name: text, port: null };
  const kind = /^(node|pod|service|iface):/.exec(text)?.[1];
  if (kind !== undefined) {
    const rest = text.slice(kind.length + 1);
    const colon = rest.lastIndexOf(':');
    return colon < 0
      ? { kind, name: rest, port: null }
      : { kind, name: rest.slice(0, colon), port: rest.slice(colon + 1) };
  }
  const colon = text.lastIndexOf(':');
  if (colon > 0 && parseIp(text.slice(0, colon)) !== null)
    return { kind: 'address', name: text.slice(0, colon), port: text.slice(colon + 1) };
  return { kind: text === 'outside' ? 'outside' : 'unknown', name: text, port: null };
}

function portNumber(text: string | null): number | null | undefined {
  if (text === null) return null;
  return /^\d{1,5}$/.test(text) && Number(text) <= 65535 ? Number(text) : undefined;
}

/** Whom the connection is for. */
export function resolveDestination(snapshot: Snapshot, text: string): WhoAnswer<Destination> {
  const { kind, name, port } = split(text);
  const number = portNumber(port);
  if (kind === 'service') return serviceDestination(snapshot, name, port);
  if (number === undefined) return refuse(`"${port}" is not a port`);
  if (kind === 'address') {
    const ip = parseIp(name);
    if (ip === null) return refuse(`"${name}" is not an address`);
    return {
      ok: true,
      value: { ip, port: number },
      who: { kind: 'address', name: text, node: null, iface: null, address: formatIp(ip), port: number },
    };
  }
  if (kind === 'pod') {
    const pod = findPod(snapshot, name);
    if (typeof pod === 'string') return refuse(pod);
    const [ip] = pod.ips;
    if (ip === undefined) return refuse(`pod ${podName(pod)} has no address`);
    const who = {
      kind: 'pod',
      name: podName(pod),
      node: pod.nodeName,
      iface: null,
      address: formatIp(ip),
      port: number,
    } as const;
    return { ok: true, value: { ip, port: number }, who };
  }
  if (kind === 'node') {
    const node = findNode(snapshot, name);
    if (typeof node === 'string') return refuse(node);
    const ip = nodeAddress(node);
    if (ip === null) return refuse(`no address of node ${name} was captured`);
    return {
      ok: true,
      value: { ip, port: number },
      who: { kind: 'node', name, node: name, iface: null, address: formatIp(ip), port: number },
    };
  }
  return refuse(`"${text}" is no destination: give ADDRESS:PORT, [v6]:PORT, pod:, service: or node:`);
}

function serviceDestination(snapshot: Snapshot, name: string, port: string | null): WhoAnswer<Destination> {
  const services = snapshot.objects.filter((object): object is KubeService => object.kind === 'Service');
  const found = byName(services, name);
  if (typeof found === 'string') return refuse(found.replaceAll('object', 'Service'));
  const [ip] = found.clusterIps;
  if (ip === undefined) return refuse(`Service ${name} has no cluster address`);
  const chosen =
    port === null ? found.ports[0] : found.ports.find((row) => row.name === port || String(row.port) === port);
  if (chosen === undefined) {
    const known = found.ports
      .map((row) => (row.name === null ? String(row.port) : `${row.name} (${row.port})`))
      .join(', ');
    return refuse(`Service ${name} has no port ${port ?? ''}; it has ${known === '' ? 'none' : known}`);
  }
  const who = {
    kind: 'service',
    name: podName(found),
    node: null,
    iface: null,
    address: formatIp(ip),
    port: chosen.port,
  } as const;
  return { ok: true, value: { ip, port: chosen.port }, who };
}

type Named = KubePod | KubeService;

function podName(object: Named): string {
  return object.meta.namespace === null ? object.meta.name : `${object.meta.namespace}/${object.meta.name}`;
}

function findPod(snapshot: Snapshot, name: string): KubePod | string {
  const pods = snapshot.objects.filter((object): object is KubePod => object.kind === 'Pod');
  const found = byName(pods, name);
  return typeof found === 'string' ? found.replaceAll('object', 'pod') : found;
}

/** The one object of that name, or a sentence that lists the candidates. */
function byName<T extends Named>(objects: readonly T[], name: string): T | string {
  const slash = name.indexOf('/');
  const [namespace, own] = slash < 0 ? [null, name] : [name.slice(0, slash), name.slice(slash + 1)];
  const found = objects.filter(
    (object) => object.meta.name === own && (namespace === null || object.meta.namespace === namespace),
  );
  const [only, second] = found;
  if (only !== undefined && second === undefined) return only;
  if (only !== undefined) return `object ${name} is ambiguous: ${listed(found.map(podName))}`;
  return `object ${name} is not in the snapshot; known: ${listed(objects.map(podName))}`;
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const shown = [...new Set(names)].sort().slice(0, 12);
  return `${shown.join(', ')}${names.length > shown.length ? ', …' : ''}`;
}

function findNode(snapshot: Snapshot, name: string): Node | string {
  return (
    snapshot.nodes.find((node) => node.name === name) ??
    `node ${name} is not in the snapshot; known: ${listed(snapshot.nodes.map((node) => node.name))}`
  );
}

/** The first global address of an interface that is not a loopback one. */
function nodeAddress(node: Node): Ip | null {
  return (
    node.host.addresses.rows.find((row) => row.scope === 'global' && row.dev !== 'lo' && row.ip.family === 4)?.ip ??
    null
  );
}

/** Who opens the connection. `src` is needed for devices. */
export function resolveOrigin(snapshot: Snapshot, text: string, src: Ip | null): WhoAnswer<Origin> {
  const { kind, name } = split(text);
  switch (kind) {
    case 'node': {
      const node = findNode(snapshot, name);
      if (typeof node === 'string') return refuse(node);
      const who = {
        kind: 'node',
        name,
        node: name,
        iface: null,
        address: src === null ? null : formatIp(src),
        port: null,
      } as const;
      return { ok: true, value: { kind: 'process', node, ns: node.host, src }, who };
    }
    case 'pod': {
      const pod = findPod(snapshot, name);
      if (typeof pod === 'string') return refuse(pod);
      const [ip] = pod.ips;
      if (ip === undefined) return refuse(`pod ${podName(pod)} has no address`);
      return addressOrigin(snapshot, ip, 'pod', podName(pod), pod.nodeName);
    }
    case 'address': {
      const ip = parseIp(name);
      if (ip === null) return refuse(`"${name}" is not an address`);
      return addressOrigin(snapshot, ip, 'address', name, null);
    }
    case 'iface':
      return ifaceOrigin(snapshot, name, src);
    default:
      return refuse(`"${text}" is no origin: give an address, node:, pod: or iface:NODE/DEV with --src`);
  }
}

function ifaceOrigin(snapshot: Snapshot, name: string, src: Ip | null): WhoAnswer<Origin> {
  const slash = name.indexOf('/');
  const dev = name.slice(slash + 1);
  const nodes =
    slash < 0 ? snapshot.nodes.filter((node) => hasLink(node.host, dev)) : [findNode(snapshot, name.slice(0, slash))];
  const [node, other] = nodes;
  if (node === undefined) return refuse(`no node has an interface ${dev}`);
  if (typeof node === 'string') return refuse(node);
  if (other !== undefined)
    return refuse(
      `interface ${dev} is on several nodes: ${listed(snapshot.nodes.map((row) => `iface:${row.name}/${dev}`))}`,
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
): WhoAnswer<Origin> {
  const who = (node: string, iface: string | null) =>
    ({ kind, name, node, iface, address: formatIp(ip), port: null }) as const;
  for (const node of snapshot.nodes) {
    const ns = [node.host, ...node.namespaces].find((space) => space.addresses.rows.some((row) => sameIp(row.ip, ip)));
    if (ns !== undefined) return { ok: true, value: { kind: 'process', node, ns, src: ip }, who: who(node.name, null) };
  }
  const candidates = snapshot.nodes.filter((node) => nodeName === null || node.name === nodeName);
  for (const node of candidates) {
    const dev = deviceTowards(node.host, ip);
    if (dev !== null)
      return { ok: true, value: { kind: 'entering', node, ns: node.host, dev, src: ip }, who: who(node.name, dev) };
  }
  const where = nodeName === null ? '' : ` on node ${nodeName}, of which the snapshot shows no route to it`;
  return refuse(`no captured node holds ${formatIp(ip)} or has an interface that leads straight to it${where}`);
}

/** The device of the most specific on-link route to the address. */
export function deviceTowards(ns: NetNs, ip: Ip): string | null {
  let best: { readonly length: number; readonly dev: string } | null = null;
  for (const route of ns.routes.rows) {
    const [hop] = route.nexthops;
    if (route.type !== 'unicast' || hop === undefined || hop.via !== null || hop.dev === null) continue;
    if (!prefixContains(route.dst, ip) || (best !== null && best.length >= route.dst.length)) continue;
    best = { length: route.dst.length, dev: hop.dev };
  }
  if (best !== null) return best.dev;
  const row = ns.addresses.rows.find(
    (address) => prefixContains(prefixOf(address.ip, address.prefixLength), ip) && address.dev !== 'lo',
  );
  return row?.dev ?? null;
}
