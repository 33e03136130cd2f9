/** Worlds that show the fault, and worlds that look like it. */
import { parseSnapshot } from '@coldtrace/parsers';
import type { BuiltinCases } from '../testing/builtin-cases.js';
import { base, files } from './cases.world.js';

const world = (given: Partial<typeof base>) => parseSnapshot(files({ ...base, ...given }));
const gateway = ['default via 10.77.3.1 dev eth0'];

const pasted = (cidr: string) =>
  `$ calicoctl get ippool -o wide\nNAME                  CIDR           NAT    IPIPMODE   VXLANMODE   DISABLED   DISABLEBGPEXPORT   SELECTOR   \ndefault-ipv4-ippool   ${cidr}   true   Always     Never       false      false              all()      \n$ kubectl get endpoints kubernetes\nNAME         ENDPOINTS          AGE\nkubernetes   10.77.3.10:6443    51d\n`;

export const cases: BuiltinCases = {
  bad: [
    { name: 'the server answers through its gateway', snapshot: world({ serverRoutes: gateway }) },
    {
      name: 'the server stands first, with the same rules and no pods',
      snapshot: world({ serverRoutes: gateway, serverRules: true }),
    },
    {
      name: 'the server reaches the pods by another device, and its rp_filter drops them',
      snapshot: world({ serverRoutes: ['default via 203.0.113.1 dev eth1'], serverFilter: 1 }),
    },
    { name: 'the server was not captured', snapshot: world({}) },
    {
      name: 'the server has a route to the pods',
      snapshot: world({ serverRoutes: [...gateway, '10.200.1.0/24 via 10.77.3.20 dev eth0'] }),
    },
    {
      name: 'the pool and the endpoints of the API servers are all there is',
      snapshot: parseSnapshot({ 'ticket.txt': pasted('10.77.0.0/16') }),
    },
  ],
  good: [
    {
      name: 'the pool stands beside the endpoints of the API servers',
      snapshot: parseSnapshot({ 'ticket.txt': pasted('10.200.0.0/16') }),
    },
    {
      name: 'the nodes are spared by a set of their own, and know the pods',
      snapshot: world({
        pool: '10.200.0.0/16',
        spared: ['10.77.3.20', '10.77.3.9'],
        serverRoutes: ['10.200.1.0/24 via 10.77.3.20 dev eth0'],
      }),
    },
    { name: 'the pool stands beside the host network', snapshot: world({ pool: '10.200.0.0/16' }) },
    {
      name: 'the pool stands beside the host network on every node',
      snapshot: world({ pool: '10.200.0.0/16', serverRoutes: gateway, serverRules: true }),
    },
    {
      name: 'an earlier rule masquerades, and the answers come back',
      snapshot: world({ before: '-A POSTROUTING -s 10.200.0.0/16 -j MASQUERADE\n', serverRoutes: gateway }),
    },
  ],
};
