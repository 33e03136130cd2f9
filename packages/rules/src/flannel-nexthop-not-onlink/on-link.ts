/** Whether a node has a network in which a peer's address stands: flannel's host-gw backend needs one. ip-route(8), `onlink`. */
import {
  type Address,
  type Evidence,
  type Family,
  formatIp,
  formatPrefix,
  type Ip,
  isCompleteFor,
  parseIp,
  prefixContains,
  prefixOf,
  type Route,
  type SeenLog,
  type Snapshot,
  sameIp,
} from '@coldtrace/core';
import { showsRoutes } from '../facts/routes-shown.js';
import { backendOf, chosenAddresses } from '../flannel/backend.js';
import { type CapturedNode, leaseOf } from '../flannel/common.js';
import { type FlannelNode, flannelLogs, hostAddresses, type Told } from '../flannel/flannel-node.js';

export interface NotOnLink {
  readonly gateway: Told<Ip>;
  readonly own: readonly Address[];
  /** All addresses and routes that could reach it are here. */
  readonly complete: boolean;
}

/** null: the gateway is on link, or nothing tells. */
export function notOnLink(snapshot: Snapshot, node: CapturedNode, peer: FlannelNode, family: Family): NotOnLink | null {
  if (backendOf(snapshot, node)?.value !== 'host-gw') return null;
  const gateways = gatewaysOf(snapshot, node, peer, family);
  const [gateway] = gateways;
  if (gateway === undefined) return null;
  const { host } = node.node;
  const own = hostAddresses(node.node, gateway.value.family);
  if (own.length === 0 || gateways.some(({ value }) => isOnLink(node, own, value))) return null;
  return {
    gateway,
    own,
    complete: isCompleteFor(host.addresses, gateway.value.family) && showsRoutes(host, gateway.value.family),
  };
}

/** What flanneld itself took for the gateway, else what the peer says, else any of its addresses. */
function gatewaysOf(snapshot: Snapshot, node: CapturedNode, peer: FlannelNode, family: Family): readonly Told<Ip>[] {
  const subnet = leaseOf(peer, family);
  const logged = flannelLogs(node.node).flatMap((row) => {
    const value = parseIp(row.data['via'] ?? '');
    const about = subnet !== null && row.data['subnet'] === formatPrefix(subnet.value);
    return value === null || !about
      ? []
      : [
          {
            value,
            evidence: { span: row.span, why: `flanneld takes ${formatIp(value)} as the gateway` },
            trust: 'claimed',
            source: 'log',
          } as const,
        ];
  });
  const chosen = chosenAddresses(snapshot, peer).filter(({ value }) => value.family === family);
  const known = chosen.filter(({ value }) => logged.length === 0 || logged.some((one) => sameIp(one.value, value)));
  return known.length > 0 ? known : logged.length > 0 ? logged : chosen;
}

function isOnLink({ node }: CapturedNode, own: readonly Address[], ip: Ip): boolean {
  if (own.some((row) => sameIp(row.ip, ip) || prefixContains(prefixOf(row.ip, row.prefixLength), ip))) return true;
  if (own.some(({ peer }) => peer !== null && sameIp(peer, ip))) return true;
  return node.host.routes.rows.some(
    (route) =>
      route.type === 'unicast' &&
      route.dst.length > 0 &&
      prefixContains(route.dst, ip) &&
      route.nexthops.some(({ via, dev }) => via === null && dev !== null),
  );
}

/** A route that names the gateway all the same, which takes `onlink` or came before the address changed. */
export function routeThrough({ node }: CapturedNode, gateway: Ip): Route | null {
  return (
    node.host.routes.rows.find(({ nexthops }) => nexthops.some(({ via }) => via !== null && sameIp(via, gateway))) ??
    null
  );
}

export function failureLogs({ node }: CapturedNode, gateway: Ip): readonly Evidence[] {
  return flannelLogs(node)
    .filter((row): row is SeenLog => row.event === 'flannel-route-failed' && row.data['via'] === formatIp(gateway))
    .slice(0, 2)
    .map(({ span }) => ({ span, why: 'the kernel refused the route' }));
}
