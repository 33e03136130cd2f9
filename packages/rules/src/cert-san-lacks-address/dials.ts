/** Which addresses clients dial, and whose they are: the API server dials the kubelet of each node, log lines name the rest. */
import {
  type Evidence,
  formatIp,
  isCompleteFor,
  type KubeNode,
  type Node,
  parseIp,
  type SeenLog,
  type Snapshot,
  sameIp,
} from '@coldtrace/core';
import { kubeletPort } from '../facts/certificate-roles.js';
import { distributionOf } from '../facts/k3s.js';
import { partOfObject } from '../facts/part-of.js';
import { byKubeconfigs } from './kubeconfigs.js';

export interface Witness {
  readonly kind: 'log' | 'node-object' | 's_client' | 'kubeconfig';
  readonly evidence: Evidence;
  /** Stated by a dump, not by a log line or mended text. */
  readonly captured: boolean;
  /** The names that the client read in the certificate. */
  readonly names: readonly string[];
}

export interface Dial {
  /** As it has to stand in the certificate: an address in its usual form, or a name. */
  readonly address: string;
  readonly port: number | null;
  /** null: nothing says whose address it is. */
  readonly node: Node | null;
  readonly witnesses: readonly Witness[];
  /** Nothing ties it to a server of the cluster. */
  readonly foreign?: true;
}

/** One per address and port. */
export function dialsOf(snapshot: Snapshot): readonly Dial[] {
  const dials: Dial[] = [];
  for (const one of [
    ...byApiServer(snapshot),
    ...byOpenssl(snapshot),
    ...byKubeconfigs(snapshot),
    ...byLogs(snapshot),
  ]) {
    const at = dials.findIndex(
      ({ address, port }) => address === one.address && (port === one.port || one.port === null),
    );
    const known = dials[at];
    if (known === undefined) dials.push(one);
    else dials[at] = { ...known, node: known.node ?? one.node, witnesses: [...known.witnesses, ...one.witnesses] };
  }
  return dials;
}

function byApiServer(snapshot: Snapshot): readonly Dial[] {
  return snapshot.objects.flatMap((object) => {
    if (object.kind !== 'Node') return [];
    const address = internalAddress(object);
    const node = nodeOfObject(snapshot, object);
    // kubeadm's API server does not check the certificates of kubelets.
    const k3s =
      node === null ? /\+(?:k3s|rke2)/.test(object.kubeletVersion ?? '') : distributionOf(snapshot, node) !== null;
    if (address === null || !k3s) return [];
    const why = `the API server dials the kubelet of ${object.meta.name} by it`;
    const evidence = { span: partOfObject(snapshot, object, address), why };
    const witness = { kind: 'node-object', evidence, captured: isCaptured(object), names: [] } as const;
    return [{ address: formal(address), port: kubeletPort, node, witnesses: [witness] }];
  });
}

function byOpenssl(snapshot: Snapshot): readonly Dial[] {
  return snapshot.nodes.flatMap(({ name, tls }) =>
    tls.flatMap(({ kind, subject, verdict, span }) => {
      const { host, port } = serverOf(subject);
      if (kind !== 's_client' || host === '' || !/mismatch/.test(verdict)) return [];
      const evidence = { span, why: `openssl on ${name} says so of the server that it dialled` };
      const witness = { kind: 's_client', evidence, captured: true, names: [] } as const;
      return [{ address: formal(host), port, node: ownerOf(snapshot, host), witnesses: [witness] }];
    }),
  );
}

function byLogs(snapshot: Snapshot): readonly Dial[] {
  return refusals(snapshot).flatMap((log) => {
    const { host, port } = serverOf(log.data['target'] ?? '');
    const wanted = log.data['wanted'] ?? host;
    if (wanted === '') return [];
    const evidence = { span: log.span, why: 'a client refused the certificate' };
    const witness = { kind: 'log', evidence, captured: false, names: namesIn(log) } as const;
    const foreign = isForeign(snapshot, log, wanted);
    const node = foreign ? null : ownerOf(snapshot, wanted);
    return [{ address: formal(wanted), port, node, witnesses: [witness], ...(foreign ? { foreign } : {}) }];
  });
}

