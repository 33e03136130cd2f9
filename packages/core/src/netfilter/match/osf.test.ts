import { describe } from 'vitest';
import { tcpFlag } from '../../packet/skb.js';
import { osf } from './osf.js';
import { itLoses, itPrints, itRefuses, itTests, packet, segment } from './testing.js';

const rows = [
  ['--genre Linux', '--genre Linux', 'OS fingerprint match Linux'],
  ['! --genre Linux --ttl 2 --log 1', '! --genre Linux --ttl 2 --log 1', null],
  ['--genre Linux --ttl 0', '--genre Linux --ttl 0', null],
  ['--genre Linux --log 0', '--genre Linux --log 0', null],
  [
    '--genre abcdefghijklmnopqrstuvwxyzabcdefghij',
    '--genre abcdefghijklmnopqrstuvwxyzabcde',
    'OS fingerprint match abcdefghijklmnopqrstuvwxyzabcde',
  ],
] as const;

describe('osf', () => {
  itPrints(osf, 4, rows, { proto: 6 });
  itRefuses(
    osf,
    4,
    [
      ['', 'missing'],
      ['--genre Linux --ttl 3', 'between 0 and 2'],
      ['--genre Linux --log 3', 'between 0 and 2'],
    ],
    { proto: 6 },
  );
  itLoses(osf, 4, [['--genre "Windows 7"', '--genre Windows 7', 'one word']], { proto: 6 });
  itTests(
    osf,
    [
      ['only the fingerprint of a SYN tells', '! --genre Linux', segment(tcpFlag.SYN), 'unknown'],
      ['an ACK never matches', '! --genre Linux', segment(tcpFlag.ACK), 'no'],
      ['nor does UDP', '! --genre Linux', packet(), 'no'],
    ],
    { proto: 6 },
  );
});
