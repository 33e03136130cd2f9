/** The nat table of kube-proxy 1.28 in iptables mode: kubernetes pkg/proxy/iptables/proxier.go, `syncProxyRules`. */

import { endpointChain, serviceChain } from './chain-name.js';
import type { Cluster, Endpoint, ServicePort } from './cluster.js';
import { comment, type Table, type TableBuilder, tableBuilder } from './table.js';

const RECENT_KEY = '--mask 255.255.255.255 --rsource';
const LOCAL_SOURCE = '-m addrtype --src-type LOCAL';

export function natTable(cluster: Cluster, endpointComments: boolean): Table {
  const table = tableBuilder();
  const { chain, rule } = table;
  for (const name of ['KUBE-KUBELET-CANARY', 'KUBE-NODEPORTS', 'KUBE-PROXY-CANARY']) chain(name);
  const portals = `${comment('kubernetes service portals')} -j KUBE-SERVICES`;
  rule('PREROUTING', portals);
  rule('OUTPUT', portals);
  rule('POSTROUTING', `${comment('kubernetes postrouting rules')} -j KUBE-POSTROUTING`);
  rule('KUBE-MARK-MASQ', '-j MARK --set-xmark 0x4000/0x4000');
  rule('KUBE-POSTROUTING', '-m mark ! --mark 0x4000/0x4000 -j RETURN');
  rule('KUBE-POSTROUTING', '-j MARK --set-xmark 0x4000/0x0');
  const snat = comment('kubernetes service traffic requiring SNAT');
  rule('KUBE-POSTROUTING', `${snat} -j MASQUERADE --random-fully`);
  for (const service of cluster.services) {
    if (service.endpoints.length > 0) serviceRules(table, service, cluster.podCidr, endpointComments);
  }
  const last = comment('kubernetes service nodeports; NOTE: this must be the last rule in this chain');
  rule('KUBE-SERVICES', `${last} -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS`);
  return { name: 'nat', builtin: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'], chains: table.chains };
}

function serviceRules(table: TableBuilder, service: ServicePort, podCidr: string, endpointComments: boolean): void {
  const { rule } = table;
  const { name, proto, port, loadBalancer, nodePort } = service;
  const cluster = serviceChain('KUBE-SVC-', name, proto);
  const external = serviceChain('KUBE-EXT-', name, proto);
  const toCluster = `-d ${service.clusterIp}/32 -p ${proto} ${comment(`${name} cluster IP`)} -m ${proto} --dport ${port}`;
  rule('KUBE-SERVICES', `${toCluster} -j ${cluster}`);
  rule(cluster, `! -s ${podCidr} ${toCluster} -j KUBE-MARK-MASQ`);

  if (loadBalancer) {
    const guarded = loadBalancer.sourceRanges.length > 0;
    const chain = guarded ? serviceChain('KUBE-FW-', name, proto) : external;
    const what = comment(`${name} loadbalancer IP`);
    rule('KUBE-SERVICES', `-d ${loadBalancer.ip}/32 -p ${proto} ${what} -m ${proto} --dport ${port} -j ${chain}`);
    if (guarded) {
      for (const range of loadBalancer.sourceRanges) rule(chain, `-s ${range} ${what} -j ${external}`);
      rule(chain, comment(`other traffic to ${name} will be dropped by KUBE-PROXY-FIREWALL`));
    }
  }
  if (nodePort !== undefined) {
    rule('KUBE-NODEPORTS', `-p ${proto} ${comment(name)} -m ${proto} --dport ${nodePort} -j ${external}`);
    externalRules(table, service, podCidr, { cluster, external });
  }

  const affected = service.endpoints.map((endpoint) => named(service, endpoint));
  balance(table, service, cluster, affected, endpointComments);
  if (service.externalPolicyLocal) {
    const local = affected.filter(({ endpoint }) => endpoint.local);
    balance(table, service, serviceChain('KUBE-SVL-', name, proto), local, endpointComments);
  }
  for (const { endpoint, chain, address } of affected) {
    const what = endpointComments ? `${comment(name)} ` : '';
    const recent = service.affinitySeconds === undefined ? '' : `-m recent --set --name ${chain} ${RECENT_KEY} `;
    rule(chain, `-s ${endpoint.ip}/32 ${what}-j KUBE-MARK-MASQ`);
    rule(chain, `-p ${proto} ${what}${recent}-m ${proto} -j DNAT --to-destination ${address}`);
  }
}

function externalRules(
  { rule }: TableBuilder,
  service: ServicePort,
  podCidr: string,
  chains: { readonly cluster: string; readonly external: string },
): void {
  const { cluster, external } = chains;
  const about = (what: string): string => comment(`${what} traffic for ${service.name} external destinations`);
  if (!service.externalPolicyLocal) {
    rule(external, `${about('masquerade')} -j KUBE-MARK-MASQ`);
    rule(external, `-j ${cluster}`);
    return;
  }
  rule(external, `-s ${podCidr} ${about('pod')} -j ${cluster}`);
  rule(external, `${about('masquerade LOCAL')} ${LOCAL_SOURCE} -j KUBE-MARK-MASQ`);
  rule(external, `${about('route LOCAL')} ${LOCAL_SOURCE} -j ${cluster}`);
  if (service.endpoints.some((endpoint) => endpoint.local)) {
    rule(external, `-j ${serviceChain('KUBE-SVL-', service.name, service.proto)}`);
  }
}

interface NamedEndpoint {
  readonly endpoint: Endpoint;
  readonly address: string;
  readonly chain: string;
}

function named(service: ServicePort, endpoint: Endpoint): NamedEndpoint {
  const address = `${endpoint.ip}:${endpoint.port}`;
  return { endpoint, address, chain: endpointChain(service.name, service.proto, address) };
}

/** First the endpoint a client had before, then chance: 1/n, 1/(n-1), …, and the last one always. */
function balance(
  { rule }: TableBuilder,
  service: ServicePort,
  from: string,
  endpoints: readonly NamedEndpoint[],
  endpointComments: boolean,
): void {
  const to = (address: string): string => (endpointComments ? `${comment(`${service.name} -> ${address}`)} ` : '');
  if (service.affinitySeconds !== undefined) {
    for (const { address, chain } of endpoints) {
      const recent = `-m recent --rcheck --seconds ${service.affinitySeconds} --reap --name ${chain} ${RECENT_KEY}`;
      rule(from, `${to(address)}${recent} -j ${chain}`);
    }
  }
  endpoints.forEach(({ address, chain }, index) => {
    const left = endpoints.length - index;
    const chance = left > 1 ? `-m statistic --mode random --probability ${probability(left)} ` : '';
    rule(from, `${to(address)}${chance}-j ${chain}`);
  });
}

/** kube-proxy writes 1/n with ten digits, the kernel keeps 31 bits of it, and iptables prints those with eleven. */
export function probability(n: number): string {
  const written = Number((1 / n).toFixed(10));
  return (Math.round(written * 0x80000000) / 0x80000000).toFixed(11);
}
