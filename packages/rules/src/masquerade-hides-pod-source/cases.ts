/** Rules that hide pods from pods of other nodes, written by several programs, and rules that spare them. */
import { parseSnapshot } from '@coldtrace/parsers';
import type { BuiltinCases } from '../testing/builtin-cases.js';
import { loAddress } from '../testing/loopback.js';
import { pods } from './cases.world.js';

const docker = '-A POSTROUTING -s 10.60.1.0/24 ! -o docker0 -j MASQUERADE\n';
const flannel =
  '-A POSTROUTING -s 10.60.0.0/16 -d 10.60.0.0/16 -j RETURN\n-A POSTROUTING -s 10.60.0.0/16 ! -d 224.0.0.0/4 -j MASQUERADE\n';

const linked = (index: number, dev: string, mac: string, address: string) =>
  `${index}: ${dev}: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default \n    link/ether ${mac} brd ff:ff:ff:ff:ff:ff\n    inet6 ${address}\n       valid_lft forever preferred_lft forever\n`;

const env = 'FLANNEL_NETWORK=10.60.0.0/16\nFLANNEL_SUBNET=10.60.1.1/24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=false\n';

const options = (masq: string) =>
  `DOCKER_OPT_BIP="--bip=10.60.1.1/24"\nDOCKER_OPT_IPMASQ="--ip-masq=${masq}"\nDOCKER_OPT_MTU="--mtu=1450"\nDOCKER_NETWORK_OPTIONS=" --bip=10.60.1.1/24 --ip-masq=${masq} --mtu=1450"\n`;

