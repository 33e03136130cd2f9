import { describe } from 'vitest';
import { devgroup } from './devgroup.js';
import { itPrints, itRefuses, itTests, nothingKnown, packet } from './testing.js';

const groups: Readonly<Record<string, string>> = { eth0: 'default', eth1: '5', eth2: 'uplinks' };
const from = (iif: string) =>
  packet({ iif, oif: 'eth1' }, { around: { ...nothingKnown, deviceGroup: (dev) => groups[dev] ?? '0' } });

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
  itTests(devgroup, [
    ['without a dump of the devices nobody knows', '--src-group 1', packet(), 'unknown'],
    ['default is number 0', '--src-group 0', from('eth0'), 'yes'],
    ['another number is another group', '--src-group 5', from('eth0'), 'no'],
    ['only the bits of the mask count', '--src-group 1/1', from('eth1'), 'yes'],
    ['both devices must be right', '--src-group 0 --dst-group 4', from('eth0'), 'no'],
    ['each side is negated on its own', '--src-group 0 ! --dst-group 4', from('eth0'), 'yes'],
    ['a name is itself', '--src-group uplinks', from('eth2'), 'yes'],
    ['which number a name has only the node knows', '--src-group 7', from('eth2'), 'unknown'],
  ]);
});
