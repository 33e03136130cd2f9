import { describe } from 'vitest';
import { policy } from './policy.js';
import { itPrints, itRefuses, itTests, nothingKnown, packet } from './testing.js';

const rows = [
  ['--dir in --pol ipsec', '--dir in --pol ipsec', 'policy match dir in pol ipsec'],
  ['--dir in --pol none', '--dir in --pol none', 'policy match dir in pol none'],
  [
    '--dir out --pol ipsec --strict --reqid 5 --spi 0x10 --proto esp --mode tunnel --tunnel-src 10.0.0.0/8 --tunnel-dst 10.0.0.1',
    '--dir out --pol ipsec --strict --reqid 5 --spi 0x10 --proto esp --mode tunnel --tunnel-dst 10.0.0.1 --tunnel-src 10.0.0.0/8',
    'policy match dir out pol ipsec strict reqid 5 spi 0x10 proto 50 mode tunnel tunnel-dst 10.0.0.1 tunnel-src 10.0.0.0/8',
  ],
  [
    '--dir out --pol ipsec --strict --reqid 5 --next --proto ah --mode transport',
    '--dir out --pol ipsec --strict --reqid 5 --next --proto ah --mode transport',
    'policy match dir out pol ipsec strict [0] reqid 5 [1] proto 51 mode transport',
  ],
  [
    '--dir in --pol ipsec --mode tunnel ! --tunnel-src 10.0.0.0/8 ! --tunnel-dst 10.0.0.1',
    '--dir in --pol ipsec --mode tunnel ! --tunnel-dst 10.0.0.1 ! --tunnel-src 10.0.0.0/8',
    'policy match dir in pol ipsec mode tunnel ! tunnel-dst 10.0.0.1 ! tunnel-src 10.0.0.0/8',
  ],
  [
    '--dir in --pol ipsec --proto ipcomp',
    '--dir in --pol ipsec --proto ipcomp',
    'policy match dir in pol ipsec proto 108',
  ],
  ['--dir in --pol ipsec --proto 50', '--dir in --pol ipsec --proto esp', 'policy match dir in pol ipsec proto 50'],
  ['--dir in --pol none --reqid 5', '--dir in --pol none', 'policy match dir in pol none'],
  [
    '--dir in --pol ipsec --strict --reqid 3 --next --reqid 4 --next --reqid 5 --next --reqid 6',
    '--dir in --pol ipsec --strict --reqid 3 --next --reqid 4 --next --reqid 5 --next --reqid 6',
    'policy match dir in pol ipsec strict [0] reqid 3 [1] reqid 4 [2] reqid 5 [3] reqid 6',
  ],
  ['--dir in', '--dir in --pol ipsec', 'policy match dir in pol ipsec'],
  ['--dir out --pol ipsec', '--dir out --pol ipsec', 'policy match dir out pol ipsec'],
  ['--dir in --pol ipsec --reqid 0', '--dir in --pol ipsec --reqid 0', 'policy match dir in pol ipsec reqid 0'],
  [
    '--dir in --pol ipsec --mode tunnel --tunnel-src 10.1.2.3/8',
    '--dir in --pol ipsec --mode tunnel --tunnel-src 10.1.2.3/8',
    'policy match dir in pol ipsec mode tunnel tunnel-src 10.1.2.3/8',
  ],
  [
    '--dir in --pol ipsec --mode tunnel --tunnel-src 0.0.0.0/0',
    '--dir in --pol ipsec --mode tunnel --tunnel-src 0.0.0.0/0',
    'policy match dir in pol ipsec mode tunnel tunnel-src 0.0.0.0/0',
  ],
  ['--dir in --pol none --tunnel-src 10.0.0.0/8', '--dir in --pol none', 'policy match dir in pol none'],
  ['--dir in --pol ipsec --spi 0', '--dir in --pol ipsec --spi 0x0', 'policy match dir in pol ipsec spi 0x0'],
  [
    '--dir in --pol ipsec ! --reqid 5 ! --spi 16 ! --proto ipcomp ! --mode transport',
    '--dir in --pol ipsec ! --reqid 5 ! --spi 0x10 ! --proto ipcomp ! --mode transport',
    'policy match dir in pol ipsec ! reqid 5 ! spi 0x10 ! proto 108 ! mode transport',
  ],
  [
    '--dir in --pol ipsec ! --mode transport --tunnel-src 10.0.0.0/8',
    '--dir in --pol ipsec ! --mode transport --tunnel-src 10.0.0.0/8',
    'policy match dir in pol ipsec ! mode transport tunnel-src 10.0.0.0/8',
  ],
  [
    '--dir in --pol ipsec --strict --spi 0xffffffff --next ! --mode tunnel',
    '--dir in --pol ipsec --strict --spi 0xffffffff --next ! --mode tunnel',
    'policy match dir in pol ipsec strict [0] spi 0xffffffff [1] ! mode tunnel',
  ],
  [
    '--dir in --pol ipsec --mode tunnel --tunnel-src 10.1.2.3/255.255.0.0',
    '--dir in --pol ipsec --mode tunnel --tunnel-src 10.1.2.3/16',
    'policy match dir in pol ipsec mode tunnel tunnel-src 10.1.2.3/16',
  ],
  [
    '--dir in --pol ipsec --mode tunnel --tunnel-src 10.1.2.3/32',
    '--dir in --pol ipsec --mode tunnel --tunnel-src 10.1.2.3',
    'policy match dir in pol ipsec mode tunnel tunnel-src 10.1.2.3',
  ],
  [
    '--dir in --pol ipsec --mode tunnel --tunnel-src 10.1.2.3/0.0.0.0',
    '--dir in --pol ipsec --mode tunnel --tunnel-src 10.1.2.3/0',
    'policy match dir in pol ipsec mode tunnel tunnel-src 10.1.2.3/0',
  ],
  ['--dir in --pol ipsec --proto 0x32', '--dir in --pol ipsec --proto esp', 'policy match dir in pol ipsec proto 50'],
  ['--dir in --pol none ! --mode tunnel', '--dir in --pol none', 'policy match dir in pol none'],
] as const;

