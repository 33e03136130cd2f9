/** Which dumps of the table of dumps a snapshot holds at all, on whichever node. */
import { capturedOf, type DumpId, type Node, type Snapshot } from '@coldtrace/core';

type Shows = (snapshot: Snapshot) => boolean;

const onNode =
  (shows: (node: Node) => boolean): Shows =>
  ({ nodes }) =>
    nodes.some(shows);
const ofKind =
  (kind: string): Shows =>
  ({ objects }) =>
    objects.some((one) => one.kind === kind);
/** Whom somebody dials, and how an API server was started, tells nothing of a pod network. */
const ofApi: ReadonlySet<string> = new Set(['kubeconfig', 'kube-apiserver']);
const settings = onNode((node) => node.settings.some(({ source }) => !ofApi.has(source)));

const beyondHosts: Readonly<Partial<Record<DumpId, Shows>>> = {
  uname: onNode(({ kernel }) => kernel !== null),
  nodes: ofKind('Node'),
  services: ofKind('Service'),
  endpointslices: ofKind('Endpoints'),
  ippools: ofKind('IPPool'),
  'subnet-env': settings,
  'docker-options': settings,
  'flannel-config': (snapshot) => settings(snapshot) || ofKind('ConfigMap')(snapshot),
};

function shows(snapshot: Snapshot, dump: DumpId): boolean {
  const beyond = beyondHosts[dump];
  if (beyond !== undefined) return beyond(snapshot);
  const hosts = snapshot.nodes.map(({ host }) => host);
  return [null, ...hosts].some((host) => capturedOf(host, dump) !== 'absent');
}

/** They show which programs are at work on a node, and so what there is to check. */
const telling: readonly DumpId[] = ['ip-addr', 'ip-link', 'ip-route', 'iptables-save'];

/** Nothing was captured that the dumps in question are, or by which one could see that they do not matter. A dump that is not in the list is taken to be there. */
export function lacksAll(snapshot: Snapshot, needs: readonly DumpId[]): boolean {
  return lacks(snapshot, [...needs, ...telling]);
}

/** Nothing was captured of these dumps themselves. */
export function lacks(snapshot: Snapshot, dumps: readonly DumpId[]): boolean {
  return !dumps.some((dump) => shows(snapshot, dump));
}
