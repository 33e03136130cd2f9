/** Subnets that are full, nearly full, and roomy. */
import { nodeWith, upTo } from '../pod-addresses-leaked/cases.world.js';
import type { BuiltinCases } from '../testing/builtin-cases.js';

const log =
  'E1120 10:00:00.000000    1001 cni.go:331] Error adding default_web-9: no ip address available in network "podnet"\n';

export const cases: BuiltinCases = {
  bad: [
    { name: 'every address is taken', snapshot: nodeWith({ reserved: upTo(14), running: upTo(14), length: 28 }) },
    { name: 'twelve of thirteen are taken', snapshot: nodeWith({ reserved: upTo(13), running: upTo(13), length: 28 }) },
    { name: 'only a log line tells', snapshot: nodeWith({ reserved: [2], running: [2], subnet: false, log }) },
  ],
  good: [
    { name: 'eleven of thirteen are taken', snapshot: nodeWith({ reserved: upTo(12), running: upTo(12), length: 28 }) },
    {
      name: 'the subnet was not captured',
      snapshot: nodeWith({ reserved: [2], running: [2], subnet: false }),
      needs: ['subnet-env'],
    },
  ],
};
