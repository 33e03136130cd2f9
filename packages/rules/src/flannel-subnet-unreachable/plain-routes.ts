/** Where nothing names flannel: bridges of pods that nodes reach by plain routes via each other, as its host-gw backend writes them. flannel: pkg/backend/hostgw. */
import {
  type Address,
  formatIp,
  formatPrefix,
  type Ip,
  type Node,
  type Prefix,
  prefixContains,
  prefixOf,
  type Route,
  type Snapshot,
  sameIp,
} from '@coldtrace/core';
import { breaksOff } from '../facts/breaks-off.js';
import { type CapturedNode, knowsRoutes, routesTo } from '../flannel/common.js';
import { flannelNodes, hostAddresses } from '../flannel/flannel-node.js';
import { ownerOfLink } from '../owner/owner.js';
import type { Gap } from './gaps.js';

/** A node with the bridge that the CNI plugin makes where no other name is configured. */
interface Bridged {
  readonly node: Node;
  readonly row: Address;
  readonly network: Prefix;
}

interface PlainRoute {
  readonly route: Route;
  readonly via: Ip;
  readonly peer: Bridged;
}

/** Of a subnet that only the bridge shows. */
export const bridgeSource = 'bridge';

export function plainGaps(snapshot: Snapshot): readonly Gap[] {
  if (flannelNodes(snapshot).length > 0 || snapshot.nodes.some(hasOtherPlugin)) return [];
  const bridged = snapshot.nodes.flatMap(bridgeOf);
  const whole = bridged.filter(({ node: { host } }) => !breaksOff(snapshot, host.routes));
  const routes = bridged.flatMap(({ node }) => plainRoutes(node, bridged));
  const [example] = routes;
  if (example === undefined) return [];
  return whole.flatMap((from) => bridged.flatMap((peer) => gapOf(from, peer, routes, example) ?? []));
}

function hasOtherPlugin({ host }: Node): boolean {
  const names = [...host.links.rows.map(({ name }) => name), ...host.addresses.rows.map(({ dev }) => dev)];
  return names.some((name) => ['Calico', 'Cilium'].includes(ownerOfLink(name) ?? ''));
}

function bridgeOf(node: Node): readonly Bridged[] {
  const row = node.host.addresses.rows.find(({ dev, ip }) => dev === 'cni0' && ip.family === 4);
  return row === undefined ? [] : [{ node, row, network: prefixOf(row.ip, row.prefixLength) }];
}

/** Routes of a node to the bridge of another, via an address of that other one. */
function plainRoutes(node: Node, bridged: readonly Bridged[]): readonly PlainRoute[] {
  return node.host.routes.rows.flatMap((route) => {
    const via = route.nexthops[0]?.via ?? null;
    const peer = bridged.find(({ network }) => formatPrefix(network) === formatPrefix(route.dst));
    if (peer === undefined || peer.node === node || via === null || route.type !== 'unicast') return [];
    return hostAddresses(peer.node, 4).some(({ ip }) => sameIp(ip, via)) ? [{ route, via, peer }] : [];
  });
}

function gapOf(from: Bridged, peer: Bridged, routes: readonly PlainRoute[], example: PlainRoute): Gap | null {
  const { network } = peer;
  if (from === peer || sameIp(from.network.ip, network.ip) || routesTo(from.node, network).length > 0) return null;
  if (from.node.host.routes.state === 'absent') return null;
  const shown = routes.find((one) => one.peer === peer);
  const gateway = shown?.via ?? hostAddresses(peer.node, 4).find(({ ip }) => isOnLink(from.node, ip))?.ip;
  // Whom it does not share a network with it may reach by a router that knows the way.
  if (gateway === undefined || !isOnLink(from.node, gateway)) return null;
  const { route } = shown ?? example;
  const subnet = {
    value: network,
    evidence: { span: peer.row.span, why: `the pods of ${peer.node.name} stand here` },
    trust: peer.row.trust ?? 'captured',
    source: bridgeSource,
  } as const;
  const backend = {
    value: 'host-gw',
    evidence: { span: route.span, why: `another node has a route of its own to ${formatPrefix(route.dst)}` },
    trust: route.trust ?? 'captured',
    source: 'route',
  } as const;
  return {
    kind: 'route',
    node: plainNode(from),
    peer: plainNode(peer),
    backend,
    subnet,
    assumption: `cni0 of ${peer.node.name} is taken to be the bridge of pods that nodes reach by routes via each other, as with flannel’s host-gw backend, and no gateway to lead there: no network plugin is named`,
    data: { device: 'cni0' },
    evidence: [subnet.evidence, backend.evidence],
    commands: [`ip route replace ${formatPrefix(network)} via ${formatIp(gateway)}`],
    complete: knowsRoutes(from.node, 4),
  };
}

function isOnLink({ host }: Node, ip: Ip): boolean {
  return host.addresses.rows.some(
    (row) => row.ip.family === ip.family && prefixContains(prefixOf(row.ip, row.prefixLength), ip),
  );
}

function plainNode({ node, network, row }: Bridged): CapturedNode {
  const evidence = { span: row.span, why: `cni0 of ${node.name}` };
  const told = { evidence, trust: row.trust ?? 'captured', source: bridgeSource } as const;
  return {
    name: node.name,
    node,
    object: null,
    subnets: [{ value: network, ...told }],
    publicIps: hostAddresses(node, 4).map(({ ip }) => ({ value: ip, ...told })),
  };
}
