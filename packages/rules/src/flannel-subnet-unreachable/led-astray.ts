/** Routes that stand where flannel's should be: one that refuses, or one that leads to somebody else than the peer. ip-route(8). */
import {
  type AssumeMode,
  type Family,
  formatIp,
  formatPrefix,
  type NextHop,
  type Prefix,
  prefixContains,
  type Route,
  type Snapshot,
  sameIp,
  samePrefix,
} from '@coldtrace/core';
import { fateOf } from '../connections/fate.js';
import { chosenAddresses } from '../flannel/backend.js';
import { betweenPods } from '../flannel/between-pods.js';
import type { CapturedNode } from '../flannel/common.js';
import { type FlannelNode, isFlannelDevice } from '../flannel/flannel-node.js';

const refusing: ReadonlySet<Route['type']> = new Set(['blackhole', 'unreachable', 'prohibit']);

/** The most specific route that refuses the network, where the one that leads on is not more specific. */
export function barrierTo({ node }: CapturedNode, network: Prefix, onward: Route | undefined): Route | null {
  const barriers = node.host.routes.rows.filter(
    ({ type, table, dst, trust }) =>
      refusing.has(type) &&
      table === 'main' &&
      trust !== 'claimed' &&
      dst.ip.family === network.ip.family &&
      dst.length > (onward?.dst.length ?? 0) &&
      dst.length <= network.length &&
      prefixContains(dst, network.ip),
  );
  return barriers.reduce<Route | null>((best, one) => (one.dst.length > (best?.dst.length ?? 0) ? one : best), null);
}

export interface Astray {
  readonly hop: NextHop & { readonly via: NonNullable<NextHop['via']>; readonly dev: string };
  readonly assumption: string | null;
}

/**
 * The next hop is neither flannel's (the first address of the subnet, behind its device) nor an address of the peer (`DirectRouting`), and what is sent
 * there does not arrive.
 */
export function astray(
  snapshot: Snapshot,
  node: CapturedNode,
  peer: FlannelNode,
  subnet: Prefix,
  { nexthops: [hop, another] }: Route,
  assume: AssumeMode,
): Astray | null {
  if (hop === undefined || another !== undefined || hop.via === null || hop.dev === null) return null;
  const { via, dev } = hop;
  const isPeers = [...chosenAddresses(snapshot, peer), ...peer.publicIps].some(({ value }) => sameIp(value, via));
  const held = peer.node?.host.addresses.rows.some(({ ip }) => sameIp(ip, via)) === true;
  if (isPeers || held || (isFlannelDevice(dev) && sameIp(via, subnet.ip))) return null;
  const fate = fateBetween(snapshot, node, peer, subnet.ip.family, assume);
  if (fate !== 'fails' && fate !== 'lost') return null;
  const assumption =
    fate === 'fails' ? null : `${formatIp(via)} was not captured; it is taken not to lead to the pods of ${peer.name}`;
  return { hop: { ...hop, via, dev }, assumption };
}

function fateBetween(
  snapshot: Snapshot,
  node: CapturedNode,
  peer: FlannelNode,
  family: Family,
  assume: AssumeMode,
): ReturnType<typeof fateOf> | null {
  const pair = betweenPods(snapshot, node, peer, family, assume);
  return pair === null ? null : fateOf(pair.trace);
}

/** Puts it back where a new route of the network replaced it; a route of another metric or network stays as it is. */
export function undoOfReplacing(former: Route, network: Prefix, command: string): string {
  const ip = network.ip.family === 6 ? 'ip -6' : 'ip';
  const taken = command.replace(' route replace ', ' route del ');
  const [hop] = former.nexthops;
  if (!samePrefix(former.dst, network) || (network.ip.family === 4 && former.metric !== 0)) return taken;
  if (refusing.has(former.type))
    return network.ip.family === 6 ? taken : `${ip} route replace ${former.type} ${formatPrefix(former.dst)}`;
  const words = [
    hop?.via == null ? '' : ` via ${formatIp(hop.via)}`,
    hop?.dev == null ? '' : ` dev ${hop.dev}`,
    hop?.onlink === true ? ' onlink' : '',
  ];
  return `${ip} route replace ${formatPrefix(former.dst)}${words.join('')}`;
}
