/** `ipset list` of a node whose kube-proxy runs in IPVS mode: kubernetes pkg/proxy/ipvs/ipset.go, print of ipset 7.17. */
import type { Cluster } from './cluster.js';
import { prng } from './prng.js';

interface SetType {
  readonly type: string;
  readonly revision: number;
  readonly bytes: { readonly empty: number; readonly each: number };
}

const IP_PORT: SetType = { type: 'hash:ip,port', revision: 7, bytes: { empty: 216, each: 48 } };
const IP_PORT_IP: SetType = { type: 'hash:ip,port,ip', revision: 6, bytes: { empty: 216, each: 48 } };
const IP_PORT_NET: SetType = { type: 'hash:ip,port,net', revision: 8, bytes: { empty: 472, each: 48 } };
const PORT: SetType = { type: 'bitmap:port', revision: 3, bytes: { empty: 8264, each: 0 } };

/** hash sets with kube-proxy's limit of 65536 members. */
const MAX_MEMBERS = 65_536;

export interface IpSet {
  readonly name: string;
  readonly type: SetType;
  readonly members: readonly string[];
}

export function ipvsSets(cluster: Cluster): readonly IpSet[] {
  const { services } = cluster;
  const live = services.filter((service) => service.endpoints.length > 0);
  const balancers = services.flatMap((service) => {
    const { loadBalancer } = service;
    return loadBalancer
      ? [{ ...loadBalancer, service, entry: `${loadBalancer.ip},${service.proto}:${service.port}` }]
      : [];
  });
  const guarded = balancers.filter((balancer) => balancer.sourceRanges.length > 0);
  const nodePorts = (proto: 'tcp' | 'udp', local: boolean): string[] =>
    services
      .filter((service) => service.proto === proto && (!local || service.externalPolicyLocal))
      .flatMap((service) => (service.nodePort === undefined ? [] : [service.nodePort]))
      .sort((a, b) => a - b)
      .map(String);
  const hash = (name: string, type: SetType, members: readonly string[]): IpSet => ({
    name,
    type,
    members: [...new Set(members)].slice(0, MAX_MEMBERS),
  });
  const ports = (name: string, members: readonly string[]): IpSet => ({ name, type: PORT, members });
  return [
    hash(
      'KUBE-LOOP-BACK',
      IP_PORT_IP,
      live.flatMap(({ endpoints, proto }) =>
        endpoints.filter(({ local }) => local).map(({ ip, port }) => `${ip},${proto}:${port},${ip}`),
      ),
    ),
    hash(
      'KUBE-CLUSTER-IP',
      IP_PORT,
      live.map((service) => `${service.clusterIp},${service.proto}:${service.port}`),
    ),
    hash(
      'KUBE-LOAD-BALANCER',
      IP_PORT,
      balancers.map(({ entry }) => entry),
    ),
    hash(
      'KUBE-LOAD-BALANCER-LOCAL',
      IP_PORT,
      balancers.filter(({ service }) => service.externalPolicyLocal).map(({ entry }) => entry),
    ),
    hash(
      'KUBE-LOAD-BALANCER-FW',
      IP_PORT,
      guarded.map(({ entry }) => entry),
    ),
    hash(
      'KUBE-LOAD-BALANCER-SOURCE-CIDR',
      IP_PORT_NET,
      guarded.flatMap(({ entry, sourceRanges }) =>
        sourceRanges.map((range) => `${entry},${range.replace(/\/32$/, '')}`),
      ),
    ),
    ports('KUBE-NODE-PORT-TCP', nodePorts('tcp', false)),
    ports('KUBE-NODE-PORT-LOCAL-TCP', nodePorts('tcp', true)),
    ports('KUBE-NODE-PORT-UDP', nodePorts('udp', false)),
    ports('KUBE-NODE-PORT-LOCAL-UDP', nodePorts('udp', true)),
  ];
}

export function ipsetListText(cluster: Cluster): string {
  const random = prng(7);
  return ipvsSets(cluster)
    .map((set) => printSet(set, random.below(2 ** 32)))
    .join('\n');
}

/** `initval`, the table's size and the bytes depend on the kernel's seed; they are plausible, not predicted. */
function printSet({ name, type, members }: IpSet, initval: number): string {
  const hashsize = Math.max(1024, 2 ** Math.ceil(Math.log2(Math.max(1, members.length / 2))));
  const hashed = `family inet hashsize ${hashsize} maxelem ${MAX_MEMBERS} bucketsize 12 initval 0x${initval.toString(16).padStart(8, '0')}`;
  return [
    `Name: ${name}`,
    `Type: ${type.type}`,
    `Revision: ${type.revision}`,
    `Header: ${type === PORT ? 'range 0-65535' : hashed}`,
    `Size in memory: ${type.bytes.empty + members.length * type.bytes.each}`,
    'References: 0',
    `Number of entries: ${members.length}`,
    'Members:',
    ...members,
    '',
  ].join('\n');
}
