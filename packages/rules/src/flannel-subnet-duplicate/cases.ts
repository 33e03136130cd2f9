/** Worlds that show the fault, and worlds that look like it. */
import { parseSnapshot } from '@coldtrace/parsers';
import { alpha, beta, files, gamma, type World } from '../flannel/world.js';
import type { BuiltinCases } from '../testing/builtin-cases.js';

const world = (given: Partial<World>) => parseSnapshot(files({ nodes: [alpha, beta], backend: 'vxlan', ...given }));

const twin = { ...beta, subnet: '172.29.7' };

const away = '172.29.7.0/24 via 10.66.0.14 dev ens18 \n';
const behind = '172.29.7.0/24 dev cni0 proto kernel scope link src 172.29.7.1 \n';

export const cases: BuiltinCases = {
  bad: [
    { name: 'two files say the same', snapshot: world({ nodes: [alpha, twin, gamma], objects: false }) },
    {
      name: 'a file that disagrees with the API',
      snapshot: world({ edits: [['beta/subnet.env', '172.29.8.1/24', '172.29.7.1/24']] }),
    },
    {
      name: 'bridges alone show it',
      snapshot: world({
        nodes: [alpha, twin],
        objects: false,
        files: { 'alpha/subnet.env': null, 'beta/subnet.env': null },
      }),
    },
    {
      name: 'one lease holds the other',
      snapshot: world({ objects: false, edits: [['beta/subnet.env', '172.29.8.1/24', '172.29.7.129/25']] }),
    },
    {
      name: 'the own subnet leads to another node first',
      snapshot: parseSnapshot({
        'alpha/ip-route.txt': `default via 10.66.0.1 dev ens18 \n${away}${behind}10.66.0.0/24 dev ens18 proto kernel scope link src 10.66.0.11 \n`,
      }),
    },
  ],
  good: [
    {
      name: 'a route of the own subnet to another node stands behind the one of the bridge',
      snapshot: parseSnapshot({ 'alpha/ip-route.txt': `default via 10.66.0.1 dev ens18 \n${behind}${away}` }),
    },
    {
      name: 'a route of the own subnet to another node has a worse metric',
      snapshot: parseSnapshot({
        'alpha/ip-route.txt': `default via 10.66.0.1 dev ens18 \n${away.trimEnd()} metric 50\n${behind}`,
      }),
    },
    { name: 'each has its own', snapshot: world({ nodes: [alpha, beta, gamma] }) },
    {
      name: 'one machine under two names',
      snapshot: parseSnapshot({
        ...files({ nodes: [alpha], backend: 'vxlan', objects: false }),
        ...Object.fromEntries(
          Object.entries(files({ nodes: [alpha], backend: 'vxlan', objects: false })).map(([name, text]) => [
            name.replace('alpha/', 'alpha-again/'),
            text,
          ]),
        ),
      }),
    },
    { name: 'one node alone', snapshot: world({ nodes: [alpha] }), needs: ['nodes', 'subnet-env'] },
  ],
};
