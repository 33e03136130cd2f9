/** Networks that the node's own interfaces stand in, as opposed to those of its pods and containers. */
import { type Address, formatPrefix, type NetNs, type Prefix, prefixOf } from '@coldtrace/core';

export interface HostNetwork {
  readonly prefix: Prefix;
  readonly address: Address;
}

/** Devices that CNI plugins, kube-proxy and container runtimes make; their networks are not the host's. */
const made =
  /^(?:lo|cali.*|tunl0|vxlan\.calico|vxlan-v6\.calico|wireguard\.cali|flannel.*|cni\d*|docker.*|br-[0-9a-f]{12}|virbr.*|lxc.*|cilium_.*|kube-.*|nodelocaldns|weave|veth.*|podman\d+)$/;

/** One entry per network and device, in the order of the dump. */
export function hostNetworks(ns: NetNs): readonly HostNetwork[] {
  const seen = new Set<string>();
  const networks: HostNetwork[] = [];
  for (const address of ns.addresses.rows) {
    const whole = address.ip.family === 4 ? 32 : 128;
    if (address.scope !== 'global' || made.test(address.dev) || address.prefixLength === whole || address.peer !== null)
      continue;
    const prefix = prefixOf(address.ip, address.prefixLength);
    const key = `${address.dev} ${formatPrefix(prefix)}`;
    if (seen.has(key)) continue;
    seen.add(key);
    networks.push({ prefix, address });
  }
  return networks;
}
