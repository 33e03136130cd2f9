/** Worlds that show the fault, and worlds that look like it. */
import { parseSnapshot } from '@coldtrace/parsers';
import { alpha, beta, files, gamma, type World } from '../flannel/world.js';
import type { BuiltinCases } from '../testing/builtin-cases.js';

const world = (given: Partial<World>) => parseSnapshot(files({ nodes: [alpha, beta], backend: 'vxlan', ...given }));

const twin = { ...beta, subnet: '172.29.7' };

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
  ],
  good: [
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
