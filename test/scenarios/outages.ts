/** The outages that coldtrace solves, one row each; the rows of one sample are its sub-causes. */
import type { Outage } from './points.js';

/** Variants of sample 04: the dumps that each needs, and what stands in the first of them where the fault is not. */
function authorities(
  variants: readonly (readonly [
    bad: string,
    needed: readonly [string, ...string[]],
    from: string | RegExp,
    to: string,
  ])[],
): readonly Outage[] {
  return variants.map(([bad, needed, from, to]) => ({
    number: 4,
    sample: '04-k3s-authorities-inconsistent',
    bad,
    rule: 'k3s-authorities-inconsistent',
    needed,
    decisive: { file: needed[0], from, to },
    path: false,
  }));
}

export const outages: readonly Outage[] = [
  {
    number: 1,
    sample: '01-ippool-overlaps-host-network',
    rule: 'ippool-overlaps-host-network',
    needed: ['node-1/iptables-save.txt', 'node-1/ipset-list.txt', 'node-1/ip-route.txt', 'node-1/ip-addr.txt'],
    decisive: { file: 'node-1/ipset-list.txt', from: /192\.168\.0\.0\/16/g, to: '10.200.0.0/16' },
    path: true,
  },
  {
    number: 2,
    sample: '02-neigh-lladdr-of-other-interface',
    rule: 'neigh-lladdr-of-other-interface',
    needed: [
      'node-1/ip-neigh.txt',
      'node-1/ip-addr.txt',
      'node-1/ip-route.txt',
      'node-2/ip-addr.txt',
      'node-2/sysctl.txt',
    ],
    decisive: { file: 'node-1/ip-neigh.txt', from: /^.*192\.168\.4\.112.*\n/m, to: '' },
    path: true,
  },
  {
    number: 2,
    sample: '02-neigh-lladdr-of-other-interface',
    rule: 'neigh-lladdr-of-other-interface',
    bad: 'strict',
    needed: [
      'node-1/ip-neigh.txt',
      'node-1/ip-addr.txt',
      'node-2/ip-addr.txt',
      'node-2/ip-route.txt',
      'node-2/sysctl.txt',
    ],
    decisive: { file: 'node-2/sysctl.txt', from: /rp_filter = 1/g, to: 'rp_filter = 2' },
    path: true,
  },
  {
    number: 3,
    sample: '03-cert-san-lacks-address',
    rule: 'cert-san-lacks-address',
    needed: ['gw/certificates.txt', 'gw/ip-addr.txt', 'gw/k3s-config.yaml', 'gw/k3s-unit.txt', 'kubernetes/nodes.yaml'],
    decisive: { file: 'gw/certificates.txt', from: 'IP Address:172.29.1.100', to: 'IP Address:192.168.3.123' },
    path: false,
  },
  {
    number: 3,
    sample: '03-cert-san-lacks-address',
    bad: 'service-range',
    ticket: 'ticket-service-range.txt',
    rule: 'cert-san-lacks-address',
    needed: ['gw/certificates.txt', 'gw/k3s-config.yaml'],
    decisive: { file: 'gw/k3s-config.yaml', from: '10.96.0.0/16', to: '10.43.0.0/16' },
    path: false,
  },
  ...authorities([
    ['bad', ['server-1/var/lib/rancher/k3s/server/tls/server-ca.crt'], /^[\s\S]*$/, ''],
    ['missing', ['server-1/openssl-x509.txt.failed'], /No such file or directory/, 'Permission denied'],
    ['no-authority', ['server-1/certificates.txt'], 'CA:FALSE', 'CA:TRUE'],
    ['expired', ['server-1/date.txt', 'server-1/certificates.txt'], / 2026$/m, ' 2025'],
    [
      'key',
      ['server-1/public-keys.txt', 'server-1/var/lib/rancher/k3s/server/tls/client-ca.crt'],
      /client-ca\.key/,
      'service.key',
    ],
  ]),
  {
    number: 5,
    sample: '05-gateway-does-not-forward',
    rule: 'gateway-does-not-forward',
    needed: ['master/iptables-save.txt', 'master/ip-route.txt', 'master/sysctl.txt'],
    decisive: { file: 'master/iptables-save.txt', from: ':FORWARD DROP', to: ':FORWARD ACCEPT' },
    path: true,
  },
  {
    number: 6,
    sample: '06-pod-addresses-leaked',
    rule: 'pod-addresses-leaked',
    needed: ['node-1/cni-networks.txt', 'node-1/crictl-pods.txt'],
    decisive: { file: 'node-1/cni-networks.txt', from: /^==> \S*\/10\.244\.1\.3 <==\n[^=]*/m, to: '' },
    path: false,
  },
  {
    number: 7,
    sample: '07-flannel-vtep-mac-stale',
    rule: 'flannel-vtep-mac-stale',
    needed: ['node-1/ip-neigh.txt', 'node-1/bridge-fdb.txt', 'node-1/ip-route.txt', 'node-2/ip-addr.txt'],
    decisive: { file: 'node-1/ip-neigh.txt', from: '6e:1d:5c:40:b3:87', to: 'fa:3b:8e:02:d4:c1' },
    path: true,
  },
  {
    number: 10,
    sample: '10-flannel-subnet-unreachable',
    rule: 'flannel-subnet-unreachable',
    needed: ['node-1/ip-route.txt', 'node-1/ip-rule.txt'],
    decisive: { file: 'node-1/ip-route.txt', from: /^/, to: '10.244.1.0/24 via 10.244.1.0 dev flannel.1 onlink \n' },
    path: true,
  },
  {
    number: 11,
    sample: '11-kube-proxy-config-invalid',
    rule: 'kube-proxy-config-invalid',
    needed: ['kubernetes/kube-proxy-configmap.yaml'],
    decisive: { file: 'kubernetes/kube-proxy-configmap.yaml', from: /masqueradeAl: ""/, to: 'masqueradeAll: true' },
    path: false,
  },
  {
    number: 12,
    sample: '12-ipvs-source-is-service-address',
    rule: 'ipvs-source-is-service-address',
    needed: ['node-1/iptables-save.txt', 'node-1/ipvsadm.txt', 'node-1/ip-route.txt', 'node-1/sysctl.txt'],
    decisive: { file: 'node-1/ip-route.txt', from: /^local 10\.96\.0\.1 .*\n/m, to: '' },
    path: true,
  },
];
