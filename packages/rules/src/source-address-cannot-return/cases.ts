/** Calls whose source belongs to another interface, and calls that come back. */
import { parseSnapshot } from '@coldtrace/parsers';
import type { BuiltinCases } from '../testing/builtin-cases.js';
import { calling } from './cases.world.js';

const entry = (state: string, flag: string) =>
  `tcp      6 100 ${state} src=10.9.0.7 dst=10.100.0.1 sport=41000 dport=443 ${flag}src=172.29.5.3 dst=10.9.0.7 sport=6443 dport=41000 ${flag === '' ? '[ASSURED] ' : ''}mark=0 use=1\n`;
const gateway = 'default via 172.29.5.1 dev eth0 \n';

const syn = (source: string) =>
  `# tcpdump -nni data0 port 6443\n10:00:00.000001 IP ${source}.41000 > 172.29.5.3.6443: Flags [S], seq 1, win 64240, options [mss 1460,sackOK,TS val 9 ecr 0,nop,wscale 7], length 0\n`;

const answers = (said: string) =>
  `[root@node-b ~]# ip route get 172.24.0.1\n172.24.0.1 via 10.141.13.1 dev eth1 src 10.141.13.77 uid 0\n    cache\n[root@node-b ~]# ip route get 10.0.0.8\n10.0.0.8 dev eth0 src 10.0.0.77 uid 0\n    cache\n[root@node-b ~]# curl -k https://172.24.0.1:443\n${said}\n`;

/** As grep leaves them. */
const chainsAlone = (marking: string) => `root@n7:~# ip -br -4 addr
lo               UNKNOWN        127.0.0.1/8
eno1             UP             10.20.0.7/23
eno2             UP             172.29.4.7/24
root@n7:~# ip route
default via 172.29.4.1 dev eno2
10.20.0.0/23 dev eno1 proto kernel scope link src 10.20.0.7
172.29.4.0/24 dev eno2 proto kernel scope link src 172.29.4.7
root@n7:~# curl -k -m 3 https://10.99.0.1/healthz
curl: (28) Connection timed out after 3001 milliseconds
root@n7:~# iptables-save -t nat | grep -e AAAA -e 10.99.0.1/
-A KUBE-SERVICES -d 10.99.0.1/32 -p tcp -m comment --comment "default/kubernetes:https cluster IP" -m tcp --dport 443 -j KUBE-SVC-AAAA
-A KUBE-SEP-AAAA -p tcp -m tcp -j DNAT --to-destination 10.20.0.2:6443
${marking}-A KUBE-SVC-AAAA -j KUBE-SEP-AAAA
`;

export const cases: BuiltinCases = {
  bad: [
    {
      name: 'the chains of the Service alone, and a client that waited in vain',
      snapshot: parseSnapshot({ 'ticket.txt': chainsAlone('') }),
    },
    { name: 'the server has no route at all to the source', snapshot: calling({}) },
    { name: 'UDP is lost in the same way', snapshot: calling({ proto: 'udp' }) },
    {
      name: 'the server answers by a gateway, and connections stay unanswered',
      snapshot: calling({ server: gateway, conntrack: entry('SYN_SENT', '[UNREPLIED] ') }),
    },
    {
      name: 'an endpoint on the node itself has answered, and the other one is behind a gateway',
      snapshot: calling({
        server: gateway,
        conntrack: entry('ESTABLISHED', '').replace(/src=172\.29\.5\.(?!7 )\d+/, 'src=172.29.5.7'),
      }),
    },
    { name: 'the server answers by a gateway of which nothing is known', snapshot: calling({ server: gateway }) },
    {
      name: 'the server was not captured, and a client timed out',
      snapshot: calling({
        server: null,
        log: 'E1120 10:00:00.000000    1001 reflector.go:138] Failed to list *v1.Node: Get "https://10.100.0.1:443/api/v1/nodes": dial tcp 10.100.0.1:443: i/o timeout\n',
      }),
    },
    { name: 'only the server is missing', snapshot: calling({ server: null }) },
    {
      name: 'the rules were not captured, and a packet was seen to leave with the source of another interface',
      snapshot: calling({ without: ['iptables-save.txt'], tcpdump: syn('10.9.0.7') }),
    },
    {
      name: 'two answers of the kernel alone, and a client that timed out',
      snapshot: parseSnapshot({
        'ticket.txt': answers('curl: (7) Failed to connect to 172.24.0.1 port 443: Connection timed out'),
      }),
    },
    { name: 'the range of the Services is known', snapshot: calling({ settings: 'service-cidr: 10.100.0.0/16\n' }) },
  ],
  good: [
    {
      name: 'the chains of the Service alone, which mark calls for masquerading',
      needs: ['iptables-save'],
      snapshot: parseSnapshot({
        'ticket.txt': chainsAlone(
          '-A KUBE-SVC-AAAA ! -s 10.61.0.0/16 -d 10.99.0.1/32 -p tcp -m tcp --dport 443 -j KUBE-MARK-MASQ\n',
        ),
      }),
    },
    {
      name: 'what processes of the node send to Services is masqueraded',
      snapshot: calling({
        nat: '-A OUTPUT -d 10.100.0.0/16 -j MARK --set-xmark 0x4000/0x4000\n-A POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE\n',
      }),
    },
    {
      name: 'Services are routed by the interface of their endpoints',
      snapshot: calling({ routes: 'default via 10.9.0.1 dev mgmt0 \n10.100.0.0/16 dev data0 scope link \n' }),
    },
    {
      name: 'the default route is that of the endpoints',
      snapshot: calling({ routes: 'default via 172.29.5.3 dev data0 \n' }),
    },
    {
      name: 'the route names the right source',
      snapshot: calling({ routes: 'default via 10.9.0.1 dev mgmt0 src 172.29.5.7 \n' }),
    },
    { name: 'the server has a route back', snapshot: calling({ server: '10.9.0.0/24 via 172.29.5.7 dev eth0 \n' }) },
    {
      name: 'the gateway of the server is known to find the way: connections were answered',
      snapshot: calling({ server: gateway, conntrack: entry('ESTABLISHED', '') }),
    },
    {
      name: 'the server refuses whoever calls: that is another fault',
      snapshot: calling({
        serverFilter: '-A INPUT -p tcp -m tcp --dport 6443 -j REJECT --reject-with icmp-port-unreachable\n',
      }),
    },
    {
      name: 'the rules were not captured',
      snapshot: calling({ without: ['iptables-save.txt'] }),
      needs: ['iptables-save'],
    },
    {
      name: 'the rules were not captured, and packets have the source of their interface',
      snapshot: calling({ without: ['iptables-save.txt'], tcpdump: syn('172.29.5.7') }),
      needs: ['iptables-save'],
    },
    {
      name: 'two answers of the kernel, and a client that was answered',
      snapshot: parseSnapshot({ 'ticket.txt': answers('ok') }),
      needs: ['ip-addr', 'iptables-save'],
    },
    { name: 'the addresses were not captured', snapshot: calling({ without: ['ip-addr.txt'] }), needs: ['ip-addr'] },
    { name: 'the routes were not captured', snapshot: calling({ without: ['ip-route.txt'] }), needs: ['ip-route'] },
  ],
};
