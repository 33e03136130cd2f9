/** Pods of a node whose namespaces were not captured: their addresses behind the devices that lead to them. */
import {
  type Evidence,
  formatIp,
  hostPrefix,
  type Ip,
  type KubePod,
  type Node,
  type Origin,
  prefixContains,
  prefixOf,
  type Snapshot,
  sameIp,
} from '@coldtrace/core';
import { isOn } from '../facts/api-nodes.js';
import { type Owner, ownerOfLink } from '../owner/owner.js';
import { deviceTowards } from '../who/towards.js';
import type { Clientele } from './clients.js';

/** One clientele for each device behind which a pod is known to be. */
export function podNetworks(snapshot: Snapshot, gateway: Node): readonly Clientele[] {
  const found = new Map<string, Clientele>();
  for (const { name, ip, evidence } of [...listedPods(snapshot, gateway), ...neighbours(gateway)]) {
    const dev = deviceTowards(gateway.host, ip);
    if (dev === null || found.has(dev) || !leadsToPods(dev)) continue;
    const origin: Origin = { kind: 'entering', node: gateway, ns: gateway.host, dev, src: ip };
    const clients = [{ name, ip, origin, evidence: [evidence], doubt: null }] as const;
    const own = gateway.host.addresses.rows.find((row) => row.dev === dev && row.ip.family === ip.family);
    const network = own === undefined ? hostPrefix(ip) : prefixOf(own.ip, own.prefixLength);
    found.set(dev, { gateway, family: ip.family, dev, network, clients, inside: true, assumption: null });
  }
  return [...found.values()];
}

function leadsToPods(dev: string): boolean {
  const owner = ownerOfLink(dev);
  return (owner !== null && ofPods.includes(owner)) || /^(?:veth|gke)/.test(dev);
}

const ofPods: readonly Owner[] = ['Calico', 'CNI bridge', 'docker', 'Weave', 'AWS VPC CNI', 'Azure CNI'];

interface KnownPod {
  readonly name: string;
  readonly ip: Ip;
  readonly evidence: Evidence;
}

function listedPods(snapshot: Snapshot, node: Node): readonly KnownPod[] {
  return snapshot.objects
    .filter(
      (one): one is KubePod => one.kind === 'Pod' && isOn(snapshot, node, one.nodeName) && one.hostNetwork !== true,
    )
    .flatMap(({ ips, meta, span }) =>
      ips
        .filter((ip) => !node.host.addresses.rows.some((row) => sameIp(row.ip, ip)))
        .map((ip) => ({
          name: `pod ${meta.name}`,
          ip,
          evidence: { span, why: `pod ${meta.name} is ${formatIp(ip)}` },
        })),
    );
}

/** Deleted pods leave FAILED entries behind. */
function neighbours({ host }: Node): readonly KnownPod[] {
  return host.neighbours.rows
    .filter(({ ip, dev, nud, lladdr }) => {
      const known = lladdr !== null && nud !== 'FAILED' && nud !== 'INCOMPLETE';
      const own = host.addresses.rows.find((row) => row.dev === dev && row.ip.family === ip.family);
      return known && leadsToPods(dev) && own !== undefined && prefixContains(prefixOf(own.ip, own.prefixLength), ip);
    })
    .map(({ ip, dev, span }) => ({
      name: `pod ${formatIp(ip)}`,
      ip,
      evidence: { span, why: `${formatIp(ip)} stands behind ${dev}` },
    }));
}
