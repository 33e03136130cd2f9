/** Worlds that show the fault, and worlds that look like it. */
import { parseSnapshot } from '@coldtrace/parsers';
import type { BuiltinCases } from '../testing/builtin-cases.js';
import { base, world } from './cases.world.js';

const local = ['-A -t 10.43.0.1:443 -s wrr', '-a -t 10.43.0.1:443 -r 172.16.5.1:6444 -m -w 1'];
const seen =
  '# tcpdump -nn -i ens3 port 6444\n21:04:11.100200 IP 10.43.0.1.51514 > 172.16.5.2.6444: Flags [S], seq 1, win 65495, options [mss 65495,sackOK,TS val 7 ecr 0,nop,wscale 7], length 0\n';

const clusterIps = '! -s 10.42.0.0/16 -m set --match-set SERVICES-IP dst,dst';
const unmasked =
  'tcp      6 108 SYN_SENT src=10.43.0.1 dst=10.43.0.1 sport=47090 dport=443 [UNREPLIED] src=172.16.5.2 dst=10.43.0.1 sport=6444 dport=47090 mark=0 use=1\n';

const connections = (client: string, state: string) =>
  `IPVS connection entries\npro expire state       source             virtual            destination\nTCP 00:51  ${state}    ${client}   10.43.0.1:443      172.16.5.2:6444\n`;

const waiting =
  'E1120 21:04:11.000000       1 main.go:251] Failed to create SubnetManager: error retrieving pod spec: Get "https://10.43.0.1:443/api/v1/namespaces/kube-system/pods/kube-flannel-ds-a1b2c": dial tcp 10.43.0.1:443: i/o timeout\n';
const unlisted = (log: string) =>
  parseSnapshot({
    'edge-a/ip-addr.txt':
      '3: kube-ipvs0: <BROADCAST,NOARP> mtu 1500 qdisc noop state DOWN group default\n    link/ether c6:14:f7:ad:b6:01 brd ff:ff:ff:ff:ff:ff\n    inet 10.43.0.1/32 scope global kube-ipvs0\n',
    'edge-a/ip-route-table-local.txt': 'local 10.43.0.1 dev kube-ipvs0 proto kernel scope host src 10.43.0.1\n',
    'edge-a/flanneld.log': log,
  });

export const cases: BuiltinCases = {
  bad: [
    { name: 'no rule marks what is to be masqueraded', snapshot: world({ marking: null }) },
    {
      name: 'the rule leaves out a network that holds the Services',
      snapshot: world({ marking: '! -s 10.0.0.0/8 -m set --match-set SERVICES-IP dst,dst' }),
    },
    {
      name: 'the set lacks the Service',
      snapshot: world({
        members: base.members.slice(1),
        marking: clusterIps,
      }),
    },
    { name: 'packets of IPVS are not tracked', snapshot: world({ tracked: '0' }) },
    { name: 'the server was not captured', snapshot: world({ marking: null, server: null }) },
    {
      name: 'the server accepts its own address as source and answers to itself',
      snapshot: world({ marking: null, acceptLocal: true }),
    },
    {
      name: 'whether packets are tracked was not captured and makes no difference',
      snapshot: world({ marking: null, without: ['sysctl.txt'] }),
    },
    {
      name: 'the kernel’s parameters are of a time before IPVS and make no difference',
      snapshot: world({ marking: null, loaded: false }),
    },
    {
      name: 'a client waits, and the rules were not captured',
      snapshot: world({
        without: ['sysctl.txt', 'iptables-save.txt', 'ipset-list.txt', 'ip-route.txt'],
        more: {
          'edge-a/curl.txt':
            '[root@edge-a ~]# curl -k https://10.43.0.1\ncurl: (28) Failed to connect to 10.43.0.1 port 443: Connection timed out\n',
        },
      }),
    },
    {
      name: 'the rules were not captured, and a tracked call shows that none masqueraded it',
      snapshot: world({ without: ['iptables-save.txt'], more: { 'edge-a/conntrack.txt': unmasked } }),
    },
    {
      name: 'the sets that rules ask for were not captured, and a tracked call was not masqueraded',
      snapshot: world({ marking: clusterIps, without: ['ipset-list.txt'], more: { 'edge-a/conntrack.txt': unmasked } }),
    },
    {
      name: 'the rules were not captured, and packets that are not tracked were seen on the wire',
      snapshot: world({ tracked: '0', without: ['iptables-save.txt'], more: { 'edge-a/tcpdump.txt': seen } }),
    },
    {
      name: 'only a capture on the wire shows it',
      snapshot: world({ without: ['ipvsadm.txt'], more: { 'edge-a/tcpdump.txt': seen } }),
    },
    {
      name: 'neither IPVS nor rules were captured, and a daemon of the node waits for an address that it holds',
      snapshot: unlisted(waiting),
    },
    {
      name: 'the connections of IPVS are all there is, and a call of the node waits for an answer',
      snapshot: parseSnapshot({ 'edge-a/ipvsadm-lnc.txt': connections('10.43.0.1:40112', 'SYN_RECV') }),
    },
  ],
  good: [
    {
      name: 'the connections of IPVS are all there is: a call of the node was answered, and one of a pod waits',
      snapshot: parseSnapshot({
        'edge-a/ipvsadm-lnc.txt': `${connections('10.43.0.1:40112', 'ESTABLISHED')}TCP 00:51  SYN_RECV    10.42.7.9:40113    10.43.0.1:443      172.16.5.2:6444\n`,
      }),
      needs: ['ipvsadm'],
    },
    {
      name: 'neither IPVS nor rules were captured, and the API server answers by that address',
      snapshot: unlisted(
        `${waiting}[root@edge-a ~]# curl -k https://10.43.0.1\n{ "code": 401, "message": "Unauthorized" }\n`,
      ),
      needs: ['ipvsadm'],
    },
    {
      name: 'IPVS was not captured, and a daemon waits, and the rules are there',
      snapshot: world({
        without: ['ipvsadm.txt'],
        more: { 'edge-a/flanneld.log': waiting },
      }),
      needs: ['ipvsadm'],
    },
    {
      name: 'whether packets are tracked decides, and the kernel’s parameters are of a time before IPVS',
      snapshot: world({ tracked: '0', loaded: false }),
      needs: ['sysctl'],
    },
    { name: 'calls from Service addresses are marked', snapshot: world({}) },
    {
      name: 'all calls of Services are marked',
      snapshot: world({ marking: '-m set --match-set SERVICES-IP dst,dst' }),
    },
    {
      name: 'what is not from pods is marked',
      snapshot: world({ marking: clusterIps }),
    },
    { name: 'the only server is the node itself', snapshot: world({ marking: null, services: local }) },
    {
      name: 'the service is one of a port of the node',
      snapshot: world({
        marking: null,
        services: ['-A -t 172.16.5.1:30080 -s rr', '-a -t 172.16.5.1:30080 -r 172.16.5.2:6444 -m -w 1'],
      }),
    },
    {
      name: 'the virtual services were not captured',
      snapshot: world({ without: ['ipvsadm.txt'] }),
      needs: ['ipvsadm'],
    },
    {
      name: 'masquerading hangs on a parameter that was not captured',
      snapshot: world({ without: ['sysctl.txt'] }),
      needs: ['sysctl'],
    },
    {
      name: 'the rules were not captured',
      snapshot: world({ without: ['iptables-save.txt'] }),
      needs: ['iptables-save'],
    },
    {
      name: 'the sets that rules ask for were not captured',
      snapshot: world({ without: ['ipset-list.txt'] }),
      needs: ['ipset-list'],
    },
  ],
};
