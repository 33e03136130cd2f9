/** Worlds that show the fault, and worlds that look like it. */
import { parseSnapshot } from '@coldtrace/parsers';
import { alpha, beta, files, gamma, type World } from '../flannel/world.js';
import type { BuiltinCases } from '../testing/builtin-cases.js';

const world = (given: Partial<World>) => parseSnapshot(files({ nodes: [alpha, beta], backend: 'vxlan', ...given }));

const conf = (network: string) => ({
  'kubernetes/net-conf.json': `{"Network": "${network}", "Backend": {"Type": "vxlan"}}\n`,
});
const docker0 = (ip: string) =>
  [
    'alpha/ip-addr.txt',
    /$/,
    `6: docker0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 state UP\n    link/ether 02:42:aa:00:00:01 brd ff:ff:ff:ff:ff:ff\n    inet ${ip} brd 172.17.255.255 scope global docker0\n`,
  ] as const;
const inDefault: Partial<World> = {
  network: '172.17.0.0/16',
  nodes: [
    { ...alpha, subnet: '172.17.40' },
    { ...beta, subnet: '172.17.41' },
  ],
};

export const cases: BuiltinCases = {
  bad: [
    { name: 'the podCIDRs lie elsewhere', snapshot: world({ files: conf('10.244.0.0/16') }) },
    { name: 'one subnet lies outside', snapshot: world({ nodes: [alpha, { ...beta, subnet: '172.31.8' }] }) },
    { name: 'docker0 has the same network', snapshot: world({ ...inDefault, edits: [docker0('172.17.0.1/16')] }) },
    {
      name: 'docker’s default network, and docker was not captured',
      snapshot: world({ ...inDefault, files: { 'beta/ip-addr.txt': null } }),
    },
    { name: 'docker’s default network, and no node has docker', snapshot: world(inDefault) },
    { name: 'a node that was not restarted', snapshot: world({ files: conf('172.29.0.0/17'), nodes: [alpha, beta] }) },
  ],
  good: [
    { name: 'the network covers all', snapshot: world({ nodes: [alpha, beta, gamma], files: conf('172.29.0.0/16') }) },
    {
      name: 'docker0 with its default address beside another network',
      snapshot: world({ edits: [docker0('172.17.0.1/16')], files: conf('172.29.0.0/16') }),
    },
    {
      name: 'only what the nodes run with was captured',
      snapshot: world({ nodes: [alpha, beta] }),
      needs: ['flannel-config'],
    },
    {
      name: 'the network was not captured',
      snapshot: world({ files: { 'alpha/subnet.env': null, 'beta/subnet.env': null } }),
      needs: ['flannel-config', 'subnet-env'],
    },
  ],
};
