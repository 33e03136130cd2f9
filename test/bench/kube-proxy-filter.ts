/** The filter table of a node with kube-proxy 1.28: kubernetes pkg/proxy/iptables/proxier.go and pkg/kubelet/kubelet_network_linux.go. */

import { serviceChain } from './chain-name.js';
import type { Cluster, ServicePort } from './cluster.js';
import { comment, type Table, type TableBuilder, tableBuilder } from './table.js';

const NEW = '-m conntrack --ctstate NEW';

export function filterTable(cluster: Cluster): Table {
  const table = tableBuilder();
  const { chain, rule } = table;
  for (const name of [
    'KUBE-EXTERNAL-SERVICES',
    'KUBE-KUBELET-CANARY',
    'KUBE-NODEPORTS',
    'KUBE-PROXY-CANARY',
    'KUBE-PROXY-FIREWALL',
    'KUBE-SERVICES',
  ]) {
    chain(name);
  }
  // Every jump is inserted at the head when kube-proxy starts, so the chains read backwards.
  const firewall = `${NEW} ${comment('kubernetes load balancer firewall')} -j KUBE-PROXY-FIREWALL`;
  const external = `${NEW} ${comment('kubernetes externally-visible service portals')} -j KUBE-EXTERNAL-SERVICES`;
  const portals = `${NEW} ${comment('kubernetes service portals')} -j KUBE-SERVICES`;
  rule('INPUT', firewall);
  rule('INPUT', `${comment('kubernetes health check service ports')} -j KUBE-NODEPORTS`);
  rule('INPUT', external);
  rule('INPUT', '-j KUBE-FIREWALL');
  rule('FORWARD', firewall);
  rule('FORWARD', `${comment('kubernetes forwarding rules')} -j KUBE-FORWARD`);
  rule('FORWARD', portals);
  rule('FORWARD', external);
  rule('OUTPUT', firewall);
  rule('OUTPUT', portals);
  rule('OUTPUT', '-j KUBE-FIREWALL');
  const localnet = comment('block incoming localnet connections');
  rule(
    'KUBE-FIREWALL',
    `! -s 127.0.0.0/8 -d 127.0.0.0/8 ${localnet} -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP`,
  );
  rule('KUBE-FORWARD', '-m conntrack --ctstate INVALID -j DROP');
  rule('KUBE-FORWARD', `${comment('kubernetes forwarding rules')} -m mark --mark 0x4000/0x4000 -j ACCEPT`);
  const established = comment('kubernetes forwarding conntrack rule');
  rule('KUBE-FORWARD', `${established} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`);
  for (const service of cluster.services) serviceRules(table, service);
  return { name: 'filter', builtin: ['INPUT', 'FORWARD', 'OUTPUT'], chains: table.chains };
}

function serviceRules({ rule }: TableBuilder, service: ServicePort): void {
  const { name, proto, port, loadBalancer, nodePort } = service;
  const hasEndpoints = service.endpoints.length > 0;
  const hasExternalEndpoints = service.externalPolicyLocal
    ? service.endpoints.some((endpoint) => endpoint.local)
    : hasEndpoints;
  const none = comment(`${name} has no ${hasEndpoints ? 'local ' : ''}endpoints`);
  const refuse = hasEndpoints ? '-j DROP' : '-j REJECT --reject-with icmp-port-unreachable';
  if (!hasEndpoints) {
    rule('KUBE-SERVICES', `-d ${service.clusterIp}/32 -p ${proto} ${none} -m ${proto} --dport ${port} ${refuse}`);
  }
  if (loadBalancer) {
    const to = `-d ${loadBalancer.ip}/32 -p ${proto}`;
    if (hasEndpoints && loadBalancer.sourceRanges.length > 0) {
      const refused = comment(`${name} traffic not accepted by ${serviceChain('KUBE-FW-', name, proto)}`);
      rule('KUBE-PROXY-FIREWALL', `${to} ${refused} -m ${proto} --dport ${port} -j DROP`);
    }
    if (!hasExternalEndpoints) {
      rule('KUBE-EXTERNAL-SERVICES', `${to} ${none} -m ${proto} --dport ${port} ${refuse}`);
    }
    if (loadBalancer.healthCheckNodePort !== undefined) {
      const health = comment(`${name} health check node port`);
      rule('KUBE-NODEPORTS', `-p tcp ${health} -m tcp --dport ${loadBalancer.healthCheckNodePort} -j ACCEPT`);
    }
  }
  if (nodePort !== undefined && !hasExternalEndpoints) {
    const local = '-m addrtype --dst-type LOCAL';
    rule('KUBE-EXTERNAL-SERVICES', `-p ${proto} ${none} ${local} -m ${proto} --dport ${nodePort} ${refuse}`);
  }
}
