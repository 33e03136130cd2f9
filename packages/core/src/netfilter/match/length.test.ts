import { describe } from 'vitest';
import { length } from './length.js';
import { itPrints, itRefuses, itTests, packet } from './testing.js';

const rows = [
  ['--length 100', '--length 100', 'length 100'],
  ['--length 100:200', '--length 100:200', 'length 100:200'],
  ['! --length :200', '! --length 0:200', 'length !0:200'],
  ['--length 200:', '--length 200:65535', 'length 200:65535'],
  ['--length 200:100', '--length 200:100', 'length 200:100'],
  ['--length 0x10', '--length 16', 'length 16'],
  ['--length 0:65535', '--length 0:65535', 'length 0:65535'],
  ['--length 7:7', '--length 7', 'length 7'],
] as const;

const rows6 = [
  ['--length 100:200', '--length 100:200', 'length 100:200'],
  ['! --length 100', '! --length 100', 'length !100'],
] as const;

describe('length', () => {
  itPrints(length, 4, rows);
  itPrints(length, 6, rows6);
  itRefuses(length, 4, [
    ['', 'missing'],
    ['--length 65536', 'within 0 and 65535'],
    ['--length x', 'range'],
  ]);
  itTests(length, [
    ['60 bytes are within 60:100', '--length 60:100', packet(), 'yes'],
    ['60 bytes are not over 60', '--length 61:', packet(), 'no'],
    ['60 bytes are not 60 is false', '! --length 60', packet(), 'no'],
    ['a range that runs backwards holds nothing', '! --length 200:10', packet(), 'yes'],
    ['nobody said how long it is', '! --length 60', packet({ length: null }), 'unknown'],
  ]);
});
