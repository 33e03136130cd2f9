/** Gateways that pass nothing on, for each reason one, and gateways that do. */
import { parseSnapshot } from '@coldtrace/parsers';
import type { BuiltinCases } from '../testing/builtin-cases.js';
import { loAddress } from '../testing/loopback.js';
import { calicoNode, cloudNode, forwardingOff, gateway, hubLinks, lanOff } from './cases.world.js';
import { podCases } from './pods/cases.js';

const docker = ':DOCKER-USER - [0:0]\n-A FORWARD -j DOCKER-USER\n-A DOCKER-USER -j RETURN\n';
const established = '-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n';

const ufw = (from: string, to: string) =>
  `[ 1203.500100] [UFW BLOCK] IN=${from} OUT=${to} PHYSIN=veth0a0b0c0d MAC=aa:bb:cc:00:00:01:aa:bb:cc:00:00:02:08:00 SRC=10.70.0.9 DST=10.70.0.2 LEN=60 TOS=0x00 PREC=0x00 TTL=64 ID=9 DF PROTO=TCP SPT=40000 DPT=53 WINDOW=64860 RES=0x00 SYN URGP=0`;

const ufwStatus = (routed: string) =>
  `Status: active\nLogging: on (low)\nDefault: deny (incoming), allow (outgoing), ${routed}\nNew profiles: skip\n\nTo                         Action      From\n--                         ------      ----\n22/tcp                     ALLOW IN    Anywhere\n`;

/** `iptables -S` of a node with kube-proxy and docker, and nothing else. */
const filterAlone = (rules: string) =>
  parseSnapshot({
    'ticket.txt': `[root@w2 ~]# iptables -S
-P INPUT ACCEPT
-P FORWARD DROP
-P OUTPUT ACCEPT
-N DOCKER-USER
-N KUBE-FORWARD
${rules}-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
-A FORWARD -j DOCKER-USER
-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -i docker0 ! -o docker0 -j ACCEPT
-A DOCKER-USER -j RETURN
-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP
-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT
-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
[root@w2 ~]# 
`,
  });

