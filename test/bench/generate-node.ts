/** Everything a collector captures on one node of a generated cluster, under the names of the files it writes. */
import { type Cluster, type ClusterOptions, generateCluster } from './cluster.js';
import { ipsetListText } from './generate-ipset.js';
import { type KubeProxyOptions, kubeProxyDump } from './generate-kube-proxy.js';
import { caliName, routeText } from './generate-routes.js';

export function nodeFiles(options: ClusterOptions & KubeProxyOptions): ReadonlyMap<string, string> {
  return nodeDumps(generateCluster(options), options);
}

export function nodeDumps(cluster: Cluster, options: KubeProxyOptions = {}): ReadonlyMap<string, string> {
  return new Map([
    ['hostname', `${cluster.nodeName}\n`],
    ['ip-addr.txt', ipAddrText(cluster)],
    ['ip-route.txt', routeText(cluster)],
    ['ip-rule.txt', '0:\tfrom all lookup local\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n'],
    ['ipset-list.txt', ipsetListText(cluster)],
    ['iptables-save.txt', kubeProxyDump(cluster, options)],
    ['sysctl.txt', sysctlText(cluster)],
  ]);
}

/** As iproute2 6.1 prints it on a node with Calico: each pod's end is named by its network namespace id. */
export function ipAddrText(cluster: Cluster): string {
  const forever = '       valid_lft forever preferred_lft forever';
  const octets = cluster.nodeIp.split('.').map((octet) => Number(octet).toString(16).padStart(2, '0'));
  const up = '<BROADCAST,MULTICAST,UP,LOWER_UP>';
  const lines = [
    '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000',
    '    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00',
    '    inet 127.0.0.1/8 scope host lo',
    forever,
    `2: eth0: ${up} mtu 1500 qdisc fq_codel state UP group default qlen 1000`,
    `    link/ether 02:00:${octets.join(':')} brd ff:ff:ff:ff:ff:ff`,
    `    inet ${cluster.nodeIp}/16 brd 192.168.255.255 scope global eth0`,
    forever,
  ];
  cluster.localPods.forEach((_, index) => {
    lines.push(
      `${index + 3}: ${caliName(index)}@if2: ${up} mtu 1500 qdisc noqueue state UP group default qlen 1000`,
      `    link/ether ee:ee:ee:ee:ee:ee brd ff:ff:ff:ff:ff:ff link-netnsid ${index}`,
    );
  });
  return `${lines.join('\n')}\n`;
}

/** The keys that decide a packet's way, sorted as `sysctl -a` sorts them. */
export function sysctlText(cluster: Cluster): string {
  const lines = [
    'net.bridge.bridge-nf-call-arptables = 1',
    'net.bridge.bridge-nf-call-ip6tables = 1',
    'net.bridge.bridge-nf-call-iptables = 1',
    'net.ipv4.fib_multipath_hash_policy = 0',
    'net.ipv4.ip_default_ttl = 64',
    'net.ipv4.ip_forward = 1',
    'net.ipv4.ip_local_port_range = 32768\t60999',
    'net.ipv4.ip_nonlocal_bind = 0',
    'net.ipv6.conf.all.disable_ipv6 = 1',
    'net.ipv6.conf.default.disable_ipv6 = 1',
    'net.netfilter.nf_conntrack_max = 262144',
    'net.netfilter.nf_conntrack_tcp_be_liberal = 0',
  ];
  const interfaces = ['all', 'default', 'eth0', 'lo', ...cluster.localPods.map((_, index) => caliName(index))];
  for (const name of interfaces) {
    const pod = name.startsWith('cali');
    lines.push(
      `net.ipv4.conf.${name}.accept_local = 0`,
      `net.ipv4.conf.${name}.arp_ignore = 0`,
      `net.ipv4.conf.${name}.forwarding = 1`,
      `net.ipv4.conf.${name}.proxy_arp = ${pod ? 1 : 0}`,
      `net.ipv4.conf.${name}.route_localnet = ${name === 'all' || pod ? 1 : 0}`,
      `net.ipv4.conf.${name}.rp_filter = ${pod ? 1 : 0}`,
      `net.ipv4.conf.${name}.src_valid_mark = 0`,
    );
  }
  return `${lines.sort().join('\n')}\n`;
}
