import { describe } from 'vitest';
import { itPrints, itRefuses, itTests, packet } from './testing.js';
import { tos } from './tos.js';

const rows = [
  ['--tos 0x10', '--tos 0x10/0xff', 'tos match0x10/0xff'],
  ['--tos 16/0x3f', '--tos 0x10/0x3f', 'tos match0x10/0x3f'],
  ['! --tos Minimize-Delay', '! --tos 0x10/0x3f', 'tos match!0x10/0x3f'],
  ['--tos minimize-delay', '--tos 0x10/0x3f', 'tos match0x10/0x3f'],
  ['--tos Maximize-Throughput', '--tos 0x08/0x3f', 'tos match0x08/0x3f'],
  ['--tos Maximize-Reliability', '--tos 0x04/0x3f', 'tos match0x04/0x3f'],
  ['--tos Minimize-Cost', '--tos 0x02/0x3f', 'tos match0x02/0x3f'],
  ['--tos Normal-Service', '--tos 0x00/0x3f', 'tos match0x00/0x3f'],
  ['--tos 0x08/0xff', '--tos 0x08/0xff', 'tos match0x08/0xff'],
  ['--tos 8/0', '--tos 0x08/0x00', 'tos match0x08/0x00'],
  ['--tos 4/0x3f', '--tos 0x04/0x3f', 'tos match0x04/0x3f'],
  ['--tos 8/0x3f', '--tos 0x08/0x3f', 'tos match0x08/0x3f'],
  ['--tos 16/0xff', '--tos 0x10/0xff', 'tos match0x10/0xff'],
  ['--tos 0x08/255', '--tos 0x08/0xff', 'tos match0x08/0xff'],
  ['--tos Normal-Service', '--tos 0x00/0x3f', 'tos match Normal-Service'],
  ['! --tos 0x10/0x3f', '! --tos 0x10/0x3f', 'tos match! Minimize-Delay'],
] as const;

const rows6 = [
  ['--tos 0x10/0x3f', '--tos 0x10/0x3f', 'tos match0x10/0x3f'],
  ['! --tos 7', '! --tos 0x07/0xff', 'tos match!0x07/0xff'],
] as const;

describe('tos', () => {
  itPrints(tos, 4, rows);
  itPrints(tos, 6, rows6);
  itRefuses(tos, 4, [
    ['', 'missing'],
    ['--tos 0x100', 'no type of service'],
    ['--tos 1/0x100', 'no type of service'],
    ['--tos Normal', 'no type of service'],
  ]);
  itTests(tos, [
    ['a number alone is exact', '--tos 0x10', packet({ tos: 0x11 }), 'no'],
    ['a name leaves ECN alone', '--tos Minimize-Delay', packet({ tos: 0x50 }), 'yes'],
    ['the bits under the mask', '--tos 0x10/0x10', packet({ tos: 0xff }), 'yes'],
    ['a bit outside the mask is never met', '! --tos 8/0', packet({ tos: 8 }), 'yes'],
  ]);
});
