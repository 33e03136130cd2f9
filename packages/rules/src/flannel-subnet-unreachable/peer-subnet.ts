/** Which subnet a peer's pods have: what flanneld or the API says, else what the peer's own devices and the routes of others show. flannel: pkg/backend/vxlan. */
import { type Family, formatPrefix, type Prefix, prefixOf, type Route, type Snapshot, sameIp } from '@coldtrace/core';
import { type CapturedNode, isIpv6Device, leaseOf } from '../flannel/common.js';
import { type FlannelNode, podBridge, type Told, vteps } from '../flannel/flannel-node.js';

export interface PeerSubnet {
  readonly subnet: Told<Prefix>;
  /** Named where nobody says so outright. */
  readonly assumption: string | null;
}

export function peerSubnet(snapshot: Snapshot, peer: FlannelNode, family: Family): PeerSubnet | null {
  const lease = leaseOf(peer, family);
  if (lease !== null && lease.source !== 'route') return { subnet: lease, assumption: null };
  if (peer.node === null) return null;
  const shown = shownSubnet(snapshot, { ...peer, node: peer.node }, family);
  if (shown === null) return null;
  const assumption = `the subnet of ${peer.name} was not captured (subnet-env, nodes); it is taken to be ${formatPrefix(shown.value)}, as others route it there`;
  return { subnet: shown, assumption };
}

/** The tunnel device has the first address of the subnet. A captured node that routes to it tells that both are of one network; the bridge or that route tells the length. */
function shownSubnet({ nodes }: Snapshot, peer: CapturedNode, family: Family): Told<Prefix> | null {
  const { addresses } = peer.node.host;
  const ends = vteps(peer.node).filter((name) => isIpv6Device(name) === (family === 6));
  const end = addresses.rows.find(({ dev, ip }) => ends.includes(dev) && ip.family === family);
  if (end === undefined) return null;
  const leads = ({ type, dst, nexthops }: Route) =>
    type === 'unicast' && sameIp(dst.ip, end.ip) && nexthops.some(({ via }) => via !== null && sameIp(via, end.ip));
  const [route] = nodes.filter((node) => node !== peer.node).flatMap(({ host }) => host.routes.rows.filter(leads));
  if (route === undefined) return null;
  const name = podBridge(peer.node);
  const bridge = addresses.rows.find(
    ({ dev, ip, prefixLength }) => dev === name && sameIp(prefixOf(ip, prefixLength).ip, end.ip),
  );
  const row = bridge ?? route;
  return {
    value: bridge === undefined ? route.dst : prefixOf(bridge.ip, bridge.prefixLength),
    evidence: {
      span: row.span,
      why: bridge === undefined ? `another node sends this to ${peer.name}` : `the pods of ${peer.name} stand here`,
    },
    trust: row.trust ?? 'captured',
    source: 'shown',
  };
}
