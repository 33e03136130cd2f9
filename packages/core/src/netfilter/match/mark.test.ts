import { describe } from 'vitest';
import { mark } from './mark.js';
import { itPrints, itRefuses, itTests, packet } from './testing.js';

const rows = [
  ['--mark 5', '--mark 0x5', 'mark match 0x5'],
  ['! --mark 0x5/0xff', '! --mark 0x5/0xff', 'mark match ! 0x5/0xff'],
  ['--mark 0x105/0xff', '--mark 0x105/0xff', 'mark match 0x105/0xff'],
  ['--mark 0', '--mark 0x0', 'mark match 0x0'],
  ['--mark 0/0', '--mark 0x0/0x0', 'mark match 0x0/0x0'],
  ['--mark 010', '--mark 0x8', 'mark match 0x8'],
  ['--mark 1/0xffffffff', '--mark 0x1', 'mark match 0x1'],
] as const;

describe('mark', () => {
  itPrints(mark, 4, rows);
  itPrints(mark, 6, rows);
  itRefuses(mark, 4, [
    ['', 'missing'],
    ['--mark 4294967296', 'not a mark'],
    ['--mark x', 'not a mark'],
  ]);
  itTests(mark, [
    ['the whole mark', '--mark 5', packet({ mark: 5 }), 'yes'],
    ['other bits count too', '--mark 5', packet({ mark: 0x105 }), 'no'],
    ['unless the mask leaves them out', '--mark 5/0xff', packet({ mark: 0x105 }), 'yes'],
    ['no bit at all', '--mark 0/0', packet({ mark: 7 }), 'yes'],
    ['a bit outside the mask is never met', '! --mark 0x105/0xff', packet({ mark: 0x105 }), 'yes'],
    ['the highest bit', '--mark 0x80000000/0x80000000', packet({ mark: 0xffffffff }), 'yes'],
  ]);
});
