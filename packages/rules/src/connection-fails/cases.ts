/** Clusters in which a captured node ends connections, and clusters in which none certainly does. */
import { parseSnapshot } from '@coldtrace/parsers';
import { alpha, beta, files as flannelFiles } from '../flannel/world.js';
import { dualStack } from '../flannel/world-ipv6.js';
import type { BuiltinCases } from '../testing/builtin-cases.js';
import { files, nodesWithRanges, paired, sockets, type World } from './cases.world.js';

const world = (given: World) => parseSnapshot(files(given));
const accepts = '-A FORWARD -s 10.61.0.0/16 -j ACCEPT\n-A FORWARD -d 10.61.0.0/16 -j ACCEPT\n';

const session = (node: string, command: string, said: string) => ({
  [`${node}/session.txt`]: `[root@${node} ~]# ${command}\n${said}\n`,
});
const timedOut = (ip: string, port: number) =>
  `curl: (28) Failed to connect to ${ip} port ${port}: Connection timed out`;
const kubeletClosed = '-A INPUT -p tcp -m tcp --dport 10250 -j DROP\n';

/** Another program's tunnels; the entry of one is from before the peer's device was made anew. */
function otherOverlay(): Record<string, string> {
  const all = flannelFiles({
    nodes: [alpha, beta],
    backend: 'vxlan',
    edits: [['alpha/ip-neigh.txt', /dev flannel.1 lladdr \S+/, 'dev flannel.1 lladdr ca:fe:00:00:00:01']],
  });
  const named = Object.entries(all).filter(([name]) => !/subnet|flannel|nodes/.test(name));
  return Object.fromEntries(named.map(([name, text]) => [name, text.replaceAll('flannel.1', 'vxlan.calico')]));
}

const withoutDefault = (node: string) => (files()[`${node}/ip-route.txt`] ?? '').replace(/^default .*\n/m, '');

const withoutLocal = (node: string) => (files()[`${node}/ip-route.txt`] ?? '').replace(/^.* table local .*\n/gm, '');

/** As its dumps are after the last pod has gone. */
function withoutPods(node: string, ...lacking: readonly string[]): Record<string, string> {
  const all = Object.entries(files()).map(([name, text]) =>
    name.startsWith(`${node}/`)
      ? ([
          name,
          text
            .replace(
              /cni0: <BROADCAST,MULTICAST,UP,LOWER_UP>(.*) state UP/,
              'cni0: <NO-CARRIER,BROADCAST,MULTICAST,UP>$1 state DOWN',
            )
            .replace(/^(\S+ dev cni0 proto kernel scope link src \S+) $/m, '$1 linkdown ')
            .replace(/^\S+ dev cni0 .*\n/gm, (line) => (/lladdr|FAILED/.test(line) ? '' : line)),
        ] as const)
      : ([name, text] as const),
  );
  return Object.fromEntries(all.filter(([name]) => !lacking.includes(name)));
}

