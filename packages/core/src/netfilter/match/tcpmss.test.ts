import { describe } from 'vitest';
import { tcpFlag } from '../../packet/skb.js';
import { tcpmss } from './tcpmss.js';
import { itPrints, itRefuses, itTests, laterFragment, packet, segment } from './testing.js';

const rows = [
  ['--mss 100', '--mss 100', 'tcpmss match 100'],
  ['--mss 100:200', '--mss 100:200', 'tcpmss match 100:200'],
  ['! --mss 100:200', '! --mss 100:200', 'tcpmss match !100:200'],
  ['--mss :200', '--mss 0:200', 'tcpmss match 0:200'],
  ['--mss 200:', '--mss 200:65535', 'tcpmss match 200:65535'],
  ['--mss 7:7', '--mss 7', 'tcpmss match 7'],
] as const;

const rows6 = [['--mss 0:65535', '--mss 0:65535', 'tcpmss match 0:65535']] as const;

const syn = (mss: number | null) => segment(tcpFlag.SYN, { tcp: { flags: tcpFlag.SYN, mss } });

describe('tcpmss', () => {
  itPrints(tcpmss, 4, rows, { proto: 6 });
  itPrints(tcpmss, 6, rows6, { proto: 6 });
  itRefuses(
    tcpmss,
    4,
    [
      ['', 'missing'],
      ['--mss 200:100', 'backwards'],
    ],
    { proto: 6 },
  );
  itTests(
    tcpmss,
    [
      ['1460 is within 1400:1500', '--mss 1400:1500', syn(1460), 'yes'],
      ['1460 fails the negation', '! --mss 1400:1500', syn(1460), 'no'],
      ['a segment without the option', '--mss 1400:1500', syn(null), 'no'],
      ['is out of every range', '! --mss 1400:1500', syn(null), 'yes'],
      ['a UDP packet is none of it', '! --mss 1', packet(), 'no'],
      ['a later fragment could hold anything', '--mss 1', laterFragment(6), 'unknown'],
    ],
    { proto: 6 },
  );
});
