/** Addresses that stand behind a node: its pods', as the API, neighbour entries or routes tell. */
import { type Family, type Ip, type Node, type Snapshot, sameIp } from '@coldtrace/core';
import { deviceTowards } from '../who/towards.js';

export interface Behind {
  readonly ip: Ip;
  /** The host's device that leads to it. */
  readonly dev: string;
}

const bridges = /^(?:cni\d*|docker\d*|kube-bridge|cbr\d+|br-[0-9a-f]{12})$/;

/** The surest first. */
export function addressesBehind(snapshot: Snapshot, node: Node, family: Family): readonly Behind[] {
  const { host } = node;
  const listed = snapshot.objects.flatMap((object) =>
    object.kind === 'Pod' && object.nodeName === node.name && object.hostNetwork !== true ? object.ips : [],
  );
  const neighbours = host.neighbours.rows.flatMap(({ ip, dev }) => (bridges.test(dev) ? [ip] : []));
  const routed = host.routes.rows.flatMap(({ type, dst, nexthops }) => {
    const single = dst.length === (dst.ip.family === 4 ? 32 : 128);
    return type === 'unicast' && single && nexthops[0]?.via === null ? [dst.ip] : [];
  });
  const found: Behind[] = [];
  for (const ip of [...listed, ...neighbours, ...routed]) {
    if (ip.family !== family || found.some((one) => sameIp(one.ip, ip))) continue;
    if (host.addresses.rows.some((row) => sameIp(row.ip, ip))) continue;
    const dev = deviceTowards(host, ip);
    if (dev !== null) found.push({ ip, dev });
  }
  return found;
}
