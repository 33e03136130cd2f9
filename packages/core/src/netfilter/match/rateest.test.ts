import { describe } from 'vitest';
import { rateest } from './rateest.js';
import { itLoses, itPrints, itRefuses, itTests, packet } from './testing.js';

const rows = [
  [
    '--rateest re1 --rateest-gt --rateest-bps 1mbit',
    '--rateest re1 --rateest-gt --rateest-bps 1000Kbit',
    'rateest match re1 bps 125000 gt',
  ],
  [
    '--rateest1 re1 --rateest-bps1 1mbit --rateest-lt --rateest2 re2 --rateest-bps2 2mbit',
    '--rateest1 re1 --rateest-lt --rateest-bps --rateest2 re2',
    'rateest match re1 bps lt re2 bps',
  ],
  [
    '--rateest1 re1 --rateest-gt --rateest2 re2 --rateest-bps',
    '--rateest1 re1 --rateest-gt --rateest-bps --rateest2 re2',
    'rateest match re1 bps gt re2 bps',
  ],
  [
    '--rateest re1 --rateest-gt --rateest-bps 1000',
    '--rateest re1 --rateest-gt --rateest-bps 1000bit',
    'rateest match re1 bps 125 gt',
  ],
  [
    '--rateest re1 --rateest-lt --rateest-pps 100',
    '--rateest re1 --rateest-lt --rateest-pps 100',
    'rateest match re1 pps lt 100',
  ],
  [
    '--rateest re1 ! --rateest-gt --rateest-pps 100',
    '--rateest re1 ! --rateest-gt --rateest-pps 100',
    'rateest match re1 pps ! gt 100',
  ],
  [
    '--rateest re1 --rateest-eq --rateest-pps 100 --rateest-bps 1kbit',
    '--rateest re1 --rateest-eq --rateest-bps 1000bit --rateest-eq --rateest-pps 100',
    'rateest match re1 bps 125 eq pps eq 100',
  ],
  [
    '--rateest re1 --rateest-delta --rateest-gt --rateest-bps1 1mbit --rateest-bps2 2mbit',
    '--rateest-delta --rateest re1 --rateest-bps1 1000Kbit --rateest-gt --rateest-bps2 2000Kbit',
    'rateest match re1 delta bps 125000 250000 gt',
  ],
  [
    '--rateest-delta --rateest1 re1 --rateest-bps1 1mbit --rateest-gt --rateest2 re2 --rateest-bps2 2mbit',
    '--rateest-delta --rateest1 re1 --rateest-bps1 1000Kbit --rateest-gt --rateest-bps2 2000Kbit --rateest2 re2',
    'rateest match re1 delta bps 125000 gt re2 bps 250000',
  ],
  [
    '--rateest-delta --rateest1 re1 --rateest-pps1 10 --rateest-gt --rateest2 re2 --rateest-pps2 20',
    '--rateest-delta --rateest1 re1 --rateest-pps1 10 --rateest-gt --rateest-pps2 20 --rateest2 re2',
    'rateest match re1 delta pps 10 gt re2 pps 20',
  ],
  [
    '--rateest1 re1 --rateest-gt --rateest2 re2 --rateest-pps',
    '--rateest1 re1 --rateest-gt --rateest-pps --rateest2 re2',
    'rateest match re1 pps gt re2 pps',
  ],
  [
    '--rateest1 re1 --rateest-eq --rateest2 re2 --rateest-bps --rateest-pps',
    '--rateest1 re1 --rateest-eq --rateest-bps --rateest-eq --rateest-pps --rateest2 re2',
    'rateest match re1 bps pps eq re2 bps pps',
  ],
  [
    '--rateest re1 --rateest-gt --rateest-bps 1bps',
    '--rateest re1 --rateest-gt --rateest-bps 8bit',
    'rateest match re1 bps 1 gt',
  ],
  [
    '--rateest re1 --rateest-gt --rateest-bps 5kbps',
    '--rateest re1 --rateest-gt --rateest-bps 40000bit',
    'rateest match re1 bps 5000 gt',
  ],
  [
    '--rateest re1 --rateest-gt --rateest-bps1 1mbit',
    '--rateest re1 --rateest-gt --rateest-bps 0bit',
    'rateest match re1 bps 0 gt',
  ],
  [
    '--rateest-delta --rateest re1 --rateest-gt --rateest-bps 1mbit',
    '--rateest-delta --rateest re1 --rateest-bps1 0bit --rateest-gt --rateest-bps2 1000Kbit',
    'rateest match re1 delta bps 0 125000 gt',
  ],
  [
    '--rateest re1 --rateest-gt --rateest-bps 999999',
    '--rateest re1 --rateest-gt --rateest-bps 999992bit',
    'rateest match re1 bps 124999 gt',
  ],
  [
    '--rateest re1 --rateest-gt --rateest-bps 1000000',
    '--rateest re1 --rateest-gt --rateest-bps 1000Kbit',
    'rateest match re1 bps 125000 gt',
  ],
  [
    '--rateest re1 --rateest-gt --rateest-bps 1000000000',
    '--rateest re1 --rateest-gt --rateest-bps 1000Mbit',
    'rateest match re1 bps 125000000 gt',
  ],
  [
    '--rateest re1 --rateest-gt --rateest-bps 2.5mbit',
    '--rateest re1 --rateest-gt --rateest-bps 2500Kbit',
    'rateest match re1 bps 312500 gt',
  ],
  [
    '--rateest re1 --rateest-gt --rateest-bps 1KBps',
    '--rateest re1 --rateest-gt --rateest-bps 8000bit',
    'rateest match re1 bps 1000 gt',
  ],
  [
    '--rateest re1 --rateest-gt --rateest-bps 7',
    '--rateest re1 --rateest-gt --rateest-bps 0bit',
    'rateest match re1 bps 0 gt',
  ],
  [
    '--rateest re1 --rateest-gt --rateest-bps',
    '--rateest re1 --rateest-gt --rateest-bps 0bit',
    'rateest match re1 bps 0 gt',
  ],
  [
    '--rateest re1 --rateest-gt --rateest-pps',
    '--rateest re1 --rateest-gt --rateest-pps 0',
    'rateest match re1 pps gt 0',
  ],
  [
    '--rateest re1 --rateest-gt --rateest-lt --rateest-pps 3',
    '--rateest re1 --rateest-lt --rateest-pps 3',
    'rateest match re1 pps lt 3',
  ],
  [
    '--rateest re1 --rateest2 re2 --rateest-lt --rateest-pps 3',
    '--rateest1 re1 --rateest-lt --rateest-pps --rateest2 re2',
    'rateest match re1 pps lt re2 pps',
  ],
  [
    '--rateest1 re1 --rateest-lt --rateest-pps 3',
    '--rateest re1 --rateest-lt --rateest-pps 3',
    'rateest match re1 pps lt 3',
  ],
  [
    '--rateest re1 --rateest-lt --rateest-pps1 3',
    '--rateest re1 --rateest-lt --rateest-pps 0',
    'rateest match re1 pps lt 0',
  ],
  [
    '--rateest re1 --rateest-lt --rateest-pps2 3',
    '--rateest re1 --rateest-lt --rateest-pps 3',
    'rateest match re1 pps lt 3',
  ],
  [
    '--rateest-delta --rateest1 re1 --rateest-gt --rateest2 re2 --rateest-bps2 2mbit',
    '--rateest-delta --rateest1 re1 --rateest-bps1 0bit --rateest-gt --rateest-bps2 2000Kbit --rateest2 re2',
    'rateest match re1 delta bps 0 gt re2 bps 250000',
  ],
  [
    '--rateest-delta --rateest1 re1 --rateest-gt --rateest2 re2 --rateest-bps 2mbit',
    '--rateest-delta --rateest1 re1 --rateest-bps1 0bit --rateest-gt --rateest-bps2 2000Kbit --rateest2 re2',
    'rateest match re1 delta bps 0 gt re2 bps 250000',
  ],
  [
    '--rateest1 re1 --rateest-gt --rateest2 re2 --rateest-bps 2mbit',
    '--rateest1 re1 --rateest-gt --rateest-bps --rateest2 re2',
    'rateest match re1 bps gt re2 bps',
  ],
  [
    '--rateest-delta --rateest1 re1 --rateest-bps1 1mbit --rateest-pps1 3 ! --rateest-gt --rateest2 re2 --rateest-bps2 2mbit --rateest-pps2 4',
    '--rateest-delta --rateest1 re1 --rateest-bps1 1000Kbit ! --rateest-gt --rateest-bps2 2000Kbit --rateest-pps1 3 ! --rateest-gt --rateest-pps2 4 --rateest2 re2',
    'rateest match re1 delta bps 125000 pps 3 ! gt re2 bps 250000 pps 4',
  ],
  [
    '--rateest-delta --rateest re1 --rateest-bps1 1mbit --rateest-pps1 3 ! --rateest-eq --rateest-bps2 2mbit --rateest-pps2 4',
    '--rateest-delta --rateest re1 --rateest-bps1 1000Kbit ! --rateest-eq --rateest-bps2 2000Kbit --rateest-pps1 3 ! --rateest-eq --rateest-pps2 4',
    'rateest match re1 delta bps 125000 250000 ! eq pps 3 ! eq 4',
  ],
  [
    '--rateest-delta --rateest re1 --rateest-bps 1mbit --rateest-gt --rateest-bps1 3mbit',
    '--rateest-delta --rateest re1 --rateest-bps1 3000Kbit --rateest-gt --rateest-bps2 1000Kbit',
    'rateest match re1 delta bps 375000 125000 gt',
  ],
  [
    '--rateest re1 --rateest-gt --rateest-pps 0x10',
    '--rateest re1 --rateest-gt --rateest-pps 16',
    'rateest match re1 pps gt 16',
  ],
] as const;

