/** Worlds that show the fault, and worlds that look like it. */
import { parseSnapshot } from '@coldtrace/parsers';
import { alpha, beta, files, type World } from '../flannel/world.js';
import type { BuiltinCases } from '../testing/builtin-cases.js';

const world = (given: Partial<World>) => parseSnapshot(files({ nodes: [alpha, beta], backend: 'vxlan', ...given }));

const node = (docker: string, bridge: string) =>
  parseSnapshot({
    'alpha/ip-addr.txt': `2: ens18: <UP> mtu 1500 state UP\n    link/ether 00:16:3e:5a:00:01 brd ff:ff:ff:ff:ff:ff\n    inet 10.66.0.11/24 scope global ens18\n3: docker0: <BROADCAST,MULTICAST,UP> mtu 1450 state UP\n    link/ether 02:42:aa:00:00:01 brd ff:ff:ff:ff:ff:ff\n    inet ${bridge} scope global docker0\n`,
    'alpha/subnet.env':
      'FLANNEL_NETWORK=172.30.0.0/16\nFLANNEL_SUBNET=172.30.24.1/24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=false\n',
    'alpha/ps.txt': `UID          PID    PPID  C STIME TTY          TIME CMD\nroot           1       0  0 Nov19 ?        00:00:11 /usr/lib/systemd/systemd\nroot         810       1  0 Nov19 ?        00:10:11 ${docker}\n`,
  });

export const cases: BuiltinCases = {
  bad: [
    {
      name: 'docker runs with a network of its own',
      snapshot: node('/usr/bin/dockerd --bip=172.18.5.1/24 --ip-masq=false', '172.18.5.1/24'),
    },
    { name: 'docker runs without the option', snapshot: node('/usr/bin/dockerd -H fd://', '172.17.0.1/16') },
    {
      name: 'daemon.json disagrees and docker has not been restarted',
      snapshot: parseSnapshot({
        'alpha/ip-addr.txt':
          '3: docker0: <BROADCAST,MULTICAST,UP> mtu 1450 state UP\n    link/ether 02:42:aa:00:00:01 brd ff:ff:ff:ff:ff:ff\n    inet 172.30.24.1/24 scope global docker0\n',
        'alpha/subnet.env': 'FLANNEL_NETWORK=172.30.0.0/16\nFLANNEL_SUBNET=172.30.24.1/24\nFLANNEL_MTU=1450\n',
        'alpha/daemon.json': '{"bip": "172.30.99.1/24", "log-driver": "json-file"}\n',
      }),
    },
  ],
  good: [
    {
      name: 'docker has flannel’s subnet',
      snapshot: node('/usr/bin/dockerd --bip=172.30.24.1/24 --ip-masq=true --mtu=1450', '172.30.24.1/24'),
    },
    { name: 'pods stand on cni0', snapshot: world({ files: { 'alpha/daemon.json': '{"bip": "172.26.0.1/16"}\n' } }) },
    {
      name: 'the subnet was not captured',
      snapshot: parseSnapshot({
        'alpha/docker': 'DOCKER_OPT_BIP="--bip=172.30.24.1/24"\n',
        'alpha/ip-link.txt':
          '2: flannel0: <POINTOPOINT,MULTICAST,NOARP,UP,LOWER_UP> mtu 1472 qdisc fq_codel state UNKNOWN mode DEFAULT group default qlen 500\n    link/none \n    tun type tun \n',
      }),
      needs: ['subnet-env'],
    },
  ],
};
