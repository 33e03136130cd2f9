/** Who writes a chain, rule, route, device or address, and would write it again: a fix must go where its owner keeps it. */

/** The component that keeps it, in its own name; `the kernel` for what follows from an address or a link; null: nothing tells, so a person or a script. */
export type Owner =
  | 'kube-proxy'
  | 'kubelet'
  | 'Calico'
  | 'Cilium'
  | 'flannel'
  | 'Weave'
  | 'kube-router'
  | 'docker'
  | 'podman'
  | 'CNI portmap'
  | 'CNI firewall'
  | 'CNI bridge'
  | 'NodeLocal DNS'
  | 'Istio'
  | 'AWS VPC CNI'
  | 'Azure CNI'
  | 'ip-masq-agent'
  | 'kindnet'
  | 'OVN-Kubernetes'
  | 'Antrea'
  | 'Tailscale'
  | 'firewalld'
  | 'ufw'
  | 'libvirt'
  | 'fail2ban'
  | 'the network configuration'
  | 'the kernel';

type Named = readonly [RegExp, Owner];

/** Names of chains as each component writes them; the first that fits. */
const chains: readonly Named[] = [
  [/^KUBE-(?:FIREWALL|KUBELET-CANARY|IPTABLES-HINT)$/, 'kubelet'],
  [/^KUBE-(?:ROUTER-|POD-FW-|NWPLCY-|DST-|SRC-)/, 'kube-router'],
  [/^KUBE-/, 'kube-proxy'],
  [/^cali-/, 'Calico'],
  [/^(?:OLD_)?CILIUM_/, 'Cilium'],
  [/^FLANNEL-/, 'flannel'],
  [/^WEAVE/, 'Weave'],
  [/^DOCKER(?:$|-)/, 'docker'],
  [/^NETAVARK/, 'podman'],
  [/^CNI-(?:HOSTPORT-|DN-|SN-)/, 'CNI portmap'],
  [/^CNI-(?:FORWARD|ADMIN|ISOLATION)/, 'CNI firewall'],
  [/^CNI-[0-9a-f]{20,}$/, 'CNI bridge'],
  [/^ISTIO_/, 'Istio'],
  [/^AWS-(?:SNAT|CONNMARK)-CHAIN-/, 'AWS VPC CNI'],
  [/^(?:SWIFT-POSTROUTING|AZURECNI|AZURE-NPM)/, 'Azure CNI'],
  [/^IP-MASQ(?:-AGENT)?$/, 'ip-masq-agent'],
  [/^KIND-MASQ-AGENT$/, 'kindnet'],
  [/^OVN-KUBE-/, 'OVN-Kubernetes'],
  [/^ANTREA-/, 'Antrea'],
  [/^ts-(?:input|forward|postrouting)$/, 'Tailscale'],
  [/^ufw6?-/, 'ufw'],
  [/^LIBVIRT_/, 'libvirt'],
  [/^f2b-/, 'fail2ban'],
  [/^(?:IN|FWD|FWDI|FWDO|PRE|POST)_/, 'firewalld'],
  [
    /^(?:INPUT|OUTPUT|FORWARD|FORWARD_IN|FORWARD_OUT|PREROUTING|POSTROUTING)_(?:direct|ZONES(?:_SOURCE)?|POLICIES_(?:pre|post))$/,
    'firewalld',
  ],
];

const devices: readonly Named[] = [
  [/^(?:kube-ipvs0)$/, 'kube-proxy'],
  [/^(?:cali|tunl0$|vxlan\.calico$|vxlan-v6\.calico$|wireguard\.cali|wg-v6\.cali|bpf(?:in|out)\.cali)/, 'Calico'],
  [/^(?:cilium_|lxc)/, 'Cilium'],
  [/^flannel/, 'flannel'],
  [/^(?:weave|vethwe)/, 'Weave'],
  [/^kube-(?:bridge|dummy-if)$/, 'kube-router'],
  [/^(?:docker\d*|docker_gwbridge|br-[0-9a-f]{12})$/, 'docker'],
  [/^podman\d+$/, 'podman'],
  [/^(?:cni\d*|cbr0)$/, 'CNI bridge'],
  [/^nodelocaldns$/, 'NodeLocal DNS'],
  [/^(?:eni[0-9a-f]{11}|vlan\.eth\.\d+|pod-id-link\d+)$/, 'AWS VPC CNI'],
  [/^az(?:v[0-9a-f]{7,}|ure\d+)$/, 'Azure CNI'],
  [/^(?:ovn-k8s-mp\d+|genev_sys_\d+)$/, 'OVN-Kubernetes'],
  [/^antrea-(?:gw|tun|egress)\d*$/, 'Antrea'],
  [/^tailscale\d+$/, 'Tailscale'],
  [/^virbr\d+/, 'libvirt'],
];

function named(rows: readonly Named[], name: string): Owner | null {
  return rows.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}

/** Of a user chain, by its name; a built-in chain belongs to nobody. */
export function ownerOfChain(name: string): Owner | null {
  return named(chains, name);
}

/** Of a device, by its name. */
export function ownerOfLink(name: string): Owner | null {
  return named(devices, name);
}
