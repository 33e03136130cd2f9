/** Worlds that show the fault, and worlds that look like it. */
import { parseSnapshot } from '@coldtrace/parsers';
import { alpha, beta, files, gamma, type World } from '../flannel/world.js';
import { dualStack } from '../flannel/world-ipv6.js';
import type { BuiltinCases } from '../testing/builtin-cases.js';
import { loAddress } from '../testing/loopback.js';

const world = (given: Partial<World>) => parseSnapshot(files({ nodes: [alpha, beta], backend: 'vxlan', ...given }));

const far = { ...beta, address: '10.67.4.12/24' };
const noRoutes: NonNullable<World['edits']> = [
  ['alpha/ip-route.txt', /172\.29\.8\.0\/24 via.*\n/, ''],
  ['beta/ip-route.txt', /172\.29\.7\.0\/24 via.*\n/, ''],
];
const refused = `E1120 23:00:00.000000       1 route_network.go:114] Error adding route to 172.29.8.0/24 via 10.67.4.12: network is unreachable\n`;

export const cases: BuiltinCases = {
  bad: [
    {
      name: 'nodes in two networks, and the kernel has refused the routes',
      snapshot: world({
        nodes: [alpha, far],
        backend: 'host-gw',
        edits: noRoutes,
        files: { 'alpha/flanneld.log': refused },
      }),
    },
    {
      name: 'the route is there with onlink',
      snapshot: world({
        nodes: [alpha, far],
        backend: 'host-gw',
        edits: [
          ['alpha/ip-route.txt', '10.67.4.12 dev ens18', '10.67.4.12 dev ens18 onlink'],
          ['beta/ip-route.txt', /172\.29\.7\.0\/24 via.*\n/, ''],
        ],
      }),
    },
    {
      name: 'IPv6: nodes in two networks',
      snapshot: world({
        backend: 'host-gw',
        edits: [
          ...dualStack([alpha, beta], 'host-gw'),
          ['beta/ip-addr.txt', 'fd66::12/64', 'fd67::12/64'],
          ['beta/ip-route.txt', 'fd66::/64 dev', 'fd67::/64 dev'],
          ['beta/ip-route.txt', 'default via fd66::1', 'default via fd67::1'],
          ['beta/ip-route.txt', 'local fd66::12', 'local fd67::12'],
          ['alpha/ip-route.txt', /fd29:0:0:8::\/64 via.*\n/, ''],
          ['beta/ip-route.txt', /fd29:0:0:7::\/64 via.*\n/, ''],
          [
            'kubernetes/nodes.yaml',
            /(public-ip: 10\.66\.0\.12\n)/,
            '$1      flannel.alpha.coreos.com/public-ipv6: fd67::12\n',
          ],
        ],
      }),
    },
    {
      name: 'the log of one node alone',
      snapshot: parseSnapshot({
        'alpha/flanneld.log': `I1120 22:59:59.000000       1 main.go:543] Found network config - Backend type: host-gw\nI1120 22:59:59.000000       1 match.go:259] Using interface with name ens18 and address 10.66.0.11\nI1120 22:59:59.000000       1 route_network.go:93] Subnet added: 172.29.8.0/24 via 10.67.4.12\n${refused}`,
        'alpha/ip-addr.txt':
          loAddress +
          '2: ens18: <UP> mtu 1500 state UP\n    link/ether 00:16:3e:5a:00:01 brd ff:ff:ff:ff:ff:ff\n    inet 10.66.0.11/24 scope global ens18\n',
        'alpha/ip-route.txt': '10.66.0.0/24 dev ens18 proto kernel scope link src 10.66.0.11 \n',
        'beta/ip-addr.txt':
          loAddress +
          '2: ens18: <UP> mtu 1500 state UP\n    link/ether 00:16:3e:5a:00:02 brd ff:ff:ff:ff:ff:ff\n    inet 10.67.4.12/24 scope global ens18\n',
        'beta/subnet.env': 'FLANNEL_NETWORK=172.29.0.0/16\nFLANNEL_SUBNET=172.29.8.1/24\n',
      }),
    },
    {
      name: 'flanneld’s log is all there is, of a node without a name',
      snapshot: parseSnapshot({
        'ticket.txt': `E1120 23:00:00.000000       1 route_network.go:172] Error adding route to {Ifindex: 2 Dst: 172.29.8.0/24 Src: <nil> Gw: 10.67.4.12 Flags: [] Table: 0}: network is unreachable\n${refused}`,
      }),
    },
    {
      name: 'flanneld’s log of a node whose routes alone were captured',
      snapshot: parseSnapshot({
        'alpha/flanneld.log': refused,
        'alpha/ip-route.txt': '10.66.0.0/24 dev ens18 proto kernel scope link src 10.66.0.11 \n',
      }),
    },
  ],
  good: [
    {
      name: 'the network of the gateway is on link by now',
      snapshot: parseSnapshot({
        'alpha/flanneld.log': refused,
        'alpha/ip-route.txt': '10.67.4.0/24 dev ens18 scope link \n',
      }),
    },
    { name: 'nodes in one network', snapshot: world({ backend: 'host-gw', nodes: [alpha, beta, gamma] }) },
    { name: 'two networks with a tunnel between them', snapshot: world({ nodes: [alpha, far] }) },
    {
      name: 'the other network is on link by a route',
      snapshot: world({
        nodes: [alpha, far],
        backend: 'host-gw',
        edits: [
          ['alpha/ip-route.txt', /^/, '10.67.4.0/24 dev ens18 scope link \n'],
          ['beta/ip-route.txt', /^/, '10.66.0.0/24 dev ens18 scope link \n'],
        ],
      }),
    },
    {
      name: 'addresses were not captured',
      snapshot: world({ backend: 'host-gw', files: { 'alpha/ip-addr.txt': null } }),
      needs: ['ip-addr'],
    },
  ],
};
