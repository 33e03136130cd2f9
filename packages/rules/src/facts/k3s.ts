/** Signs of k3s and rke2: their files, options, versions; what their unit is called and where their configuration stands. k3s: Configuration Options. */
import type { Node, Setting, Snapshot } from '@coldtrace/core';
import { roleOf } from './certificate-roles.js';

export interface Distribution {
  readonly name: 'k3s' | 'rke2';
  /** systemd unit of the node. */
  readonly unit: string;
  readonly config: string;
  /** Folder of its state. */
  readonly data: string;
}

const sources: ReadonlySet<string> = new Set(['k3s', 'k3s-config']);

/** What the snapshot as a whole tells, found out once. */
interface Signs {
  readonly versions: ReadonlyMap<string, string>;
  readonly cluster: Distribution['name'] | null;
  readonly servers: ReadonlySet<Node>;
}

const known = new WeakMap<Snapshot, Signs>();

function signsOf(snapshot: Snapshot): Signs {
  const before = known.get(snapshot);
  if (before !== undefined) return before;
  const versions = new Map(
    snapshot.objects.flatMap((object) =>
      object.kind === 'Node' && object.kubeletVersion !== null
        ? [[object.meta.name, object.kubeletVersion] as const]
        : [],
    ),
  );
  const cluster = snapshot.nodes.map((node) => signOf(versions, node)).find((one) => one !== null) ?? null;
  const signs = { versions, cluster, servers: new Set(snapshot.nodes.filter(isServer)) };
  known.set(snapshot, signs);
  return signs;
}

/** null: nothing says that the node is one of the two. */
export function distributionOf(snapshot: Snapshot, node: Node): Distribution | null {
  const { versions, cluster, servers } = signsOf(snapshot);
  const told = signOf(versions, node) ?? cluster;
  if (told === null) return null;
  const server = servers.has(node) || servers.size === 0;
  const unit = told === 'k3s' ? (server ? 'k3s' : 'k3s-agent') : server ? 'rke2-server' : 'rke2-agent';
  return { name: told, unit, config: `/etc/rancher/${told}/config.yaml`, data: `/var/lib/rancher/${told}` };
}

/** False where the kubelet's version, or what kubeadm leaves, says that it is neither; null: of a node that was not captured, as the others are. */
export function mayBeK3s(snapshot: Snapshot, node: Node | null): boolean {
  const { nodes } = snapshot;
  if (node === null) return nodes.length === 0 || nodes.some((one) => mayBeK3s(snapshot, one));
  return distributionOf(snapshot, node) !== null || !isOther(snapshot, node);
}

function isOther(snapshot: Snapshot, node: Node): boolean {
  return signsOf(snapshot).versions.size > 0 || node.certificates.some((one) => roleOf(one)?.installer === 'kubeadm');
}

function signOf(versions: ReadonlyMap<string, string>, node: Node): Distribution['name'] | null {
  const paths = node.certificates.flatMap((one) => roleOf(one)?.installer ?? []);
  const rke2 = paths.includes('rke2') || node.settings.some(({ value }) => /\brke2 (?:server|agent)\b/.test(value));
  if (rke2) return 'rke2';
  if (paths.includes('k3s') || node.settings.some(({ source }) => sources.has(source)) || startsIt(node)) return 'k3s';
  const version = versions.get(node.name) ?? '';
  return version.includes('+rke2') ? 'rke2' : version.includes('+k3s') ? 'k3s' : null;
}

/** A server keeps the keys of the authorities; an agent has copies of their certificates. */
function isServer({ certificates, settings }: Node): boolean {
  return (
    certificates.some(
      (one) => one.place.kind === 'file' && /(?:^|\/)server\/(?:tls\/)?[\w./-]+$/.test(one.place.path ?? ''),
    ) || settings.some(({ key, value }) => key === 'Service.ExecStart' && /\b(?:k3s|rke2)\b[\s\\]+server\b/.test(value))
  );
}

/** Whether the options that its command line gives were captured: a unit, or a line of `ps` that shows them; a running k3s hides them there. */
export function commandLineKnown(node: Node): boolean {
  return hasUnit(node) || runs(node, /(?:^|\/)(?:k3s|rke2)(?:-server|-agent)?\s+(?:server|agent)\s+-/);
}

function startsIt(node: Node): boolean {
  return hasUnit(node) || runs(node, /(?:^|\/)(?:k3s|rke2)(?:-server|-agent)?\s+(?:server|agent)\b/);
}

function hasUnit({ settings }: Node): boolean {
  return settings.some(({ key, value }) => key === 'Service.ExecStart' && /\b(?:k3s|rke2)\b/.test(value));
}

function runs({ processes }: Node, what: RegExp): boolean {
  return processes.rows.some(({ command }) => what.test(command));
}

/** Whether its configuration file was captured, or is known not to be there. */
export function configKnown({ settings, failures }: Node): boolean {
  return (
    settings.some(({ source }) => source === 'k3s-config') ||
    failures.some(({ message }) => /rancher\/(?:k3s|rke2)\/config\.yaml.*No such file/.test(message))
  );
}

/** An option of the configuration file or the command line; lists come as `tls-san.0`. */
export function optionsNamed({ settings }: Node, name: string): readonly Setting[] {
  return settings.filter(
    ({ source, key }) =>
      sources.has(source) && (key === name || (key.startsWith(`${name}.`) && /^\d+$/.test(key.slice(name.length + 1)))),
  );
}