export const cases: BuiltinCases = {
  bad: [
    {
      name: 'docker masquerades what leaves by any other device',
      snapshot: pods({
        nat: docker,
        bridge: 'docker0',
        conntrack:
          'tcp      6 86 TIME_WAIT src=10.60.1.7 dst=10.60.2.9 sport=40112 dport=8080 src=10.60.2.9 dst=10.60.1.0 sport=8080 dport=40112 [ASSURED] mark=0 use=1\n',
      }),
    },
    {
      name: 'with plain routes between the nodes the source is the node itself',
      snapshot: pods({ nat: '-A POSTROUTING -s 10.60.1.0/24 -o ens5 -j MASQUERADE\n', way: 'host-gw' }),
    },
    {
      name: 'a chain of the bridge plugin spares only the own subnet',
      snapshot: pods({
        nat: ':CNI-4b8e1f3a2c5d6e7f8a9b0c1d - [0:0]\n-A POSTROUTING -s 10.60.1.7/32 -m comment --comment "name: \\"cbr0\\" id: \\"1f\\"" -j CNI-4b8e1f3a2c5d6e7f8a9b0c1d\n-A CNI-4b8e1f3a2c5d6e7f8a9b0c1d -d 10.60.1.0/24 -m comment --comment "name: \\"cbr0\\" id: \\"1f\\"" -j ACCEPT\n-A CNI-4b8e1f3a2c5d6e7f8a9b0c1d ! -d 224.0.0.0/4 -m comment --comment "name: \\"cbr0\\" id: \\"1f\\"" -j MASQUERADE\n',
      }),
    },
    {
      name: 'the exemption stands behind the rule',
      snapshot: pods({ nat: flannel.split('\n').reverse().join('\n').trimStart().concat('\n') }),
    },
    {
      name: 'a fixed source by SNAT',
      snapshot: pods({ nat: '-A POSTROUTING -s 10.60.0.0/16 -j SNAT --to-source 10.5.0.11\n', way: 'host-gw' }),
    },
    {
      name: 'the other node was not captured',
      snapshot: pods({ nat: docker, bridge: 'docker0', peer: false }),
    },
    {
      name: 'an old flannel with one route for all subnets',
      snapshot: pods({ nat: docker, bridge: 'docker0', peer: false, way: 'one route for all' }),
    },
    {
      name: 'docker with plain routes between the nodes',
      snapshot: pods({ nat: docker, bridge: 'docker0', way: 'host-gw' }),
    },
    {
      name: 'the addresses were not captured',
      snapshot: pods({ nat: docker, bridge: 'docker0', without: ['ip-addr.txt'] }),
    },
    {
      name: 'the rule and the file of flannel alone',
      snapshot: parseSnapshot({ 'w1/subnet.env': env, 'w1/iptables-rules.txt': `-P POSTROUTING ACCEPT\n${docker}` }),
    },
    {
      name: 'docker’s options are all there is of its rules',
      snapshot: parseSnapshot({ 'w1/subnet.env': env, 'w1/docker': options('true') }),
    },
  ],
  good: [
    {
      name: 'docker was told not to masquerade, and its rules were not captured',
      snapshot: parseSnapshot({ 'w1/subnet.env': env, 'w1/docker': options('false') }),
      needs: ['ip-addr', 'ip-route'],
    },
    {
      name: 'docker would masquerade, and pods stand behind the bridge of a plugin',
      snapshot: parseSnapshot({
        'w1/subnet.env': env,
        'w1/docker': options('true'),
        'w1/10-flannel.conflist':
          '{"name":"cbr0","cniVersion":"0.3.1","plugins":[{"type":"flannel","delegate":{"isDefaultGateway":true}}]}\n',
      }),
      needs: ['ip-addr', 'ip-route'],
    },
    {
      name: 'the rule and the file of flannel alone, and a rule before it spares the network',
      snapshot: parseSnapshot({
        'w1/subnet.env': env,
        'w1/iptables-rules.txt': `-P POSTROUTING ACCEPT\n-A POSTROUTING -s 10.60.0.0/16 -d 10.60.0.0/16 -j RETURN\n${docker}`,
      }),
      needs: ['ip-addr', 'ip-route'],
    },
    {
      name: 'the other pods have no route here, so they are called as hosts of the internet are',
      snapshot: pods({ nat: docker, bridge: 'docker0', unrouted: true, env: false }),
    },
    { name: 'flannel spares its network', snapshot: pods({ nat: flannel }) },
    {
      name: 'two chains spare both devices',
      snapshot: pods({
        bridge: 'docker0',
        nat: ':a - [0:0]\n:b - [0:0]\n-A POSTROUTING -s 10.60.1.0/24 ! -o docker0 -j a\n-A POSTROUTING -s 10.60.1.0/24 ! -o flannel.1 -j b\n-A a ! -o flannel.1 -j MASQUERADE\n-A b ! -o docker0 -j MASQUERADE\n',
      }),
    },
    {
      name: 'kube-proxy masquerades what it has marked',
      snapshot: pods({
        nat: `:KUBE-POSTROUTING - [0:0]\n-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING\n-A KUBE-POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE\n`,
      }),
    },
    {
      name: 'containers of plain docker have a network of their own',
      snapshot: pods({ nat: `-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE\n${flannel}` }),
    },
    {
      name: 'every device has a route to fe80::/64, those of pods too',
      snapshot: parseSnapshot({
        'w1/ip6tables-save.txt':
          '# Generated by ip6tables-save v1.8.9 on Fri Nov 20 23:00:00 2026\n*nat\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -s fd60::/48 ! -d fd60::/48 -j MASQUERADE\nCOMMIT\n',
        'w1/ip-addr.txt': `${loAddress}${linked(2, 'ens5', '52:54:00:05:00:0b', 'fd05::11/64 scope global')}${linked(3, 'cali1234567890a', 'ee:ee:ee:ee:ee:ee', 'fe80::ecee:eeff:feee:eeee/64 scope link')}`,
        'w1/ip-6-route.txt':
          'fd05::/64 dev ens5 proto kernel metric 256 pref medium\nfd60:0:0:1::10 dev cali1234567890a metric 1024 pref medium\nfe80::/64 dev cali1234567890a proto kernel metric 256 pref medium\ndefault via fd05::1 dev ens5 metric 1024 pref medium\nlocal fd05::11 dev ens5 table local proto kernel metric 0 pref medium\n',
        'w1/ip-6-rule.txt': '0:\tfrom all lookup local\n32766:\tfrom all lookup main\n',
        'w1/ip-neigh.txt': 'fd60:0:0:1::10 dev cali1234567890a lladdr 0a:58:0a:3c:01:07 REACHABLE\n',
        'w1/sysctl.txt': 'net.ipv6.conf.all.forwarding = 1\n',
      }),
    },
    {
      name: 'the rules were not captured',
      snapshot: pods({ nat: docker, bridge: 'docker0', without: ['iptables-save.txt'] }),
      needs: ['iptables-save'],
    },
    {
      name: 'the routes were not captured',
      snapshot: pods({ nat: docker, bridge: 'docker0', without: ['ip-route.txt'] }),
      needs: ['ip-route'],
    },
  ],
};
