/** Worlds that show the fault, and worlds that look like it. */
import { parseSnapshot } from '@coldtrace/parsers';
import { alpha, beta, files, gamma, type World } from '../flannel/world.js';
import { dualStack } from '../flannel/world-ipv6.js';
import type { BuiltinCases } from '../testing/builtin-cases.js';

const world = (given: Partial<World>) => parseSnapshot(files({ nodes: [alpha, beta], backend: 'vxlan', ...given }));

const log = (line: string) => `I1120 23:00:00.000000       1 ${line}\n`;

const ipv6 = dualStack([alpha, beta]);

const routesAlone: Partial<World> = {
  nodes: [alpha, beta, gamma],
  objects: false,
  files: { 'alpha/subnet.env': null, 'beta/subnet.env': null, 'gamma/subnet.env': null },
};

/** Bridges and routes, and nothing that names flannel. */
const unnamed: Partial<World> = { ...routesAlone, backend: 'host-gw' };

export const cases: BuiltinCases = {
  bad: [
    {
      name: 'plain routes between bridges, of which one is missing',
      snapshot: world({ ...unnamed, edits: [['beta/ip-route.txt', /172\.29\.9\.0\/24 via.*\n/, '']] }),
    },
    {
      name: 'no route into the tunnel',
      snapshot: world({ edits: [['alpha/ip-route.txt', /172\.29\.8\.0\/24 via.*\n/, '']] }),
    },
    {
      name: 'a route that refuses stands where the one into the tunnel was',
      snapshot: world({ edits: [['alpha/ip-route.txt', /172\.29\.8\.0\/24 via.*\n/, 'blackhole 172.29.8.0/24 \n']] }),
    },
    {
      name: 'a larger network is refused, and no route into the tunnel is left',
      snapshot: world({
        edits: [['alpha/ip-route.txt', /172\.29\.8\.0\/24 via.*\n/, 'unreachable 172.29.0.0/16 metric 200 \n']],
      }),
    },
    {
      name: 'the subnet of the peer is sent to a gateway',
      snapshot: world({
        edits: [['alpha/ip-route.txt', /172\.29\.8\.0\/24 via.*\n/, '172.29.8.0/24 via 10.66.0.254 dev ens18 \n']],
      }),
    },
    {
      name: 'a larger network than the peer’s subnet is sent to a gateway, and the subnet has no route of its own',
      snapshot: world({
        edits: [
          [
            'alpha/ip-route.txt',
            /172\.29\.8\.0\/24 via.*\n/,
            '172.16.0.0/12 via 10.66.0.254 dev ens18 proto static \n',
          ],
        ],
      }),
    },
    {
      name: 'the tunnel device is down',
      snapshot: world({
        nodes: [alpha, beta, gamma],
        edits: [
          ['alpha/ip-link.txt', /(flannel\.1: <BROADCAST,MULTICAST),UP,LOWER_UP>(.*) state UP/, '$1>$2 state DOWN'],
          ['alpha/ip-addr.txt', /(flannel\.1: <BROADCAST,MULTICAST),UP,LOWER_UP>(.*) state UP/, '$1>$2 state DOWN'],
          ['alpha/ip-route.txt', /172\.29\.\d+\.0\/24 via.*\n/g, ''],
        ],
      }),
    },
    {
      name: 'no neighbour entry for the next hop',
      snapshot: world({ edits: [['alpha/ip-neigh.txt', /172\.29\.8\.0 dev.*\n/, '']] }),
    },
    {
      name: 'no forwarding entry',
      snapshot: world({ files: { 'alpha/bridge-fdb.txt': '33:33:00:00:00:01 dev cni0 self permanent\n' } }),
    },
    {
      name: 'one of three nodes is not routed to, with host-gw',
      snapshot: world({
        nodes: [alpha, beta, gamma],
        backend: 'host-gw',
        edits: [['beta/ip-route.txt', /172\.29\.9\.0\/24 via.*\n/, '']],
        files: { 'beta/flanneld.log': log('route_network.go:93] Subnet added: 172.29.9.0/24 via 10.66.0.13') },
      }),
    },
    {
      name: 'a node that only the log of flanneld names is not routed to',
      snapshot: parseSnapshot({
        ...files({ nodes: [beta], backend: 'host-gw', objects: false }),
        'beta/flanneld.log': [
          'main.go:518] Found network config - Backend type: host-gw',
          'route_network.go:86] Subnet added: 172.29.9.0/24 via 10.66.0.13',
          'route_network.go:86] Subnet added: 172.29.40.0/24 via 10.66.0.40',
          'route_network.go:119] Subnet removed: 172.29.40.0/24',
        ]
          .map(log)
          .join(''),
      }),
    },
    {
      name: 'the backend is told by routes to the nodes alone',
      snapshot: world({
        nodes: [alpha, beta, gamma],
        backend: 'host-gw',
        objects: false,
        edits: [['gamma/ip-route.txt', /172\.29\.7\.0\/24 via.*\n/, '']],
      }),
    },
    {
      name: 'the tun device of the udp backend is gone',
      snapshot: world({
        backend: 'udp',
        edits: [
          ['alpha/ip-link.txt', /^3: flannel0.*\n.*\n.*\n/m, ''],
          ['alpha/ip-addr.txt', /^3: flannel0(?:.*\n){4}/m, ''],
          ['alpha/ip-route.txt', /172\.29\.0\.0\/16 dev flannel0.*\n/, ''],
          ['alpha/ip-route.txt', /local 172\.29\.7\.0 dev flannel0.*\n/, ''],
        ],
      }),
    },
    {
      name: 'IPv6: no route into the tunnel, while that of IPv4 is there',
      snapshot: world({ edits: [...ipv6, ['alpha/ip-route.txt', /fd29:0:0:8::\/64 via.*\n/, '']] }),
    },
    {
      name: 'IPv6: no forwarding entry',
      snapshot: world({ edits: [...ipv6, ['alpha/bridge-fdb.txt', /.*dst fd66::12.*\n/, '']] }),
    },
    {
      name: 'IPv6 with host-gw: one of three nodes is not routed to',
      snapshot: world({
        nodes: [alpha, beta, gamma],
        backend: 'host-gw',
        edits: [...dualStack([alpha, beta, gamma], 'host-gw'), ['beta/ip-route.txt', /fd29:0:0:9::\/64 via.*\n/, '']],
      }),
    },
    {
      name: 'only routes of others and devices tell the subnets',
      snapshot: world({
        ...routesAlone,
        edits: [['alpha/ip-route.txt', /172\.29\.9\.0\/24 via.*\n/, '']],
      }),
    },
    {
      name: 'IPv6: only routes of others and devices tell the subnets',
      snapshot: world({
        ...routesAlone,
        edits: [...dualStack([alpha, beta, gamma]), ['gamma/ip-route.txt', /fd29:0:0:8::\/64 via.*\n/, '']],
      }),
    },
    {
      name: 'a node does not forward IPv6',
      snapshot: world({
        edits: [...ipv6, ['beta/sysctl.txt', 'ipv6.conf.all.forwarding = 1', 'ipv6.conf.all.forwarding = 0']],
      }),
    },
    {
      name: 'a node does not forward',
      snapshot: world({
        edits: [
          ['beta/sysctl.txt', 'ip_forward = 1', 'ip_forward = 0'],
          ['beta/sysctl.txt', /forwarding = 1/g, 'forwarding = 0'],
        ],
      }),
    },
    {
      name: 'the routes are a part of what there is',
      snapshot: world({
        edits: [['alpha/ip-route.txt', /172\.29\.8\.0\/24 via.*\n/, '']],
        files: { 'alpha/ip-rule.txt': null },
      }),
    },
  ],
  good: [
    { name: 'plain routes between bridges', snapshot: world(unnamed) },
    {
      name: 'plain routes between bridges, and a node of another network whose router knows the way',
      snapshot: world({
        ...unnamed,
        edits: [
          ['gamma/ip-route.txt', /172\.29\.\d+\.0\/24 via.*\n/g, ''],
          ['gamma/ip-route.txt', /10\.66\.0\./g, '10.67.0.'],
          ['gamma/ip-addr.txt', /10\.66\.0\./g, '10.67.0.'],
          ['alpha/ip-route.txt', /172\.29\.9\.0\/24 via.*\n/, ''],
          ['beta/ip-route.txt', /172\.29\.9\.0\/24 via.*\n/, ''],
        ],
      }),
    },
    { name: 'nothing says the subnets outright', snapshot: world(routesAlone) },
    {
      name: 'a node that no other routes to may be of another network',
      snapshot: world({
        ...routesAlone,
        edits: [
          ['alpha/ip-route.txt', /172\.29\.9\.0\/24 via.*\n/, ''],
          ['beta/ip-route.txt', /172\.29\.9\.0\/24 via.*\n/, ''],
        ],
      }),
    },
    {
      name: 'VXLAN with onlink routes through addresses that end in 0',
      snapshot: world({ nodes: [alpha, beta, gamma] }),
    },
    {
      name: 'a peer of the same network that is sent to without the tunnel, as DirectRouting does',
      snapshot: world({
        edits: [
          ['alpha/ip-route.txt', /172\.29\.8\.0\/24 via.*\n/, '172.29.8.0/24 via 10.66.0.12 dev ens18 \n'],
          ['beta/ip-route.txt', /172\.29\.7\.0\/24 via.*\n/, '172.29.7.0/24 via 10.66.0.11 dev ens18 \n'],
        ],
      }),
    },
    {
      name: 'a larger network is refused beside the route into the tunnel',
      snapshot: world({ edits: [['alpha/ip-route.txt', /$/, 'unreachable 172.29.0.0/16 metric 200 \n']] }),
    },
    { name: 'IPv6 beside IPv4', snapshot: world({ edits: ipv6 }) },
    {
      name: 'podCIDRs of IPv6 that flannel does not carry',
      snapshot: world({
        edits: [['kubernetes/nodes.yaml', /( {4}- 172\.29\.8\.0\/24\n)/, '$1    - fd29:0:0:8::/64\n']],
      }),
    },
    {
      name: 'host-gw, as routes and the log of flanneld tell it',
      snapshot: world({
        nodes: [alpha, beta],
        backend: 'host-gw',
        objects: false,
        files: { 'alpha/flanneld.log': log('route_network.go:86] Subnet added: 172.29.8.0/24 via 10.66.0.12') },
      }),
    },
    { name: 'host-gw', snapshot: world({ backend: 'host-gw', nodes: [alpha, beta, gamma] }) },
    { name: 'the udp backend and its one route', snapshot: world({ backend: 'udp', nodes: [alpha, beta, gamma] }) },
    {
      name: 'a device that asks flanneld for what it misses',
      snapshot: world({
        edits: [
          ['alpha/ip-link.txt', 'nolearning', 'nolearning l3miss'],
          ['alpha/ip-neigh.txt', /172\.29\.8\.0 dev.*\n/, ''],
        ],
      }),
    },
    {
      name: 'an entry for all, so that the device can ask by ARP',
      snapshot: world({
        files: { 'alpha/bridge-fdb.txt': '00:00:00:00:00:00 dev flannel.1 dst 10.66.0.12 self permanent\n' },
        edits: [['alpha/ip-neigh.txt', /172\.29\.8\.0 dev.*\n/, '']],
      }),
    },
    {
      name: 'a node of the API that does not run flannel',
      snapshot: world({
        edits: [
          [
            'kubernetes/nodes.yaml',
            /$/,
            '- apiVersion: v1\n  kind: Node\n  metadata:\n    name: elsewhere\n  spec:\n    podCIDR: 172.29.40.0/24\n',
          ],
        ],
      }),
    },
    {
      name: 'routes were not captured',
      snapshot: world({ files: { 'alpha/ip-route.txt': null } }),
      needs: ['ip-route'],
    },
    {
      name: 'routes of the other family alone were captured',
      snapshot: world({ files: { 'alpha/ip-route.txt': null, 'alpha/ip-6-route.txt': '' } }),
      needs: ['ip-route'],
    },
  ],
};
