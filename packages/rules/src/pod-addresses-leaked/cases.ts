/** Nodes whose reservations outlive their containers, and nodes whose do not. */
import type { BuiltinCases } from '../testing/builtin-cases.js';
import { nodeOfPlugin, nodeWith, upTo } from './cases.world.js';

const exhausted =
  'E1120 10:00:00.000000    1001 cni.go:331] Error adding default_web-9: failed to allocate for range 0: no IP addresses available in range set: 10.9.7.1-10.9.7.14\n';

export const cases: BuiltinCases = {
  bad: [
    {
      name: 'two of five addresses belong to nobody',
      snapshot: nodeWith({ reserved: [2, 3, 4, 5, 6], running: [2, 4, 6] }),
    },
    {
      name: 'a small subnet is full of leaks, and a pod gets no address',
      snapshot: nodeWith({ reserved: upTo(14), running: [2, 3], length: 28, log: exhausted }),
    },
    {
      name: 'docker lists the pause containers',
      snapshot: nodeWith({ reserved: [2, 3], running: [2], told: 'docker', network: 'podnet' }),
    },
    { name: 'only containers are listed', snapshot: nodeWith({ reserved: [2, 3], running: [2], told: 'crictl-ps' }) },
    {
      name: 'the plugin was given the ends of its range, and all between them is taken',
      snapshot: nodeOfPlugin({
        ipam: { ranges: [[{ subnet: '10.9.8.0/24', rangeStart: '10.9.8.10', rangeEnd: '10.9.8.13' }]] },
        bases: ['10.9.8.'],
        reserved: [10, 11, 12, 13],
        running: [10, 12],
      }),
    },
    {
      name: 'pods have addresses of both families',
      snapshot: nodeOfPlugin({
        ipam: { ranges: [[{ subnet: '10.9.8.0/24' }], [{ subnet: 'fd00:9:8::/64' }]] },
        bases: ['10.9.8.', 'fd00:9:8::'],
        reserved: [2, 3, 4],
        running: [2, 4],
      }),
    },
    { name: 'only the API tells of pods', snapshot: nodeWith({ reserved: [2, 3], running: [2], told: 'api' }) },
  ],
  good: [
    { name: 'every address is in use', snapshot: nodeWith({ reserved: [2, 3, 4], running: [2, 3, 4] }) },
    {
      name: 'every address of both families is in use',
      snapshot: nodeOfPlugin({
        ipam: { ranges: [[{ subnet: '10.9.8.0/24' }], [{ subnet: 'fd00:9:8::/64' }]] },
        bases: ['10.9.8.', 'fd00:9:8::'],
        reserved: [2, 3],
        running: [2, 3],
      }),
    },
    {
      name: 'nothing tells what runs',
      snapshot: nodeWith({ reserved: [2, 3], running: [], told: 'nowhere' }),
      needs: ['crictl-pods'],
    },
  ],
};