describe('rateest', () => {
  itPrints(rateest, 4, rows);
  itPrints(rateest, 6, rows);
  itLoses(rateest, 4, [
    [
      '--rateest re1 --rateest-gt --rateest-bps 1gibit',
      '--rateest re1 --rateest-gt --rateest-bps 1074Mbit',
      'last digits',
    ],
    [
      '--rateest re1 --rateest-gt --rateest-bps 12345678',
      '--rateest re1 --rateest-gt --rateest-bps 12346Kbit',
      'last digits',
    ],
    [
      '--rateest re1 --rateest-gt --rateest-bps 1Mibit',
      '--rateest re1 --rateest-gt --rateest-bps 1049Kbit',
      'last digits',
    ],
    [
      '--rateest re1 --rateest-gt --rateest-bps 1MiBps',
      '--rateest re1 --rateest-gt --rateest-bps 8389Kbit',
      'last digits',
    ],
    [
      '--rateest re1 --rateest-gt --rateest-bps 34359738360',
      '--rateest re1 --rateest-gt --rateest-bps 34360Mbit',
      'last digits',
    ],
  ]);
  itRefuses(rateest, 4, [
    ['', '--rateest is missing'],
    ['--rateest2 re2 --rateest-lt --rateest-pps 3', '--rateest is missing'],
    ['--rateest re1 --rateest-bps 1mbit', 'none of'],
    ['--rateest re1 --rateest-gt', 'neither'],
    ['--rateest re1 --rateest1 re2 --rateest-lt --rateest-pps 3', 'twice'],
    ['--rateest re1 --rateest-lt --rateest-pps 3 --rateest-pps2 4', 'twice'],
    ['--rateest re1 --rateest-gt --rateest-bps 5foo', 'not a rate'],
    ['--rateest re1 --rateest-gt --rateest-bps 40gbit', 'is over'],
    ['--rateest re1 --rateest-gt --rateest-pps 4294967296', 'not a number'],
    ['! --rateest-delta --rateest re1 --rateest-gt --rateest-bps1 3mbit', 'takes no !'],
  ]);
  itTests(rateest, [
    ['what is measured is not known', '--rateest re1 --rateest-gt --rateest-pps 0', packet(), 'unknown'],
  ]);
});
