/** Worlds that show the fault, and worlds that look like it. */
import { parseSnapshot } from '@coldtrace/parsers';
import { alpha, beta, files, type World } from '../flannel/world.js';
import { dualStack } from '../flannel/world-ipv6.js';
import type { BuiltinCases } from '../testing/builtin-cases.js';

const world = (given: Partial<World>) => parseSnapshot(files({ nodes: [alpha, beta], backend: 'vxlan', ...given }));

const link = (file: string, name: string, from: number, to: number) =>
  [file, new RegExp(`(${name}: <[^>]*> mtu) ${from}`), `$1 ${to}`] as const;

const linksAlone = (mtu: string) => `root@n7:~# ip link show
2: ens4: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu ${mtu} qdisc fq_codel state UP mode DEFAULT group default qlen 1000
    link/ether fa:16:3e:41:02:07 brd ff:ff:ff:ff:ff:ff
4: flannel.1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UNKNOWN mode DEFAULT group default
    link/ether 6e:01:02:03:04:07 brd ff:ff:ff:ff:ff:ff
root@n7:~# cat /run/flannel/subnet.env
FLANNEL_NETWORK=10.61.0.0/16
FLANNEL_SUBNET=10.61.7.1/24
FLANNEL_MTU=1450
FLANNEL_IPMASQ=true
`;

export const cases: BuiltinCases = {
  bad: [
    {
      name: 'no address was captured, and one device leads to others',
      snapshot: parseSnapshot({ 'ticket.txt': linksAlone('1400') }),
    },
    {
      name: 'the tunnel and its pods have the MTU of the network card',
      snapshot: world({
        nodes: [{ ...alpha, mtu: 1500 }, beta],
        edits: [
          link('alpha/ip-link.txt', 'flannel\\.1', 1450, 1500),
          link('alpha/ip-addr.txt', 'flannel\\.1', 1450, 1500),
        ],
      }),
    },
    {
      name: 'the network card carries less than flanneld reckoned with, for both families',
      snapshot: world({
        edits: [
          ...dualStack([alpha, beta]),
          link('alpha/ip-link.txt', 'ens18', 1500, 1400),
          link('alpha/ip-addr.txt', 'ens18', 1500, 1400),
        ],
      }),
    },
    { name: 'pods alone', snapshot: world({ nodes: [{ ...alpha, mtu: 1460 }, beta] }) },
    { name: 'the udp backend', snapshot: world({ backend: 'udp', nodes: [{ ...alpha, mtu: 1490 }, beta] }) },
    {
      name: 'a peer behind a smaller network card',
      snapshot: world({
        edits: [link('beta/ip-link.txt', 'ens18', 1500, 1400), link('beta/ip-addr.txt', 'ens18', 1500, 1400)],
      }),
    },
    {
      name: 'a pod with a route of its own, without a bridge',
      snapshot: world({
        edits: [
          [
            'alpha/ip-link.txt',
            /$/,
            '9: cali1f0c2d3e4a5@if3: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default \n    link/ether ee:ee:ee:ee:ee:ee brd ff:ff:ff:ff:ff:ff link-netnsid 3 promiscuity 0 \n    veth \n',
          ],
          ['alpha/ip-route.txt', /$/, '172.29.7.30 dev cali1f0c2d3e4a5 scope link \n'],
        ],
      }),
    },
    { name: 'the file for pods to come', snapshot: world({ edits: [['alpha/subnet.env', 'MTU=1450', 'MTU=1500']] }) },
  ],
  good: [
    {
      name: 'no address was captured, and one device leads to others with enough room',
      snapshot: parseSnapshot({ 'ticket.txt': linksAlone('1500') }),
    },
    { name: 'VXLAN with 1450', snapshot: world({}) },
    {
      name: 'a veth pair that no pod stands behind',
      snapshot: world({
        edits: [
          [
            'alpha/ip-link.txt',
            /$/,
            '9: veth-lab@if3: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default \n    link/ether 6e:01:02:03:04:05 brd ff:ff:ff:ff:ff:ff link-netnsid 3 promiscuity 0 \n    veth \n',
          ],
        ],
      }),
    },
    { name: 'host-gw with 1500', snapshot: world({ backend: 'host-gw' }) },
    { name: 'the udp backend with 1472', snapshot: world({ backend: 'udp' }) },
    {
      name: 'a bridge without ports goes back to 1500',
      snapshot: world({
        edits: [
          ['alpha/ip-link.txt', /^5: veth(?:.*\n){4}/m, ''],
          ['alpha/ip-addr.txt', /^5: veth(?:.*\n){2}/m, ''],
          link('alpha/ip-link.txt', 'cni0', 1450, 1500),
          link('alpha/ip-addr.txt', 'cni0', 1450, 1500),
        ],
      }),
    },
    {
      name: 'docker0 of nobody',
      snapshot: world({
        edits: [
          [
            'alpha/ip-link.txt',
            /$/,
            '6: docker0: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 qdisc noqueue state DOWN mode DEFAULT group default \n    link/ether 02:42:aa:00:00:01 brd ff:ff:ff:ff:ff:ff promiscuity 0 \n    bridge forward_delay 1500 \n',
          ],
        ],
      }),
    },
    {
      name: 'links were not captured',
      snapshot: world({ files: { 'alpha/ip-link.txt': null, 'alpha/ip-addr.txt': null } }),
      needs: ['ip-link'],
    },
  ],
};