/** Names that certificates of the cluster's servers hold, whatever its nodes are. */
const clusterNames = /^(?:127\.|::1$|kubernetes(?:\.|$)|localhost$)/;

/** A line without a server's address is of a program's own client where the nodes are known and neither address is one of theirs. */
function isForeign(snapshot: Snapshot, log: SeenLog, wanted: string): boolean {
  const known = knownAddresses(snapshot);
  if (log.data['target'] !== undefined || known.size === 0 || known.has(formal(wanted))) return false;
  return !namesIn(log).some((name) => known.has(name) || clusterNames.test(name));
}

function knownAddresses({ nodes, objects }: Snapshot): ReadonlySet<string> {
  const own = nodes.flatMap(({ host }) => host.addresses.rows.map(({ ip }) => formatIp(ip)));
  const stated = objects.flatMap((one) =>
    one.kind === 'Node' ? one.addresses.map(({ address }) => formal(address)) : [],
  );
  return new Set([...own, ...stated]);
}

function refusals({ nodes, observations }: Snapshot): readonly SeenLog[] {
  return [...nodes.flatMap((node) => node.observations), ...observations].filter(
    (row): row is SeenLog =>
      row.kind === 'log' && (row.event === 'x509-not-valid-for' || row.event === 'x509-no-ip-sans'),
  );
}

function namesIn({ data }: SeenLog): readonly string[] {
  return (data['validFor'] ?? '')
    .split(',')
    .map((one) => formal(one.trim()))
    .filter((one) => one !== '');
}

/** One spelling of an address; a name stays. */
export function formal(text: string): string {
  const ip = parseIp(text);
  return ip === null ? text : formatIp(ip);
}

/** Host and port of a URL or of `HOST:PORT`. */
export function serverOf(target: string): { readonly host: string; readonly port: number | null } {
  const [, bracketed, bare, port] = /^(?:https:\/\/)?(?:\[([^\]]*)\]|([^:/\s]*))(?::(\d{1,5}))?/.exec(target) ?? [];
  return { host: bracketed ?? bare ?? '', port: port === undefined ? null : Number(port) };
}

/** k3s lets the API server prefer internal addresses, and of several it takes the first. */
function internalAddress({ addresses }: KubeNode): string | null {
  return addresses.find(({ type }) => type === 'InternalIP')?.address ?? null;
}

function isCaptured({ trust }: Pick<KubeNode, 'trust'>): boolean {
  return (trust ?? 'captured') === 'captured';
}

/** By its name, else by its address; one nameless machine is the only node of a cluster of one. */
function nodeOfObject(snapshot: Snapshot, object: KubeNode): Node | null {
  const address = internalAddress(object);
  const [only] = snapshot.nodes;
  const alone = snapshot.nodes.length === 1 && snapshot.objects.filter(({ kind }) => kind === 'Node').length === 1;
  return (
    snapshot.nodes.find(({ name }) => name === object.meta.name) ??
    (address === null ? null : holderOf(snapshot, address)) ??
    (alone && only?.named === false ? only : null)
  );
}

/** Whose address it is: a device has it, a Node object states it, or there is only one machine, whose addresses are not known. */
function ownerOf(snapshot: Snapshot, address: string): Node | null {
  const stated = snapshot.objects.find(
    (object): object is KubeNode =>
      object.kind === 'Node' && object.addresses.some((one) => formal(one.address) === formal(address)),
  );
  const holder = holderOf(snapshot, address);
  if (holder !== null || stated !== undefined)
    return holder ?? (stated === undefined ? null : nodeOfObject(snapshot, stated));
  const [only] = snapshot.nodes;
  const ip = parseIp(address);
  if (snapshot.nodes.length !== 1 || only === undefined) return null;
  return ip !== null && isCompleteFor(only.host.addresses, ip.family) ? null : only;
}

export function holderOf({ nodes }: Snapshot, address: string): Node | null {
  const ip = parseIp(address);
  return ip === null
    ? null
    : (nodes.find((node) => node.host.addresses.rows.some((row) => sameIp(row.ip, ip))) ?? null);
}
