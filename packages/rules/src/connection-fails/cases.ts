/** Clusters in which a captured node ends connections, and clusters in which none certainly does. */
import { parseSnapshot } from '@coldtrace/parsers';
import type { BuiltinCases } from '../testing/builtin-cases.js';
import { files, sockets, type World } from './cases.world.js';

const world = (given: World) => parseSnapshot(files(given));
const accepts = '-A FORWARD -s 10.61.0.0/16 -j ACCEPT\n-A FORWARD -d 10.61.0.0/16 -j ACCEPT\n';

export const cases: BuiltinCases = {
  bad: [
    { name: 'one node drops what it should forward', snapshot: world({ forward: { west: 'DROP' } }) },
    {
      name: 'a filter keeps the kubelet from its callers',
      snapshot: world({ filter: { east: '-A INPUT -p tcp -m tcp --dport 10250 -j DROP\n' } }),
    },
    {
      name: 'the API server listens no more',
      snapshot: world({
        given: { 'east/ss.txt': sockets.replace(/^.*:6443 .*\n/m, '') },
      }),
    },
    {
      name: 'the answers of pods are dropped on their way back',
      snapshot: world({
        filter: {
          west: '-A FORWARD -p icmp -m conntrack --ctstate ESTABLISHED -m comment --comment "a slip" -j DROP\n',
        },
      }),
    },
    {
      name: 'forwarding is off on one node and its policy was not captured',
      snapshot: world({
        given: {
          'west/sysctl.txt':
            'net.ipv4.ip_forward = 0\nnet.ipv4.conf.all.forwarding = 0\nnet.ipv4.conf.eth0.forwarding = 0\nnet.ipv4.conf.cni0.forwarding = 0\n',
          'west/ip-rule.txt': null,
        },
      }),
    },
  ],
  good: [
    { name: 'everything passes', snapshot: world({}) },
    {
      name: 'the policy is DROP, but rules accept the pods',
      snapshot: world({ forward: { east: 'DROP', west: 'DROP' }, filter: { east: accepts, west: accepts } }),
    },
    {
      name: 'only one node was captured',
      snapshot: parseSnapshot(Object.fromEntries(Object.entries(files()).filter(([name]) => name.startsWith('west/')))),
    },
    {
      name: 'another data plane serves the Services, its rules are nowhere to be seen',
      snapshot: world({
        given: {
          'east/iptables-save.txt':
            '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n',
        },
      }),
    },
  ],
};
