/** Worlds that show the fault, and worlds that look like it. */
import { parseSnapshot } from '@coldtrace/parsers';
import { alpha, beta, files, gamma, type World } from '../flannel/world.js';
import { dualStack } from '../flannel/world-ipv6.js';
import type { BuiltinCases } from '../testing/builtin-cases.js';
import { loAddress } from '../testing/loopback.js';

const world = (given: Partial<World>) => parseSnapshot(files({ nodes: [alpha, beta], backend: 'vxlan', ...given }));

type Edit = readonly [file: string, from: string | RegExp, to: string];

/** alpha without an address and without what the kernel takes away with it. */
const lost = (address: string, network: string, ip: string): readonly Edit[] => [
  ['alpha/ip-addr.txt', new RegExp(`    ${address}.*\\n.*\\n`), ''],
  ['alpha/ip-route.txt', new RegExp(`^${network} dev cni0.*\\n`, 'm'), ''],
  ['alpha/ip-route.txt', new RegExp(`^local ${ip} dev cni0.*\\n`, 'm'), ''],
];

const lostIpv6 = lost('inet6 fd29:0:0:7::1/64', 'fd29:0:0:7::/64', 'fd29:0:0:7::1');

const pod = (ip: string) => ({
  'kubernetes/pods.yaml': `apiVersion: v1\nkind: Pod\nmetadata:\n  name: shop-1\n  namespace: default\nspec:\n  nodeName: alpha\nstatus:\n  phase: Running\n  podIP: ${ip}\n`,
});

export const cases: BuiltinCases = {
  bad: [
    {
      name: 'cni0 of an earlier installation',
      snapshot: world({
        edits: [
          ['alpha/ip-addr.txt', 'inet 172.29.7.1/24', 'inet 10.244.3.1/24'],
          [
            'alpha/ip-route.txt',
            '172.29.7.0/24 dev cni0 proto kernel scope link src 172.29.7.1',
            '10.244.3.0/24 dev cni0 proto kernel scope link src 10.244.3.1',
          ],
        ],
        files: {
          'alpha/kubelet.log':
            'E1120 23:00:00.000000     900 pod_workers.go:190] "Error syncing pod" err="failed to set bridge addr: \\"cni0\\" already has an IP address different from 172.29.7.1/24"\n',
        },
      }),
    },
    {
      name: 'the subnet is known from the API alone',
      snapshot: world({
        edits: [['alpha/ip-addr.txt', 'inet 172.29.7.1/24', 'inet 172.29.70.1/24']],
        files: { 'alpha/subnet.env': null },
      }),
    },
    {
      name: 'docker0 with the subnet before the last lease',
      snapshot: parseSnapshot({
        'alpha/ip-addr.txt':
          loAddress +
          '2: ens18: <UP> mtu 1500 state UP\n    link/ether 00:16:3e:5a:00:01 brd ff:ff:ff:ff:ff:ff\n    inet 10.66.0.11/24 scope global ens18\n3: docker0: <BROADCAST,MULTICAST,UP> mtu 1450 state UP\n    link/ether 02:42:aa:00:00:01 brd ff:ff:ff:ff:ff:ff\n    inet 172.30.61.1/24 scope global docker0\n',
        'alpha/subnet.env':
          'FLANNEL_NETWORK=172.30.0.0/16\nFLANNEL_SUBNET=172.30.24.1/24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=false\n',
      }),
    },
    {
      name: 'cni0 has lost its address and pods stand on it',
      snapshot: world({ edits: lost('inet 172.29.7.1/24', '172.29.7.0/24', '172.29.7.1') }),
    },
    {
      name: 'cni0 has lost its IPv6 address and a pod has one',
      snapshot: world({ edits: [...dualStack([alpha, beta]), ...lostIpv6], files: pod('fd29:0:0:7::9') }),
    },
    {
      name: 'the log of the plugin alone',
      snapshot: parseSnapshot({
        'alpha/subnet.env': 'FLANNEL_NETWORK=172.29.0.0/16\nFLANNEL_SUBNET=172.29.7.1/24\n',
        'alpha/kubelet.log':
          'E1120 23:00:00.000000     900 pod_workers.go:190] "Error syncing pod" err="failed to set bridge addr: \\"cni0\\" already has an IP address different from 172.29.7.1/24"\n',
      }),
    },
    {
      name: 'the log of the plugin is all there is, of a node without a name',
      snapshot: parseSnapshot({
        'ticket.txt':
          'Failed create pod sandbox: NetworkPlugin cni failed to set up pod "web-1_shop" network: failed to set bridge addr: "cni0" already has an IP address different from 172.29.7.1/24\n',
      }),
    },
  ],
  good: [
    {
      name: 'cni0 is of the time before IPv6, and no pod has an IPv6 address',
      snapshot: world({ edits: [...dualStack([alpha, beta]), ...lostIpv6], files: pod('172.29.7.9') }),
    },
    {
      name: 'only the IPv4 addresses were captured',
      snapshot: world({
        edits: [['alpha/ip-addr.txt', /^/, 'root@alpha:~# ip -4 addr\n'], ...dualStack([alpha, beta]), ...lostIpv6],
        files: pod('fd29:0:0:7::9'),
      }),
    },
    {
      name: 'cni0 without address and no pod on it',
      snapshot: world({
        edits: [
          ...lost('inet 172.29.7.1/24', '172.29.7.0/24', '172.29.7.1'),
          ['alpha/ip-addr.txt', / master cni0/, ''],
          ['alpha/ip-link.txt', / master cni0/, ''],
        ],
      }),
    },
    { name: 'cni0 stands in the subnet', snapshot: world({ nodes: [alpha, beta, gamma] }) },
    {
      name: 'docker0 with its default address beside cni0',
      snapshot: world({
        edits: [
          [
            'alpha/ip-addr.txt',
            /$/,
            '6: docker0: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 qdisc noqueue state DOWN group default \n    link/ether 02:42:aa:00:00:01 brd ff:ff:ff:ff:ff:ff\n    inet 172.17.0.1/16 brd 172.17.255.255 scope global docker0\n',
          ],
        ],
      }),
    },
    {
      name: 'docker0 with its default address and no pod yet',
      snapshot: parseSnapshot({
        'alpha/ip-addr.txt':
          loAddress +
          '2: ens18: <UP> mtu 1500 state UP\n    link/ether 00:16:3e:5a:00:01 brd ff:ff:ff:ff:ff:ff\n    inet 10.66.0.11/24 scope global ens18\n3: docker0: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 state DOWN\n    link/ether 02:42:aa:00:00:01 brd ff:ff:ff:ff:ff:ff\n    inet 172.17.0.1/16 scope global docker0\n',
        'alpha/subnet.env': 'FLANNEL_NETWORK=172.29.0.0/16\nFLANNEL_SUBNET=172.29.7.1/24\n',
      }),
    },
    {
      name: 'the subnet was not captured',
      snapshot: world({ objects: false, nodes: [alpha], files: { 'alpha/subnet.env': null } }),
      needs: ['subnet-env'],
    },
  ],
};
