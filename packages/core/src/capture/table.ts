/**
 * What to capture on a node: one row per dump. The README's list, `coldtrace collect`, the `collect` field of what could not be
 * evaluated, and the names of missing dumps in verdicts all come from this table.
 */
export interface DumpEntry {
  /** Command to run on the node, read-only. */
  readonly command: string;
  /** File name that the collector gives the output. */
  readonly file: string;
  /** What it holds, for people. */
  readonly holds: string;
  /** Part of the ten commands that settle most questions. */
  readonly essential: boolean;
}

const entry = (command: string, file: string, holds: string, essential = false): DumpEntry => ({
  command,
  file,
  holds,
  essential,
});

/** Every dump by its id, the name it has in `Reason.dump`, in the `needs` of rules and in `notEvaluated`. */
export const dumps = {
  'iptables-save': entry('iptables-save -c', 'iptables-save.txt', 'IPv4 packet filter and NAT rules', true),
  'ip6tables-save': entry('ip6tables-save -c', 'ip6tables-save.txt', 'IPv6 packet filter and NAT rules'),
  'iptables-legacy-save': entry(
    'iptables-legacy-save -c',
    'iptables-legacy-save.txt',
    'IPv4 rules of the legacy variant',
  ),
  'ip6tables-legacy-save': entry(
    'ip6tables-legacy-save -c',
    'ip6tables-legacy-save.txt',
    'IPv6 rules of the legacy variant',
  ),
  'ipset-list': entry('ipset list', 'ipset-list.txt', 'IP sets that rules refer to', true),
  'ip-addr': entry('ip addr', 'ip-addr.txt', 'interfaces and their addresses', true),
  'ip-link': entry('ip -d -s link', 'ip-link.txt', 'interface kinds, masters, MTUs, VXLAN and bridge details', true),
  'ip-route': entry('ip route show table all', 'ip-route.txt', 'IPv4 routes of all tables', true),
  'ip-6-route': entry('ip -6 route show table all', 'ip-6-route.txt', 'IPv6 routes of all tables'),
  'ip-rule': entry('ip rule', 'ip-rule.txt', 'IPv4 policy routing rules', true),
  'ip-6-rule': entry('ip -6 rule', 'ip-6-rule.txt', 'IPv6 policy routing rules'),
  'fib-trie': entry('cat /proc/net/fib_trie', 'fib-trie.txt', 'whether IPv4 keeps the tables local and main as one'),
  'ip-neigh': entry('ip neigh', 'ip-neigh.txt', 'neighbour (ARP, ND) entries', true),
  'ip-nexthop': entry('ip nexthop', 'ip-nexthop.txt', 'nexthop objects that routes refer to'),
  'ip-addrlabel': entry('ip addrlabel', 'ip-addrlabel.txt', 'labels for IPv6 source selection'),
  'ip-maddr': entry('ip maddr', 'ip-maddr.txt', 'multicast groups that devices listen to'),
  'bridge-fdb': entry('bridge fdb', 'bridge-fdb.txt', 'bridge and VXLAN forwarding entries'),
  sysctl: entry('sysctl -a', 'sysctl.txt', 'kernel parameters', true),
  conntrack: entry('conntrack -L', 'conntrack.txt', 'tracked connections', true),
  ipvsadm: entry('ipvsadm -Sn', 'ipvsadm.txt', 'IPVS virtual servers'),
  'ipvs-connections': entry(
    'ipvsadm -Lnc',
    'ipvsadm-connections.txt',
    'connections that IPVS balances, and whom it keeps at which server',
  ),
  ss: entry(
    'ss -antup --inet-sockopt',
    'ss.txt',
    'sockets; a version of ss that lacks `--inet-sockopt` does without',
    true,
  ),
  'nfnetlink-queue': entry(
    'cat /proc/net/netfilter/nfnetlink_queue',
    'nfnetlink-queue.txt',
    'queues of NFQUEUE that a program listens on',
  ),
  'xt-recent': entry(
    'tail -n +1 /proc/net/xt_recent/* /dev/null',
    'xt-recent.txt',
    'the lists of `-m recent`: whose packets were seen lately, and how often',
  ),
  uname: entry('uname -a', 'uname.txt', 'kernel version'),
  hostname: entry('hostname', 'hostname', 'name of the node'),
  date: entry('date', 'date.txt', 'time of the capture'),
  'nft-ruleset': entry('nft list ruleset', 'nft-ruleset.txt', 'native nftables rules'),
  'ip-xfrm': entry('ip xfrm policy', 'ip-xfrm.txt', 'IPsec policies; packets that one may take are not followed'),
  'ip-xfrm-state': entry(
    'ip xfrm state count',
    'ip-xfrm-state.txt',
    'how many IPsec states there are (never their keys)',
  ),
  bpftool: entry(
    'bpftool net',
    'bpftool-net.txt',
    'eBPF programs at devices; packets that one may take are not followed',
  ),
  'kube-proxy-config': entry(
    'kubectl -n kube-system get configmap kube-proxy -o yaml',
    'kube-proxy-configmap.yaml',
    'kube-proxy configuration',
  ),
  nodes: entry('kubectl get nodes -o yaml', 'nodes.yaml', 'Node objects'),
  pods: entry('kubectl get pods -A -o yaml', 'pods.yaml', 'Pod objects'),
  services: entry('kubectl get services -A -o yaml', 'services.yaml', 'Service objects'),
  endpointslices: entry('kubectl get endpointslices -A -o yaml', 'endpointslices.yaml', 'endpoints of the Services'),
  ippools: entry('kubectl get ippools.crd.projectcalico.org -o yaml', 'ippools.yaml', 'Calico address pools'),
  'cni-networks': entry(
    'head -n 2 /var/lib/cni/networks/*/*',
    'cni-networks.txt',
    'pod addresses that the host-local plugin has reserved',
  ),
  'crictl-pods': entry('crictl pods', 'crictl-pods.txt', 'pod sandboxes that run on the node'),
  'subnet-env': entry('cat /run/flannel/subnet.env', 'subnet.env', "the node's subnet, as flannel leased it"),
  'flannel-config': entry(
    'kubectl -n kube-flannel get configmap kube-flannel-cfg -o yaml',
    'kube-flannel-cfg.yaml',
    "flannel's network and backend as configured",
  ),
  'docker-options': entry('cat /run/flannel/docker', 'docker', "docker's options, as flannel wrote them"),
  certificates: entry(
    "find /var/lib/rancher /var/lib/kubelet/pki /etc/kubernetes/pki -name '*.crt' -print -exec openssl x509 -noout -text -in {} ';'",
    'certificates.txt',
    'certificates (never their keys), each below the name of its file',
  ),
  'public-keys': entry(
    "find /var/lib/rancher /etc/kubernetes/pki -name '*.key' -print -exec openssl pkey -passin pass: -pubout -in {} ';'",
    'public-keys.txt',
    'the public halves of the keys beside certificates',
  ),
  'k3s-config': entry('cat /etc/rancher/k3s/config.yaml', 'k3s-config.yaml', 'options of k3s'),
  'k3s-unit': entry('systemctl cat k3s k3s-agent', 'k3s-unit.txt', 'command line and environment of k3s'),
} as const satisfies Readonly<Record<string, DumpEntry>>;

/** Key of `dumps`: `ip-route`, `ipset-list`, … */
export type DumpId = keyof typeof dumps;

/** The command that collects a dump, for "not evaluated, run this". */
export function collectCommand(id: DumpId): string {
  return dumps[id].command;
}
