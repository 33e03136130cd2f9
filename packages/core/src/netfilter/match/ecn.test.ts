import { describe } from 'vitest';
import { tcpFlag } from '../../packet/skb.js';
import { ecn } from './ecn.js';
import { itPrints, itRefuses, itTests, laterFragment, packet, segment } from './testing.js';

const tcpRule = { proto: 6 };
const echo = segment(tcpFlag.ACK | tcpFlag.ECE);

describe('ecn', () => {
  for (const family of [4, 6] as const)
    itPrints(
      ecn,
      family,
      [
        ['--ecn-tcp-cwr', '--ecn-tcp-cwr', 'ECN match CWR'],
        ['! --ecn-tcp-ece', '! --ecn-tcp-ece', 'ECN match !ECE'],
        ['! --ecn-ip-ect 2', '! --ecn-ip-ect 2', 'ECN match !ECT=2'],
        [
          '--ecn-tcp-cwr --ecn-tcp-ece --ecn-ip-ect 1',
          '--ecn-tcp-ece --ecn-tcp-cwr --ecn-ip-ect 1',
          'ECN match ECE CWR ECT=1',
        ],
        [
          '! --ecn-tcp-cwr ! --ecn-tcp-ece ! --ecn-ip-ect 1',
          '! --ecn-tcp-ece ! --ecn-tcp-cwr ! --ecn-ip-ect 1',
          'ECN match !ECE !CWR !ECT=1',
        ],
      ],
      tcpRule,
    );
  itRefuses(ecn, 4, [
    ['', 'some option'],
    ['--ecn-ip-ect 4', 'between 0 and 3'],
    ['--ecn-tcp-cwr', 'need -p tcp'],
  ]);
  itTests(
    ecn,
    [
      ['an echo of congestion', '--ecn-tcp-ece', echo, 'yes'],
      ['is not the answer to it', '--ecn-tcp-cwr', echo, 'no'],
      ['both at once', '--ecn-tcp-ece ! --ecn-tcp-cwr', echo, 'yes'],
      ['congestion experienced', '--ecn-ip-ect 3', packet({ tos: 0x13 }), 'yes'],
      ['not capable', '! --ecn-ip-ect 0', packet({ tos: 0x10 }), 'no'],
      ['whatever stands in a later fragment is read as header', '! --ecn-tcp-ece', laterFragment(6), 'unknown'],
      ['the bits of IP settle it', '--ecn-tcp-ece --ecn-ip-ect 3', laterFragment(6), 'no'],
    ],
    tcpRule,
  );
});
