/** Gateways that pass nothing on, for each reason one, and gateways that do. */
import type { BuiltinCases } from '../testing/builtin-cases.js';
import { forwardingOff, gateway, lanOff } from './cases.world.js';

const docker = ':DOCKER-USER - [0:0]\n-A FORWARD -j DOCKER-USER\n-A DOCKER-USER -j RETURN\n';
const established = '-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n';

export const cases: BuiltinCases = {
  bad: [
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
      name: 'nobody of the masqueraded network was captured',
      snapshot: gateway({ policy: 'DROP', clients: 0, lan: '172.22.0' }),
    },
    {
      name: 'the sysctl of a pasted line is all there is of forwarding',
      snapshot: gateway({ sysctl: 'net.ipv4.ip_forward = 0\n' }),
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
            '2: ens3: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq_codel state UP group default qlen 1000\n    link/ether 52:54:00:00:02:02 brd ff:ff:ff:ff:ff:ff\n    inet 198.51.100.2/24 brd 198.51.100.255 scope global ens3\n       valid_lft forever preferred_lft forever\n4: cni0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000\n    link/ether 52:54:00:99:01:01 brd ff:ff:ff:ff:ff:ff\n    inet 10.99.1.1/24 brd 10.99.1.255 scope global cni0\n       valid_lft forever preferred_lft forever\n',
          'hub/ip-route.txt':
            'default via 198.51.100.1 dev ens3 \n10.99.1.0/24 dev cni0 proto kernel scope link src 10.99.1.1 \n198.51.100.0/24 dev ens3 proto kernel scope link src 198.51.100.2 \n',
        },
      }),
    },
  ],
  good: [
    { name: 'the gateway forwards and masquerades', snapshot: gateway({ clients: 3 }) },
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
      name: 'the rules of the gateway were not captured',
      snapshot: gateway({ without: ['iptables-save.txt'] }),
      needs: ['iptables-save'],
    },
    {
      name: 'the settings of the gateway were not captured',
      snapshot: gateway({ without: ['sysctl.txt'] }),
      needs: ['sysctl'],
    },
  ],
};
