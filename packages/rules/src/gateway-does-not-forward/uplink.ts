/** A gateway whose routes were not captured still has its addresses: with one other network of its own, that is the way out. */
import {
  bareHop,
  bareRoute,
  formatIp,
  gapOf,
  type Node,
  type Prefix,
  type Reason,
  type Route,
  type RouteDump,
  type Snapshot,
} from '@coldtrace/core';
import { type HostNetwork, hostNetworks } from '../facts/host-networks.js';
import { showsRoutes } from '../facts/routes-shown.js';
import type { Clientele } from './clients.js';

export interface Uplink {
  readonly snapshot: Snapshot;
  /** What was made up; null: the routes are as captured. */
  readonly doubt: Reason | null;
}

export function withUplink(snapshot: Snapshot, { gateway, family, dev }: Clientele): Uplink {
  const networks = hostNetworks(gateway.host).filter(({ prefix }) => prefix.ip.family === family);
  const [way, another] = networks.filter(({ address }) => address.dev !== dev);
  if (showsRoutes(gateway.host, family) || way === undefined || another !== undefined) return { snapshot, doubt: null };
  const routes = [...networks.map((network) => routeTo(network.prefix, network)), routeTo(everything(way.prefix), way)];
  return {
    snapshot: { ...snapshot, nodes: snapshot.nodes.map((node) => (node === gateway ? routed(node, routes) : node)) },
    doubt: {
      dump: 'ip-route',
      text: `${gateway.name} is taken to send by ${way.address.dev} (${formatIp(way.address.ip)}), its only other network ${gapOf(gateway.name, gateway.host, 'ip-route')}`,
    },
  };
}

function everything({ ip }: Prefix): Prefix {
  return { ip: { ...ip, a: 0, b: 0, c: 0, d: 0 }, length: 0 };
}

function routeTo(dst: Prefix, { address }: HostNetwork): Route {
  return {
    ...bareRoute,
    family: dst.ip.family,
    type: 'unicast',
    dst,
    scope: 'link',
    nexthops: [bareHop(address.dev)],
    span: address.span,
  };
}

function routed(node: Node, rows: readonly Route[]): Node {
  const covers = [{ family: rows[0]?.family ?? 4, tables: ['main'] }] as const;
  const routes: RouteDump = { ...node.host.routes, state: 'partial', rows, covers };
  return { ...node, host: { ...node.host, routes } };
}