export const cases: BuiltinCases = {
  bad: [
    {
      name: 'of a node that serves Services only the filter was captured, and docker has closed it',
      snapshot: filterAlone(''),
    },
    {
      name: 'only the log of ufw tells, between pods of one node and to another',
      snapshot: parseSnapshot({
        'hub/hostname': 'hub\n',
        'hub/dmesg.txt': `${[ufw('cni0', 'cni0'), ufw('cni0', 'flannel.1'), ufw('cni0', 'cni0')].join('\n')}\n`,
      }),
    },
    {
      name: 'only the log of firewalld tells, of a node without a name',
      snapshot: parseSnapshot({
        'ticket.txt':
          'filter_FWD_public_REJECT: IN=flannel.1 OUT=cni0 MAC=aa:bb:cc:00:00:01:aa:bb:cc:00:00:02:08:00 SRC=10.70.1.0 DST=10.70.0.2 LEN=69 TOS=0x00 PREC=0x00 TTL=63 ID=7 DF PROTO=UDP SPT=4433 DPT=53 LEN=49\n',
      }),
    },
    {
      name: 'what ufw says of itself is all there is of the rules',
      snapshot: gateway({
        without: ['iptables-save.txt'],
        clients: 2,
        more: { 'hub/ufw-status.txt': ufwStatus('deny (routed)') },
      }),
    },
    { name: 'the set of pools to masquerade is empty', snapshot: calicoNode({ pools: [] }) },
    { name: 'the set holds another pool', snapshot: calicoNode({ pools: ['10.71.0.0/16'] }) },
    { name: 'the rule that masquerades pools is gone', snapshot: calicoNode({ pools: ['10.70.0.0/16'], rule: false }) },
    ...podCases.bad,
    { name: 'docker has set the policy to DROP', snapshot: gateway({ policy: 'DROP', filter: docker, clients: 4 }) },
    {
      name: 'the policy is DROP and nobody of whom there is a trace set it',
      snapshot: gateway({ policy: 'DROP', filter: '-A FORWARD -i ens5 -j ACCEPT\n' }),
    },
    {
      name: 'firewalld rejects at the end of the chain',
      snapshot: gateway({
        filter: `:FORWARD_IN_ZONES - [0:0]\n${established}-A FORWARD -j FORWARD_IN_ZONES\n-A FORWARD -j REJECT --reject-with icmp-host-prohibited\n`,
      }),
    },
    { name: 'forwarding is off', snapshot: gateway({ sysctl: forwardingOff, clients: 2 }) },
    { name: 'forwarding is off for the device of the network', snapshot: gateway({ sysctl: lanOff }) },
    {
      name: 'forwarding is off, the policy drops, and nothing is masqueraded: all three are missing',
      snapshot: gateway({ sysctl: forwardingOff, policy: 'DROP', filter: docker, nat: '' }),
    },
    {
      name: 'another network is masqueraded',
      snapshot: gateway({ nat: '-A POSTROUTING -s 10.30.0.0/24 -o ens3 -j MASQUERADE\n' }),
    },
    {
      name: 'requests are accepted and answers are not',
      snapshot: gateway({ policy: 'DROP', filter: '-A FORWARD -i ens4 -o ens3 -j ACCEPT\n' }),
    },
    {
      name: 'a rule of another table drops before FORWARD is asked',
      snapshot: gateway({
        nat: 'COMMIT\n*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A PREROUTING -s 10.30.7.0/24 ! -d 10.30.7.0/24 -j DROP\n',
      }),
    },
    {
      name: 'the policy of one variant drops where rules of both are live',
      snapshot: gateway({
        more: {
          'hub/iptables-nft-save.txt':
            '# Generated by iptables-nft-save v1.8.7 (nf_tables) on Fri Nov 20 23:00:00 2026\n*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n',
        },
      }),
    },
    {
      name: 'the routes of the gateway were not captured, and it has one other network',
      snapshot: gateway({ sysctl: forwardingOff, without: ['ip-route.txt'] }),
    },
    {
      name: 'the addresses of the gateway were not captured, and its routes name them',
      snapshot: gateway({
        policy: 'DROP',
        filter: docker,
        without: ['ip-addr.txt'],
        more: { 'hub/ip-link.txt': hubLinks },
      }),
    },
    {
      name: 'SNAT gives an address of the uplink’s network that the node no longer has',
      snapshot: gateway({ nat: '-A POSTROUTING -o ens3 -j SNAT --to-source 198.51.100.77\n', clients: 2 }),
    },
    {
      name: 'SNAT gives the address that the gateway has in the clients’ own network',
      snapshot: gateway({ nat: '-A POSTROUTING -s 10.30.7.0/24 -o ens3 -j SNAT --to-source 10.30.7.1\n' }),
    },
    {
      name: 'packets that nothing masquerades were seen beyond the gateway',
      snapshot: gateway({
        nat: '',
        more: {
          'hub/tcpdump.txt':
            'tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\nlistening on ens3, link-type EN10MB (Ethernet), snapshot length 262144 bytes\n23:00:01.101212 IP 10.30.7.11.51234 > 9.9.9.9.853: Flags [S], seq 10, win 64240, options [mss 1460], length 0\n',
        },
      }),
    },
    {
      name: 'a rule lets packets pass before the one that would masquerade them',
      snapshot: gateway({
        nat: '-A POSTROUTING -s 10.30.0.0/16 -j ACCEPT\n-A POSTROUTING -s 10.30.7.0/24 -o ens3 -j MASQUERADE\n',
      }),
    },
    {
      name: 'nobody of the masqueraded network was captured',
      snapshot: gateway({ policy: 'DROP', clients: 0, lan: '172.22.0' }),
    },
    {
      name: 'the sysctl of a pasted line is all there is of forwarding',
      snapshot: gateway({ sysctl: 'net.ipv4.ip_forward = 0\n' }),
    },
    {
      name: 'route -n is all there is of the client',
      snapshot: gateway({
        sysctl: forwardingOff,
        clients: 0,
        nat: '',
        more: {
          'leaf-9/hostname': 'leaf-9\n',
          'leaf-9/route.txt':
            'Kernel IP routing table\nDestination     Gateway         Genmask         Flags Metric Ref    Use Iface\n0.0.0.0         10.30.7.1       0.0.0.0         UG    0      0        0 eth0\n10.30.7.0       0.0.0.0         255.255.255.0   U     0      0        0 eth0\n',
        },
      }),
    },
    { name: 'pods on a device each, of a node that forwards nothing', snapshot: cloudNode({ sysctl: forwardingOff }) },
    { name: 'nothing leads to the chain of ip-masq-agent', snapshot: cloudNode({ lead: '' }) },
    {
      name: 'a rule lets pods pass, and nothing leads to the chain of kindnet',
      snapshot: cloudNode({ chain: 'KIND-MASQ-AGENT', lead: '-A POSTROUTING -s 10.70.0.0/16 -j ACCEPT\n' }),
    },
    {
      name: 'a pod behind the bridge of a node that forwards nothing',
      snapshot: gateway({
        clients: 0,
        nat: '',
        sysctl: `${forwardingOff}net.ipv4.conf.cni0.forwarding = 0\nnet.ipv4.conf.cni0.rp_filter = 0\n`,
        more: {
          'hub/ip-neigh.txt':
            '198.51.100.1 dev ens3 lladdr 52:54:00:00:02:01 REACHABLE\n10.99.1.6 dev cni0 lladdr 52:54:00:99:01:06 REACHABLE\n',
          'hub/ip-addr.txt':
            loAddress +
            '2: ens3: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq_codel state UP group default qlen 1000\n    link/ether 52:54:00:00:02:02 brd ff:ff:ff:ff:ff:ff\n    inet 198.51.100.2/24 brd 198.51.100.255 scope global ens3\n       valid_lft forever preferred_lft forever\n4: cni0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000\n    link/ether 52:54:00:99:01:01 brd ff:ff:ff:ff:ff:ff\n    inet 10.99.1.1/24 brd 10.99.1.255 scope global cni0\n       valid_lft forever preferred_lft forever\n',
          'hub/ip-route.txt':
            'default via 198.51.100.1 dev ens3 \n10.99.1.0/24 dev cni0 proto kernel scope link src 10.99.1.1 \n198.51.100.0/24 dev ens3 proto kernel scope link src 198.51.100.2 \n',
        },
      }),
    },
  ],
  good: [
    {
      name: 'ufw allows what is routed, and the rules were not captured',
      snapshot: gateway({
        without: ['iptables-save.txt'],
        more: { 'hub/ufw-status.txt': ufwStatus('allow (routed)') },
      }),
      needs: ['iptables-save'],
    },
    {
      name: 'ufw denies what is routed, and a rule accepts it',
      snapshot: gateway({
        policy: 'DROP',
        filter:
          '-A FORWARD -i ens4 -j ACCEPT\n-A FORWARD -o ens4 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n',
        more: { 'hub/ufw-status.txt': ufwStatus('deny (routed)') },
      }),
    },
    ...podCases.good,
    {
      name: 'no policy rule asks table main, so that no route leads on: forwarding is on',
      snapshot: gateway({
        more: { 'hub/ip-rule.txt': '0:\tfrom all lookup local\n32767:\tfrom all lookup default\n' },
      }),
    },
    { name: 'a rule leads to the chain of ip-masq-agent', snapshot: cloudNode() },
    {
      name: 'nothing leads to a chain that masquerades, and nobody knows whose it is',
      snapshot: cloudNode({ chain: 'MY-MASQ', lead: '' }),
    },
    { name: 'Felix has written the pool', snapshot: calicoNode({ pools: ['10.70.0.0/16'] }) },
    {
      name: 'Felix has no chain here, and may masquerade by what iptables does not show',
      snapshot: calicoNode({ pools: [], rule: 'elsewhere' }),
    },
    { name: 'a pool that is not to be masqueraded', snapshot: calicoNode({ pools: [], natOutgoing: false }) },
    {
      name: 'the gateway of a client that showed its routes alone forwards and masquerades',
      snapshot: gateway({
        more: {
          'leaf-9/hostname': 'leaf-9\n',
          'leaf-9/ip-route.txt': 'default via 10.30.7.1 dev eth0 \n10.30.7.0/24 dev eth0 scope link \n',
        },
      }),
    },
    {
      name: 'what goes out is led to a proxy with a private address, which may know the way back to those behind the gateway',
      snapshot: gateway({ nat: '-A PREROUTING -i ens4 -p tcp -j DNAT --to-destination 10.40.0.9:3128\n' }),
    },
    { name: 'the gateway forwards and masquerades', snapshot: gateway({ clients: 3 }) },
    {
      name: 'a bridge and its port have one hardware address, and no dump shows which is which',
      snapshot: gateway({
        more: {
          'hub/ip-addr.txt': '',
          'hub/ifconfig.txt':
            'ens3: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500\n        inet 198.51.100.2  netmask 255.255.255.0  broadcast 198.51.100.255\n        ether 52:54:00:00:02:02  txqueuelen 1000  (Ethernet)\n\nens4: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500\n        inet 10.30.7.1  netmask 255.255.255.0  broadcast 10.30.7.255\n        ether 52:54:00:00:03:01  txqueuelen 1000  (Ethernet)\n\nens5: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500\n        ether 52:54:00:00:03:01  txqueuelen 1000  (Ethernet)\n',
        },
      }),
    },
    {
      name: 'the policy is DROP, and rules before it accept the network and its answers',
      snapshot: gateway({ policy: 'DROP', filter: `${established}-A FORWARD -s 10.30.7.0/24 -j ACCEPT\n` }),
    },
    {
      name: 'public addresses need no masquerading',
      snapshot: gateway({ lan: '203.0.113', nat: '' }),
    },
    {
      name: 'the source is rewritten by SNAT to a fixed address',
      snapshot: gateway({ nat: '-A POSTROUTING -o ens3 -j SNAT --to-source 198.51.100.2\n' }),
    },
    {
      name: 'SNAT gives a public address from beyond the uplink’s network, which may be led here',
      snapshot: gateway({ nat: '-A POSTROUTING -o ens3 -j SNAT --to-source 192.0.2.40\n' }),
    },
    {
      name: 'SNAT gives a second address of the uplink',
      snapshot: gateway({
        nat: '-A POSTROUTING -o ens3 -j SNAT --to-source 198.51.100.3\n',
        more: {
          'hub/ip-route.txt':
            'default via 198.51.100.1 dev ens3 \n10.30.7.0/24 dev ens4 proto kernel scope link src 10.30.7.1 \n198.51.100.0/24 dev ens3 proto kernel scope link src 198.51.100.2 \nlocal 10.30.7.1 dev ens4 table local proto kernel scope host src 10.30.7.1 \nlocal 198.51.100.2 dev ens3 table local proto kernel scope host src 198.51.100.2 \nlocal 198.51.100.3 dev lo table local proto kernel scope host src 198.51.100.3 \n',
        },
      }),
    },
    {
      name: 'the gateway forwards, and only its routes name its addresses',
      snapshot: gateway({ without: ['ip-addr.txt'], more: { 'hub/ip-link.txt': hubLinks } }),
      needs: ['ip-addr'],
    },
    {
      name: 'the rules of the gateway were not captured',
      snapshot: gateway({ without: ['iptables-save.txt'] }),
      needs: ['iptables-save'],
    },
    {
      name: 'nothing but nft shows that the gateway has rules',
      snapshot: gateway({
        without: ['iptables-save.txt'],
        more: {
          'hub/iptables-legacy-save.txt': '',
          'hub/nft-ruleset.txt':
            'table ip nat {\n\tchain POSTROUTING {\n\t\ttype nat hook postrouting priority srcnat; policy accept;\n\t\tip saddr 10.30.7.0/24 counter packets 1 bytes 60 masquerade\n\t}\n}\n# Warning: table ip nat is managed by iptables-nft, do not touch!\n',
        },
      }),
      needs: ['iptables-save'],
    },
    {
      name: 'the legacy variant alone has no rules',
      snapshot: gateway({ without: ['iptables-save.txt'], more: { 'hub/iptables-legacy-save.txt': '' } }),
      needs: ['iptables-save'],
    },
    {
      name: 'the settings of the gateway were not captured',
      snapshot: gateway({ without: ['sysctl.txt'] }),
      needs: ['sysctl'],
    },
  ],
};
