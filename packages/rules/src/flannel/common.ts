/** What the rules about flannel share: whose routes are all here, what a trace leaves in doubt, and how flanneld is started anew. */
import {
  type DumpId,
  type Family,
  type Node,
  type Outcome,
  type Prefix,
  prefixContains,
  type Reason,
  type Route,
  type Row,
  type Trust,
} from '@coldtrace/core';
import type { Certainty, FixStep } from '../finding.js';
import { annotation } from './announced.js';
import { type FlannelNode, flannelDevices, type Told } from './flannel-node.js';

export type CapturedNode = FlannelNode & { readonly node: Node };

export function captured(nodes: readonly FlannelNode[]): readonly CapturedNode[] {
  return nodes.flatMap((one) => (one.node === null ? [] : [{ ...one, node: one.node }]));
}

/** Every route of table main of that family is here. */
export function knowsRoutes({ host }: Node, family: Family): boolean {
  return host.routes.covers.some(
    (cover) => cover.family === family && (cover.tables === 'all' || cover.tables.includes('main')),
  );
}

/** Routes of the node that lead to the whole network, the most specific first; default routes are none. */
export function routesTo({ host }: Node, network: Prefix): readonly Route[] {
  return host.routes.rows
    .filter(
      ({ type, dst, family, table, trust }) =>
        type === 'unicast' &&
        family === network.ip.family &&
        table !== 'local' &&
        trust !== 'claimed' &&
        dst.length > 0 &&
        dst.length <= network.length &&
        prefixContains(dst, network.ip),
    )
    .sort((left, right) => right.dst.length - left.dst.length);
}

const linkLayer: readonly DumpId[] = ['ip-neigh', 'bridge-fdb', 'ip-link', 'ip-addr', 'ip-route', 'ip-rule'];

/** What a trace rests on, as far as these dumps decide. */
export function doubtsOf(outcome: Outcome | null, dumps: readonly DumpId[] = linkLayer): readonly Reason[] {
  const told = [...(outcome?.assumptions ?? []), ...(outcome?.because ?? [])];
  return told.filter(({ dump }) => dump !== null && dumps.includes(dump));
}

type Trusted = Pick<Row, 'trust'> | Pick<Told<unknown>, 'trust'>;

/** Proven only from captured rows of named nodes without doubts. */
export function certaintyOf(
  nodes: readonly FlannelNode[],
  rows: readonly Trusted[],
  doubts: readonly unknown[],
): Certainty {
  const isCaptured = ({ trust }: { readonly trust?: Trust }) => (trust ?? 'captured') === 'captured';
  const named = nodes.every(({ node }) => node?.named !== false);
  return named && rows.every(isCaptured) && doubts.length === 0 ? 'proven' : 'likely';
}

export function restartFlanneld({ name, object }: FlannelNode): FixStep {
  return {
    node: null,
    command: `kubectl -n kube-flannel delete pod --field-selector spec.nodeName=${object?.meta.name ?? name}`,
    disrupts: `nothing that works: pods of ${name} keep running while flanneld starts again`,
    undo: 'none needed: the daemonset makes the pod again',
  };
}

export const restartNote =
  'flanneld writes routes, neighbours and forwarding entries when it starts: as a pod (kubectl -n kube-flannel delete pod …) or as a service (systemctl restart flanneld).';

/** Its subnet: what flanneld wrote down, else what the API or a log says. */
export function leaseOf({ subnets }: FlannelNode, family: Family = 4): Told<Prefix> | null {
  return subnets.find(({ value }) => value.ip.family === family) ?? null;
}

/** A podCIDR of IPv6 may be somebody else's: IPv6 is flannel's matter where something of its own says so. */
export function carriedFamilies({ node, object }: FlannelNode): readonly Family[] {
  const announced = object !== null && annotation(object, 'public-ipv6') !== null;
  const configured = node?.settings.some(({ key }) => key === 'FLANNEL_IPV6_SUBNET') === true;
  return announced || configured || (node !== null && flannelDevices(node).some(isIpv6Device)) ? [4, 6] : [4];
}

/** flannel: pkg/backend/vxlan: a device for each family, of which the second has this name. */
export function isIpv6Device(name: string): boolean {
  return name.startsWith('flannel-v6');
}

export function linkRow(node: Node, name: string) {
  return node.host.links.rows.find((row) => row.name === name && row.trust !== 'claimed');
}
