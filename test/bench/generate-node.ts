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
    ['ip-neigh.txt', neighbourText(cluster)],
    ['ip-route.txt', routeText(cluster)],
    ['ip-rule.txt', '0:\tfrom all lookup local\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n'],
    ['ipset-list.txt', ipsetListText(cluster)],
    ['iptables-save.txt', kubeProxyDump(cluster, options)],
    ['ss.txt', listenerText],
    ['sysctl.txt', sysctlText(cluster)],
  ]);
}

/** As iproute2 6.1 prints it on a node with Calico: each pod's end is named by its network namespace id. */
function ipAddrText(cluster: Cluster): string {
  const forever = '       valid_lft forever preferred_lft forever';
  const up = '<BROADCAST,MULTICAST,UP,LOWER_UP>';
  const lines = [
    '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000',
    '    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00',
    '    inet 127.0.0.1/8 scope host lo',
    forever,
    `2: eth0: ${up} mtu 1500 qdisc fq_codel state UP group default qlen 1000`,
    `    link/ether ${macOf(cluster.nodeIp)} brd ff:ff:ff:ff:ff:ff`,
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

/** Locally administered, and told by the address, so that each node's neighbours agree with its links. */
function macOf(ip: string): string {
  return `02:00:${ip
    .split('.')
    .map((octet) => Number(octet).toString(16).padStart(2, '0'))
    .join(':')}`;
}

/** As many as the kernel keeps by default (net.ipv4.neigh.default.gc_thresh3). */
const mostNeighbours = 1000;

/** The nodes that it has sent pods' packets to, and its own pods. */
function neighbourText(cluster: Cluster): string {
  const nodes = [...new Set(cluster.blocks.map(({ via }) => via))].slice(0, mostNeighbours);
  const lines = [
    ...nodes.map((ip) => `${ip} dev eth0 lladdr ${macOf(ip)} REACHABLE `),
    ...cluster.localPods.map((ip, index) => `${ip} dev ${caliName(index)} lladdr ${macOf(ip)} STALE `),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** What listens on every node: sshd, the kubelet, kube-proxy (`ss -lntup`, iproute2 6.1). */
const listenerText = `Netid State  Recv-Q Send-Q Local Address:Port  Peer Address:PortProcess
tcp   LISTEN 0      128        127.0.0.1:10249      0.0.0.0:*
tcp   LISTEN 0      128          0.0.0.0:22         0.0.0.0:*
tcp   LISTEN 0      4096               *:10250            *:*
tcp   LISTEN 0      4096               *:10256            *:*
`;

/** The keys that decide a packet's way, sorted as `sysctl -a` sorts them. */
function sysctlText(cluster: Cluster): string {
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