export const cases: BuiltinCases = {
  bad: [
    { name: 'one node drops what it should forward', snapshot: world({ forward: { west: 'DROP' } }) },
    {
      name: 'one node drops what it should forward, and the API knows the range of its pods',
      snapshot: parseSnapshot({
        ...paired('veth0c0ffee1', { forward: { west: 'DROP' } }),
        'kubernetes/nodes.yaml': nodesWithRanges,
      }),
    },
    {
      name: 'one node drops what it should forward, and only the names of devices tell of pods',
      snapshot: parseSnapshot(paired('eni0123456789a', { forward: { west: 'DROP' } })),
    },
    {
      name: 'only one node was captured, and it drops what it should forward',
      snapshot: parseSnapshot(
        Object.fromEntries(
          Object.entries(files({ forward: { west: 'DROP' } })).filter(([name]) => name.startsWith('west/')),
        ),
      ),
    },
    {
      name: 'no policy rule of one node asks table main: what ends there has no route, and nobody can be told',
      snapshot: world({
        given: { 'west/ip-rule.txt': '0:\tfrom all lookup local\n32767:\tfrom all lookup default\n' },
      }),
    },
    {
      name: 'the last rule refuses what it should forward',
      snapshot: world({ filter: { west: '-A FORWARD -j REJECT --reject-with icmp-admin-prohibited\n' } }),
    },
    {
      name: 'IPv6: one node drops what it should forward',
      snapshot: parseSnapshot(
        flannelFiles({
          nodes: [alpha, beta],
          backend: 'host-gw',
          edits: [
            ...dualStack([alpha, beta], 'host-gw'),
            ['beta/iptables-save.txt', /(ip6tables-save[\s\S]*:FORWARD) ACCEPT/, '$1 DROP'],
          ],
        }),
      ),
    },
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
    {
      name: 'a client names a connection that its own node drops',
      snapshot: world({
        filter: { east: '-A OUTPUT -d 172.22.5.12/32 -p tcp -m tcp --dport 9000 -j DROP\n' },
        given: session('east', 'curl -m 3 http://172.22.5.12:9000/', timedOut('172.22.5.12', 9000)),
      }),
    },
    {
      name: 'a log names a connection that its peer drops, and the rule has counted packets',
      snapshot: world({
        filter: { east: '[7:420] -A INPUT -s 172.22.5.12/32 -p tcp -m tcp --dport 2379 -j DROP\n' },
        given: {
          'west/kubelet.log':
            'E1120 22:59:58.000000    1001 reflector.go:138] Failed to watch: dial tcp 172.22.5.11:2379: i/o timeout\n',
        },
      }),
    },
    {
      name: 'a log names a connection that its peer drops, and the rule has counted nothing',
      snapshot: world({
        filter: { east: '[0:0] -A INPUT -s 172.22.5.12/32 -p tcp -m tcp --dport 2379 -j DROP\n' },
        given: {
          'west/kubelet.log':
            'E1120 22:59:58.000000    1001 reflector.go:138] Failed to watch: dial tcp 172.22.5.11:2379: i/o timeout\n',
        },
      }),
    },
    {
      name: 'a pod waits for an answer that its node drops',
      snapshot: world({
        filter: { west: '-A FORWARD -p udp -m udp --dport 53 -j DROP\n' },
        given: {
          'west/coredns.log':
            '[ERROR] plugin/errors: 2 example.org. A: read udp 10.61.2.7:39873->10.61.1.9:53: i/o timeout\n',
        },
      }),
    },
    {
      name: 'a node has lost its route to the Services',
      snapshot: world({ given: { 'west/ip-route.txt': withoutDefault('west') } }),
    },
    {
      name: 'a firewall refuses the pods of its own node, and only a route shows which address is its own',
      snapshot: world({
        filter: { east: '-A INPUT -i lo -j ACCEPT\n-A INPUT -j REJECT --reject-with icmp-host-prohibited\n' },
        given: { 'east/ip-addr.txt': null, 'east/ip-route.txt': withoutLocal('east') },
      }),
    },
    {
      name: 'somebody found no way, and the node has none',
      snapshot: world({
        given: {
          'west/ip-route.txt': withoutDefault('west'),
          'west/messages.log':
            'Nov 20 22:59:58 west journal: E1120 22:59:58.000000       1 reflector.go:201] controller.go:151: Failed to list: Get https://10.88.0.1:443/api: dial tcp 10.88.0.1:443: connect: network is unreachable\n',
        },
      }),
    },
    {
      name: 'a client was answered all the same',
      snapshot: world({
        filter: { east: kubeletClosed },
        given: session('west', 'curl -k https://172.22.5.11:10250/', 'Unauthorized'),
      }),
    },
    {
      name: 'a client was not answered, and nothing tells why',
      snapshot: world({ given: session('west', 'curl -m 3 https://172.22.5.11:6443/', timedOut('172.22.5.11', 6443)) }),
    },
    {
      name: 'a neighbour entry holds a hardware address that the peer does not have',
      snapshot: world({
        given: {
          'east/ip-neigh.txt':
            '172.22.5.12 dev eth0 lladdr 52:54:00:22:05:ff REACHABLE\n10.61.1.7 dev cni0 lladdr 02:11:22:33:44:55 STALE\n',
        },
      }),
    },
    { name: 'the same of a tunnel that is not flannel’s', snapshot: parseSnapshot(otherOverlay()) },
    {
      name: 'conntrack remembers calls that nobody answers',
      snapshot: world({
        filter: { west: '-A OUTPUT -p tcp -m tcp --dport 10250 -j DROP\n' },
        given: {
          'west/conntrack.txt':
            'tcp      6 110 SYN_SENT src=172.22.5.12 dst=172.22.5.11 sport=41000 dport=10250 [UNREPLIED] src=172.22.5.11 dst=172.22.5.12 sport=10250 dport=41000 mark=0 use=1\n',
        },
      }),
    },
  ],
  good: [
    { name: 'everything passes', snapshot: world({}) },
    {
      name: 'everything passes between pods on devices of their own',
      snapshot: parseSnapshot(paired('eni0123456789a')),
    },
    {
      name: 'who was not answered was in a namespace that was not captured',
      snapshot: world({
        given: session(
          'west',
          'kubectl exec web -- curl -m 3 https://172.22.5.11:6443/',
          timedOut('172.22.5.11', 6443),
        ),
      }),
    },
    {
      name: 'a client was first not answered and then was',
      snapshot: world({
        given: {
          'west/session.txt': `[root@west ~]# curl -m 3 https://172.22.5.11:6443/\n${timedOut('172.22.5.11', 6443)}\n[root@west ~]# curl -k https://172.22.5.11:6443/\nUnauthorized\n`,
        },
      }),
    },
    {
      name: 'clients were answered where everything passes',
      snapshot: world({ given: session('west', 'curl -k https://172.22.5.11:6443/', 'Unauthorized') }),
    },
    {
      name: 'the policy is DROP, but rules accept the pods',
      snapshot: world({ forward: { east: 'DROP', west: 'DROP' }, filter: { east: accepts, west: accepts } }),
    },
    {
      name: 'no pod runs on one node, so its bridge has no carrier',
      snapshot: parseSnapshot(withoutPods('east')),
    },
    {
      name: 'no pod runs on one node, and only its routes show that',
      snapshot: parseSnapshot(withoutPods('east', 'east/ip-link.txt', 'east/ip-addr.txt')),
      needs: ['ip-addr'],
    },
    {
      name: 'somebody found no way, and the node has one: nobody knows who it was',
      snapshot: world({
        given: {
          'west/messages.log':
            'Nov 20 22:59:58 west journal: E1120 22:59:58.000000       1 reflector.go:201] controller.go:151: Failed to list: Get https://10.99.0.1:443/api: dial tcp 10.99.0.1:443: connect: network is unreachable\n',
        },
      }),
    },
    {
      name: 'somebody called a pod that is gone: its neighbour entry has failed',
      snapshot: world({
        given: {
          'west/messages.log':
            'Nov 20 22:59:58 west journal: E1120 22:59:58.000000       1 scrape.go:20] Get http://10.61.2.9:8080/metrics: dial tcp 10.61.2.9:8080: connect: no route to host\n',
        },
      }),
    },
    {
      name: 'Cilium may translate before a route is looked for',
      snapshot: world({
        given: {
          'west/ip-route.txt': withoutDefault('west'),
          'west/ip-link.txt': `${files()['west/ip-link.txt']}9: cilium_host@cilium_net: <BROADCAST,MULTICAST,NOARP,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default qlen 1000\n    link/ether 5e:22:05:00:00:09 brd ff:ff:ff:ff:ff:ff\n`,
        },
      }),
    },
    {
      name: 'one machine was captured under two names',
      snapshot: world({
        given: Object.fromEntries(
          Object.entries(files())
            .filter(([name]) => name.startsWith('east/'))
            .map(([name, text]) => [name.replace('east/', 'east-later/'), text]),
        ),
      }),
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