const rows6 = [
  [
    '--dir in --pol ipsec --mode tunnel --tunnel-src fd00::/8 --tunnel-dst fd00::1',
    '--dir in --pol ipsec --mode tunnel --tunnel-dst fd00::1 --tunnel-src fd00::/8',
    'policy match dir in pol ipsec mode tunnel tunnel-dst fd00::1 tunnel-src fd00::/8',
  ],
  [
    '--dir in --pol ipsec --mode tunnel --tunnel-src fd00::1/ffff:: ',
    '--dir in --pol ipsec --mode tunnel --tunnel-src fd00::1/16',
    'policy match dir in pol ipsec mode tunnel tunnel-src fd00::1/16',
  ],
  [
    '--dir in --pol ipsec --strict --mode tunnel --tunnel-src fd00::/8 --next --proto ah',
    '--dir in --pol ipsec --strict --mode tunnel --tunnel-src fd00::/8 --next --proto ah',
    'policy match dir in pol ipsec strict [0] mode tunnel tunnel-src fd00::/8 [1] proto 51',
  ],
] as const;

describe('policy', () => {
  itPrints(policy, 4, rows);
  itPrints(policy, 6, rows6);
  itRefuses(policy, 4, [
    ['--pol ipsec', '--dir is missing'],
    ['--dir IN', 'none of'],
    ['--dir in --pol ipsec --tunnel-src 10.0.0.0/8', 'need --mode tunnel'],
    ['--dir in --pol ipsec --proto tcp', 'none of ah'],
    ['--dir in --pol ipsec --proto ESP', 'none of ah'],
    ['--dir in --pol none --strict', 'nothing for'],
    ['--dir in --pol none --reqid 1 ! --reqid 2', 'stands twice'],
    ['--dir in --pol ipsec --strict', 'asks for nothing'],
    ['--dir in --pol ipsec --next --reqid 4', 'needs --strict'],
    [
      '--dir in --pol ipsec --strict --reqid 3 --next --reqid 4 --next --reqid 5 --next --reqid 6 --next --reqid 7',
      'more than 4',
    ],
    ['--dir in --pol ipsec --strict --reqid 1 --next', 'asks for nothing'],
    ['--dir in --pol ipsec --strict --reqid 3 --reqid 4', 'twice'],
    ['--dir in --pol ipsec --mode beet', 'none of'],
  ]);
  const bare = { around: { ...nothingKnown, hasIpsec: () => false } };
  itTests(policy, [
    ['without any IPsec nothing came out of it', '--dir in --pol ipsec', packet({}, bare), 'no'],
    ['nor goes into it', '--dir out --pol none', packet({}, bare), 'yes'],
    ['whatever one asks of it', '--dir in --pol ipsec ! --mode tunnel', packet({}, bare), 'no'],
    [
      'with some it may',
      '--dir in --pol none',
      packet({}, { around: { ...nothingKnown, hasIpsec: () => true } }),
      'unknown',
    ],
    ['how it came is not given', '--dir in --pol ipsec', packet(), 'unknown'],
    ['nor which policies it would meet', '--dir out --pol none', packet(), 'unknown'],
  ]);
});
