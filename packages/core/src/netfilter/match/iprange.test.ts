import { describe } from 'vitest';
import { iprange } from './iprange.js';
import { itPrints, itRefuses, itTests, packet } from './testing.js';

describe('iprange', () => {
  itPrints(iprange, 4, [
    ['--src-range 10.0.0.1-10.0.0.9', '--src-range 10.0.0.1-10.0.0.9', 'source IP range 10.0.0.1-10.0.0.9'],
    [
      '! --src-range 10.0.0.1-10.0.0.9 --dst-range 10.0.0.1',
      '! --src-range 10.0.0.1-10.0.0.9 --dst-range 10.0.0.1-10.0.0.1',
      'source IP range ! 10.0.0.1-10.0.0.9 destination IP range 10.0.0.1-10.0.0.1',
    ],
    ['--dst-range 10.0.0.9-10.0.0.1', '--dst-range 10.0.0.9-10.0.0.1', 'destination IP range 10.0.0.9-10.0.0.1'],
    ['--src-range 10-11', '--src-range 10.0.0.0-11.0.0.0', 'source IP range 10.0.0.0-11.0.0.0'],
  ]);
  itPrints(iprange, 6, [
    [
      '--src-range fd00::1-fd00::9 ! --dst-range fd00::1',
      '--src-range fd00::1-fd00::9 ! --dst-range fd00::1-fd00::1',
      'source IP range fd00::1-fd00::9 destination IP range ! fd00::1-fd00::1',
    ],
  ]);
  itRefuses(iprange, 4, [
    ['', 'neither'],
    ['--src-range 10.0.0.1-', 'not a range'],
    ['--src-range -10.0.0.1', 'not a range'],
    ['--src-range fd00::1', 'not a range'],
  ]);
  itRefuses(iprange, 6, [['--src-range fd00::1-10.0.0.1', 'not a range']]);
  itTests(iprange, [
    ['both ends are inside', '--src-range 10.0.0.0-10.0.0.1', packet(), 'yes'],
    ['the next address is outside', '--src-range 10.0.0.2-10.0.0.9', packet(), 'no'],
    ['which is what the negation wants', '! --src-range 10.0.0.2-10.0.0.9', packet(), 'yes'],
    ['source and destination have to fit', '--src-range 10.0.0.1 --dst-range 10.0.0.1', packet(), 'no'],
    ['a range that runs backwards holds nothing', '--src-range 10.0.0.9-10.0.0.0', packet(), 'no'],
    ['and its negation everything', '! --src-range 10.0.0.9-10.0.0.0', packet(), 'yes'],
    ['IPv6 too', '--dst-range fd00::-fd00::ff', packet({ family: 6 }), 'yes'],
  ]);
});
