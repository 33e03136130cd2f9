import { describe } from 'vitest';
import { quota } from './quota.js';
import { itPrints, itRefuses, itTests, packet } from './testing.js';

const rows = [
  ['--quota 1000', '--quota 1000', 'quota: 1000 bytes'],
  ['! --quota 1000', '! --quota 1000', null],
  ['--quota 0', '--quota 0', 'quota: 0 bytes'],
  ['--quota 0x100', '--quota 256', 'quota: 256 bytes'],
  ['--quota 18446744073709551615', '--quota 18446744073709551615', 'quota: 18446744073709551615 bytes'],
  ['--quota 010', '--quota 8', 'quota: 8 bytes'],
] as const;

describe('quota', () => {
  itPrints(quota, 4, rows);
  itPrints(quota, 6, rows);
  itRefuses(quota, 4, [
    ['', 'missing'],
    ['--quota 18446744073709551616', '64 bits'],
    ['--quota x', 'not a number'],
  ]);
  itTests(quota, [
    ['the packets before decide', '--quota 1000', packet(), 'unknown'],
    ['also negated', '! --quota 0', packet(), 'unknown'],
  ]);
});
