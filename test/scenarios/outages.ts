/** The outages that coldtrace solves, one row each; the rows of one sample are its sub-causes. */
import type { Outage } from './points.js';

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
    needed: ['node-1/ip-neigh.txt', 'node-2/ip-addr.txt'],
    decisive: { file: 'node-1/ip-neigh.txt', from: /^.*192\.168\.4\.112.*\n/m, to: '' },
    path: true,
  },
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
