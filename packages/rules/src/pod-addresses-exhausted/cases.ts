/** Subnets that are full, nearly full, and roomy. */
import { parseSnapshot } from '@coldtrace/parsers';
import { nodeOfPlugin, nodeWith, upTo } from '../pod-addresses-leaked/cases.world.js';
import type { BuiltinCases } from '../testing/builtin-cases.js';

const log =
  'E1120 10:00:00.000000    1001 cni.go:331] Error adding default_web-9: no ip address available in network "podnet"\n';

/** Five addresses for pods each. */
const two = [{ subnet: '10.9.8.0/29' }, { subnet: '10.9.9.0/29' }];

export const cases: BuiltinCases = {
  bad: [
    { name: 'every address is taken', snapshot: nodeWith({ reserved: upTo(14), running: upTo(14), length: 28 }) },
    { name: 'twelve of thirteen are taken', snapshot: nodeWith({ reserved: upTo(13), running: upTo(13), length: 28 }) },
    {
      name: 'the addresses of one family are all taken',
      snapshot: nodeOfPlugin({
        ipam: { ranges: [[{ subnet: '10.9.8.0/29' }], [{ subnet: 'fd00:9:8::/64' }]] },
        bases: ['10.9.8.', 'fd00:9:8::'],
        reserved: upTo(6),
        running: upTo(6),
      }),
    },
    {
      name: 'both ranges of the one set are full',
      snapshot: nodeOfPlugin({
        ipam: { ranges: [two] },
        bases: ['10.9.8.', '10.9.9.'],
        reserved: upTo(6),
        running: upTo(6),
      }),
    },
    { name: 'only a log line tells', snapshot: nodeWith({ reserved: [2], running: [2], subnet: false, log }) },
    {
      name: 'all that there is of the node is an event of a pod',
      snapshot: parseSnapshot({
        'ticket.txt':
          'Nuevo pod, ContainerCreating desde hace horas:\n\n  Warning  FailedCreatePodSandBox  12s  kubelet  Failed to create pod sandbox: plugin type="flannel" failed (add): failed to delegate add: failed to allocate for range 0: no IP addresses available in range set: 10.9.7.1-10.9.7.254\n',
      }),
    },
  ],
  good: [
    { name: 'eleven of thirteen are taken', snapshot: nodeWith({ reserved: upTo(12), running: upTo(12), length: 28 }) },
    {
      name: 'one range of a set is full, and the other has room',
      snapshot: nodeOfPlugin({ ipam: { ranges: [two] }, bases: ['10.9.8.'], reserved: upTo(6), running: upTo(6) }),
    },
    {
      name: 'another range of the set is given by a word that only the plugin knows',
      snapshot: nodeOfPlugin({
        ipam: { ranges: [[...two.slice(0, 1), { subnet: 'usePodCidr' }]] },
        bases: ['10.9.8.'],
        reserved: upTo(6),
        running: upTo(6),
      }),
      needs: ['subnet-env'],
    },
    {
      name: 'the subnet was not captured',
      snapshot: nodeWith({ reserved: [2], running: [2], subnet: false }),
      needs: ['subnet-env'],
    },
  ],
};
