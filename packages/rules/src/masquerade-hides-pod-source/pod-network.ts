/** The network that all pods of a cluster share, and where pods of other nodes stand in it: what a node's pods reach without translation. */
import {
  type Evidence,
  formatIp,
  formatPrefix,
  hostPrefix,
  type Ip,
  isLinkLocal,
  type Node,
  type Prefix,
  parsePrefix,
  prefixContains,
  prefixCovers,
  type Route,
  type Snapshot,
} from '@coldtrace/core';
import { podParty } from '../connections/party.js';
import { partOf } from '../facts/part-of.js';
import { routeTo } from '../facts/route-to.js';
import { ownerOfLink } from '../owner/owner.js';
import { ownerOfRoute } from '../owner/route-owner.js';

/** A pod of another node, or an address that its subnet has for pods. */
export interface Target {
  readonly ip: Ip;
  /** Node that it stands on; null where that one was not captured. */
  readonly node: Node | null;
  /** The network to which pods of this cluster belong, as far as known. */
  readonly network: Prefix;
  readonly evidence: readonly Evidence[];
  /** Why the other side can answer a pod's own address; null: it was captured. */
  readonly assumption: string | null;
}

/** The best known first: pods of captured nodes, then subnets that this node has routes to. */
export function* targetsOf(snapshot: Snapshot, node: Node, pod: Ip): Generator<Target> {
  const declared = declaredNetworks(snapshot, node).find(({ prefix }) => prefixContains(prefix, pod)) ?? null;
  yield* capturedTargets(snapshot, node, pod, declared);
  yield* routedTargets(snapshot, node, pod, declared);
}

export interface Declared {
  readonly prefix: Prefix;
  readonly evidence: Evidence;
}

/** `FLANNEL_NETWORK`, net-conf.json's `Network`, IPPools of the API. */
export function declaredNetworks({ objects }: Snapshot, node: Node): readonly Declared[] {
  const settings = node.settings.flatMap(({ key, value, span }) => {
    const prefix = /^(?:FLANNEL_(?:IPV6_)?NETWORK|(?:IPv6)?Network)$/.test(key) ? parsePrefix(value) : null;
    return prefix === null ? [] : [{ prefix, evidence: { span, why: `pods of all nodes: ${formatPrefix(prefix)}` } }];
  });
  const pools = objects.flatMap((object) =>
    object.kind === 'IPPool' && object.cidr !== null && !object.disabled
      ? [{ prefix: object.cidr, evidence: { span: object.span, why: `IPPool ${object.meta.name}` } }]
      : [],
  );
  return [...settings, ...pools];
}

/** The other node has a route of its own to the pod's address, so it needs no translation to answer; or it lacks one that the cluster's network says it should have. */
function* capturedTargets(snapshot: Snapshot, node: Node, pod: Ip, declared: Declared | null): Generator<Target> {
  for (const other of snapshot.nodes) {
    const party = other === node ? null : podParty(snapshot, other, pod.family);
    const ip = party?.ip ?? null;
    const back = routeTo(other, pod);
    if (ip === null || routeTo(node, ip) === null || !other.named) continue;
    const shared = declared !== null && prefixContains(declared.prefix, ip);
    // Without a route of its own to that pod the node sends to it as to anybody in the internet.
    if (back === null && !shared) continue;
    const evidence = [
      ...(back === null
        ? []
        : [
            {
              span: partOf(snapshot, back.span, formatPrefix(back.dst)),
              why: `${other.name} has a route of its own to pods of ${node.name}`,
            },
          ]),
      ...(declared === null ? [] : [declared.evidence]),
    ];
    const network = shared ? declared.prefix : subnetOf(node, ip);
    yield { ip, node: other, network, evidence, assumption: null };
  }
}

function subnetOf(node: Node, ip: Ip): Prefix {
  return routeTo(node, ip)?.dst ?? hostPrefix(ip);
}

/** Subnets of nodes that were not captured: routes into tunnels, of the cluster's routing daemon, or inside the declared network. */
function* routedTargets(snapshot: Snapshot, node: Node, pod: Ip, declared: Declared | null): Generator<Target> {
  for (const route of node.host.routes.rows) {
    if (!leadsToPeer(route, declared) || route.dst.ip.family !== pod.family) continue;
    const ip = shifted(route.dst, pod);
    if (ip === null || snapshot.nodes.some((other) => other !== node && holdsSubnet(other, route.dst))) continue;
    const inside = declared !== null && prefixContains(declared.prefix, ip);
    yield {
      ip,
      node: null,
      network: inside ? declared.prefix : route.dst,
      evidence: inside ? [declared.evidence] : [],
      assumption: `the node behind ${formatPrefix(route.dst)} was not captured; it is taken to have a route to ${formatIp(pod)}, as this one has to its pods`,
    };
  }
}

function leadsToPeer(route: Route, declared: Declared | null): boolean {
  const { type, dst, table, nexthops, protocol } = route;
  const whole = dst.ip.family === 4 ? 32 : 128;
  if (type !== 'unicast' || table !== 'main' || dst.length < 8 || dst.length >= whole - 1) return false;
  // Every device has such a route: pods' own devices lead to nobody else.
  if (isLinkLocal(dst.ip)) return false;
  const tunnel = nexthops.some(
    ({ dev }) => dev !== null && ['flannel', 'Calico', 'Cilium'].includes(ownerOfLink(dev) ?? ''),
  );
  const remote = nexthops.some(({ via }) => via !== null);
  const inside = declared !== null && prefixCovers(declared.prefix, dst);
  return tunnel || (remote && (inside || (protocol !== null && ownerOfRoute(route) === 'Calico')));
}

function holdsSubnet(node: Node, subnet: Prefix): boolean {
  return node.host.addresses.rows.some(({ ip, dev }) => dev !== 'lo' && prefixContains(subnet, ip));
}

/** An address of the subnet that a pod may have; of a network that holds the own pods too, one far from them. */
function shifted(subnet: Prefix, pod: Ip): Ip | null {
  const far = prefixContains(subnet, pod) ? 0x100 : 0;
  const { ip } = subnet;
  const moved = ip.family === 4 ? { ...ip, a: (ip.a + 2 + far) >>> 0 } : { ...ip, d: (ip.d + 2 + far) >>> 0 };
  if (!prefixContains(subnet, moved)) return null;
  if (far === 0) return moved;
  // The own pods' neighbourhood: its first 24 bits are taken to be this node's.
  return ip.family === 4 && moved.a >>> 8 === pod.a >>> 8 ? { ...moved, a: (moved.a + far) >>> 0 } : moved;
}
