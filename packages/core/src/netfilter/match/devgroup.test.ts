import { describe } from 'vitest';
import { devgroup } from './devgroup.js';
import { itPrints, itRefuses, itTests, packet } from './testing.js';

describe('devgroup', () => {
  itPrints(devgroup, 4, [
    ['--src-group 1', '--src-group 0x1', 'src-group 0x1'],
    [
      '! --src-group 0x10/0xff --dst-group 0',
      '! --src-group 0x10/0xff --dst-group default',
      '! src-group 0x10/0xff dst-group 0x0',
    ],
    ['--src-group default', '--src-group default', 'src-group default'],
    ['--dst-group 5/0xffffffff', '--dst-group 0x5', 'dst-group 0x5'],
    ['--src-group 5/1', '--src-group 0x5/0x1', 'src-group 0x5/0x1'],
    ['--src-group 0/0', '--src-group 0x0/0x0', 'src-group 0x0/0x0'],
    ['--dst-group uplinks', '--dst-group uplinks', 'dst-group uplinks'],
  ]);
  itRefuses(devgroup, 4, [
    ['', 'neither'],
    ['--src-group default/1', 'no device group'],
  ]);
  itRefuses(devgroup, 4, [['--dst-group 1', 'no out device']], { chain: 'PREROUTING' });
  itRefuses(devgroup, 4, [['--src-group 1', 'no in device']], { chain: 'OUTPUT' });
  itTests(devgroup, [['no dump here tells the group of a device', '--src-group 1', packet(), 'unknown']]);
});
