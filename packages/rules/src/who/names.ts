/** Names to what bears them: with or without a namespace; an unknown or ambiguous one gets the candidates. */
import type { KubePod, Node, Snapshot } from '@coldtrace/core';
import { nodeCalled } from '../facts/api-nodes.js';
import { listed } from './end.js';
import { type ServiceEnd, servicesOf } from './services.js';

/** Something with a name that may have a namespace: `kube-system/kube-dns`. */
interface Named {
  readonly fullName: string;
}

/** The one of that name, or a sentence. */
function byName<T extends Named>(what: string, all: readonly T[], name: string): T | string {
  const found = all.filter(({ fullName }) => fullName === name || fullName.slice(fullName.indexOf('/') + 1) === name);
  const names = new Set(found.map(({ fullName }) => fullName));
  const [first] = found;
  if (first === undefined)
    return `${what} ${name} is not in the snapshot; known: ${listed(all.map(({ fullName }) => fullName))}`;
  return names.size === 1 ? first : `${what} ${name} is ambiguous: ${listed([...names])}`;
}

const fullName = ({ namespace, name }: KubePod['meta']) => (namespace === null ? name : `${namespace}/${name}`);

export interface NamedPod extends Named {
  readonly pod: KubePod;
}

export function findPod({ objects }: Snapshot, name: string): NamedPod | string {
  const pods = objects.filter((object): object is KubePod => object.kind === 'Pod');
  return byName(
    'pod',
    pods.map((pod) => ({ fullName: fullName(pod.meta), pod })),
    name,
  );
}

/** All ways in to the Service of that name. */
export function findService(snapshot: Snapshot, name: string): readonly ServiceEnd[] | string {
  const ends = servicesOf(snapshot);
  const found = byName('Service', ends, name);
  return typeof found === 'string' ? found : ends.filter((end) => end.fullName === found.fullName);
}

export function findNode(snapshot: Snapshot, name: string): Node | string {
  const { nodes } = snapshot;
  return (
    nodeCalled(snapshot, name) ??
    `node ${name} is not in the snapshot; known: ${listed(nodes.map((node) => node.name))}`
  );
}
