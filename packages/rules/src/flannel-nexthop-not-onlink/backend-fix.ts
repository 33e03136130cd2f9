/** A tunnel between networks in place of routes through nodes that are not on link. flannel: Documentation/backends.md, `DirectRouting`. */
import type { Node } from '@coldtrace/core';
import type { Fix } from '../finding.js';

export function backendFix(node: Node | null, name: string, peer: string): Fix {
  const setting = (written: string, configured: string) =>
    node?.settings.find(({ key, source }) => key === written || (source === 'net-conf' && key === configured))?.value;
  const ipv6 = setting('FLANNEL_IPV6_NETWORK', 'IPv6Network');
  const conf = JSON.stringify({
    Network: setting('FLANNEL_NETWORK', 'Network') ?? 'NETWORK-OF-THE-PODS',
    ...(ipv6 === undefined ? {} : { EnableIPv6: true, IPv6Network: ipv6 }),
    Backend: { Type: 'vxlan', DirectRouting: true },
  });
  return {
    steps: [
      {
        node: null,
        command: `kubectl -n kube-flannel patch configmap kube-flannel-cfg --type merge -p '${JSON.stringify({ data: { 'net-conf.json': conf } })}'`,
        disrupts: 'nothing yet: flanneld reads it when it starts',
        undo: 'kubectl -n kube-flannel edit configmap kube-flannel-cfg   # put "Type": "host-gw" back',
      },
      {
        node: null,
        command: 'kubectl -n kube-flannel rollout restart daemonset kube-flannel-ds',
        disrupts:
          'traffic between nodes pauses while each node changes to the tunnel; pods made before keep an MTU without room for it',
        undo: 'the same command after the configuration was put back',
      },
    ],
    persist: 'The configuration lives in the API (or in etcd, under /coreos.com/network/config) and lasts.',
    notes: `With DirectRouting nodes of one network still route directly, and only others use the tunnel. Or give ${name} and ${peer} a network in common and restart flanneld with --iface for it.`,
    verified: null,
  };
}
