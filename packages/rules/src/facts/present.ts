/** Which dumps of the table of dumps a snapshot holds at all, on whichever node. */
import type { DumpId, NetNs, Node, Snapshot } from '@coldtrace/core';

type Shows = (snapshot: Snapshot) => boolean;

const onHost =
  (shows: (host: NetNs) => boolean): Shows =>
  ({ nodes }) =>
    nodes.some(({ host }) => shows(host));
const onNode =
  (shows: (node: Node) => boolean): Shows =>
  ({ nodes }) =>
    nodes.some(shows);
const ofKind =
  (kind: string): Shows =>
  ({ objects }) =>
    objects.some((one) => one.kind === kind);
const rules = (family: 4 | 6) => onHost(({ rulesets }) => rulesets.some((one) => one.family === family));
const settings = onNode((node) => node.settings.length > 0);

const shows: Readonly<Partial<Record<DumpId, Shows>>> = {
  'iptables-save': rules(4),
  'ip6tables-save': rules(6),
  'ipset-list': onHost(({ ipsets }) => ipsets.state !== 'absent'),
  'ip-addr': onHost(({ addresses }) => addresses.state !== 'absent'),
  'ip-link': onHost(({ links }) => links.state !== 'absent'),
  'ip-route': onHost(({ routes }) => routes.state !== 'absent'),
  'ip-rule': onHost(({ policyRules4 }) => policyRules4.state !== 'absent'),
  'ip-neigh': onHost(({ neighbours }) => neighbours.state !== 'absent'),
  'bridge-fdb': onHost(({ fdb }) => fdb.state !== 'absent'),
  sysctl: onHost(({ sysctl }) => sysctl.state !== 'absent'),
  conntrack: onHost(({ conntrack }) => conntrack.state !== 'absent'),
  ipvsadm: onHost(({ ipvs }) => ipvs.state !== 'absent'),
  ss: onHost(({ sockets }) => sockets.state !== 'absent'),
  uname: onNode(({ kernel }) => kernel !== null),
  nodes: ofKind('Node'),
  services: ofKind('Service'),
  endpointslices: ofKind('Endpoints'),
  ippools: ofKind('IPPool'),
  'subnet-env': settings,
  'docker-options': settings,
  'flannel-config': (snapshot) => settings(snapshot) || ofKind('ConfigMap')(snapshot),
};

/** They show which programs are at work on a node, and so what there is to check. */
const telling: readonly DumpId[] = ['ip-addr', 'ip-link', 'ip-route', 'iptables-save'];

/** Nothing was captured that the dumps in question are, or by which one could see that they do not matter. A dump that is not in the list is taken to be there. */
export function lacksAll(snapshot: Snapshot, needs: readonly DumpId[]): boolean {
  return lacks(snapshot, [...needs, ...telling]);
}

/** Nothing was captured of these dumps themselves. */
export function lacks(snapshot: Snapshot, dumps: readonly DumpId[]): boolean {
  return !dumps.some((dump) => shows[dump]?.(snapshot) ?? true);
}
