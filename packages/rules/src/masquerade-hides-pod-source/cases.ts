/** Rules that hide pods from pods of other nodes, written by several programs, and rules that spare them. */
import { parseSnapshot } from '@coldtrace/parsers';
import type { BuiltinCases } from '../testing/builtin-cases.js';
import { pods } from './cases.world.js';

const docker = '-A POSTROUTING -s 10.60.1.0/24 ! -o docker0 -j MASQUERADE\n';
const flannel =
  '-A POSTROUTING -s 10.60.0.0/16 -d 10.60.0.0/16 -j RETURN\n-A POSTROUTING -s 10.60.0.0/16 ! -d 224.0.0.0/4 -j MASQUERADE\n';

const env = 'FLANNEL_NETWORK=10.60.0.0/16\nFLANNEL_SUBNET=10.60.1.1/24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=false\n';

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
  ],
  good: [
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
