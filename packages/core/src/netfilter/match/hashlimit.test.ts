import { describe, expect, it } from 'vitest';
import { hashlimit } from './hashlimit.js';
import {
  asks,
  itLoses,
  itPrints,
  itRefuses,
  itTests,
  mustRead,
  type PrintRow,
  packet,
  readListing,
  saveWords,
} from './testing.js';

/** Typed, saved and listed; the name stands in the first two and is not listed. */
const rows: readonly (readonly [typed: string, saved: string, listed: string])[] = [
  ['--hashlimit-upto 5/sec NAME', '--hashlimit-upto 5/sec --hashlimit-burst 5 NAME', 'limit: up to 5/sec burst 5'],
  [
    '--hashlimit-above 5/min NAME --hashlimit-mode srcip',
    '--hashlimit-above 5/min --hashlimit-burst 5 --hashlimit-mode srcip NAME',
    'limit: above 5/min burst 5 mode srcip',
  ],
  ['--hashlimit 5 NAME', '--hashlimit-upto 5/sec --hashlimit-burst 5 NAME', 'limit: up to 5/sec burst 5'],
  [
    '--hashlimit-upto 10/second --hashlimit-burst 20 --hashlimit-mode srcip,dstport NAME',
    '--hashlimit-upto 10/sec --hashlimit-burst 20 --hashlimit-mode srcip,dstport NAME',
    'limit: up to 10/sec burst 20 mode srcip-dstport',
  ],
  [
    '--hashlimit-upto 100/day --hashlimit-mode dstport,dstip,srcport NAME',
    '--hashlimit-upto 100/day --hashlimit-burst 5 --hashlimit-mode srcport,dstip,dstport NAME',
    'limit: up to 100/day burst 5 mode srcport-dstip-dstport',
  ],
  ['! --hashlimit-upto 5/sec NAME', '--hashlimit-above 5/sec --hashlimit-burst 5 NAME', 'limit: above 5/sec burst 5'],
  ['! --hashlimit-above 5/s NAME', '--hashlimit-upto 5/sec --hashlimit-burst 5 NAME', 'limit: up to 5/sec burst 5'],
  [
    '--hashlimit-upto 512kb/s NAME --hashlimit-mode dstip',
    '--hashlimit-upto 512kb/s --hashlimit-mode dstip NAME',
    'limit: up to 512kb/s mode dstip',
  ],
  [
    '--hashlimit-above 1mb/s --hashlimit-burst 2mb NAME',
    '--hashlimit-above 1mb/s --hashlimit-burst 2mb NAME',
    'limit: above 1mb/s burst 2mb',
  ],
  ['--hashlimit-above 1000b/s NAME', '--hashlimit-above 992b/s NAME', 'limit: above 992b/s'],
  ['--hashlimit-upto 1025b/s NAME', '--hashlimit-upto 1kb/s NAME', 'limit: up to 1kb/s'],
  ['--hashlimit-upto 300000kb/s NAME', '--hashlimit-upto 293mb/s NAME', 'limit: up to 293mb/s'],
  ['--hashlimit-upto 4272b/s NAME', '--hashlimit-upto 4272b/s NAME', 'limit: up to 4272b/s'],
  ['--hashlimit-upto 4096mb/s NAME', '--hashlimit-upto 4581298432b/s NAME', 'limit: up to 4581298432b/s'],
  ['--hashlimit-upto 4095mb/s NAME', '--hashlimit-upto 4095mb/s NAME', 'limit: up to 4095mb/s'],
  [
    '--hashlimit-upto 512kb/s --hashlimit-burst 513kb NAME',
    '--hashlimit-upto 512kb/s --hashlimit-burst 1mb NAME',
    'limit: up to 512kb/s burst 1mb',
  ],
  [
    '--hashlimit-upto 5kb/s --hashlimit-burst 6kb --hashlimit-htable-expire 15000 NAME',
    '--hashlimit-upto 5kb/s --hashlimit-burst 10kb NAME --hashlimit-htable-expire 15000',
    'limit: up to 5kb/s burst 10kb htable-expire 15000',
  ],
  [
    '--hashlimit-upto 5/sec --hashlimit-burst 5kb NAME',
    '--hashlimit-upto 5/sec --hashlimit-burst 5120 NAME',
    'limit: up to 5/sec burst 5120',
  ],
  [
    '--hashlimit-upto 5/sec --hashlimit-burst 010 NAME',
    '--hashlimit-upto 5/sec --hashlimit-burst 8 NAME',
    'limit: up to 5/sec burst 8',
  ],
  [
    '--hashlimit-upto 5/sec --hashlimit-srcmask 24 --hashlimit-mode srcip NAME',
    '--hashlimit-upto 5/sec --hashlimit-burst 5 --hashlimit-mode srcip NAME --hashlimit-srcmask 24',
    'limit: up to 5/sec burst 5 mode srcip srcmask 24',
  ],
  [
    '--hashlimit-upto 5/sec --hashlimit-dstmask 0 --hashlimit-srcmask 32 NAME',
    '--hashlimit-upto 5/sec --hashlimit-burst 5 NAME --hashlimit-dstmask 0',
    'limit: up to 5/sec burst 5 dstmask 0',
  ],
  [
    '--hashlimit-upto 5/sec --hashlimit-htable-size 100 --hashlimit-htable-max 200 --hashlimit-htable-expire 3000 --hashlimit-htable-gcinterval 4000 NAME',
    '--hashlimit-upto 5/sec --hashlimit-burst 5 NAME --hashlimit-htable-size 100 --hashlimit-htable-max 200 --hashlimit-htable-gcinterval 4000 --hashlimit-htable-expire 3000',
    'limit: up to 5/sec burst 5 htable-size 100 htable-max 200 htable-gcinterval 4000 htable-expire 3000',
  ],
  [
    '--hashlimit-upto 10000000/min NAME',
    '--hashlimit-upto 166666/sec --hashlimit-burst 5 NAME --hashlimit-htable-expire 60000',
    'limit: up to 166666/sec burst 5 htable-expire 60000',
  ],
  [
    '--hashlimit-upto 60/min NAME',
    '--hashlimit-upto 1/sec --hashlimit-burst 5 NAME --hashlimit-htable-expire 60000',
    'limit: up to 1/sec burst 5 htable-expire 60000',
  ],
  ['--hashlimit-upto 90/min NAME', '--hashlimit-upto 90/min --hashlimit-burst 5 NAME', 'limit: up to 90/min burst 5'],
  [
    '--hashlimit-upto 33333/hour NAME',
    '--hashlimit-upto 33333/hour --hashlimit-burst 5 NAME',
    'limit: up to 33333/hour burst 5',
  ],
  [
    '--hashlimit-upto 86400/day NAME',
    '--hashlimit-upto 1/sec --hashlimit-burst 5 NAME --hashlimit-htable-expire 86400000',
    'limit: up to 1/sec burst 5 htable-expire 86400000',
  ],
  [
    '--hashlimit-above 5/sec --hashlimit-rate-match NAME',
    '--hashlimit-above 5/sec --hashlimit-burst 5 NAME --hashlimit-rate-match',
    'limit: above 5/sec burst 5 rate-match',
  ],
  [
    '--hashlimit-rate-match --hashlimit-above 5/min NAME',
    '--hashlimit-above 5/sec --hashlimit-burst 5 NAME --hashlimit-htable-expire 60000 --hashlimit-rate-match --hashlimit-rate-interval 60',
    'limit: above 5/min burst 5 rate-match rate-interval 60',
  ],
  [
    '--hashlimit-upto 5/hour --hashlimit-rate-match NAME',
    '--hashlimit-upto 5/sec --hashlimit-burst 5 NAME --hashlimit-htable-expire 3600000 --hashlimit-rate-match --hashlimit-rate-interval 3600',
    'limit: up to 5/hour burst 5 rate-match rate-interval 3600',
  ],
  [
    '--hashlimit-rate-match --hashlimit-upto 2175/day --hashlimit-rate-interval 7 NAME',
    '--hashlimit-upto 2178/sec --hashlimit-burst 5 NAME --hashlimit-htable-expire 86400000 --hashlimit-rate-match --hashlimit-rate-interval 7',
    'limit: up to 18674/min burst 5 htable-expire 86400000 rate-match rate-interval 7',
  ],
  [
    '--hashlimit-above 5/sec --hashlimit-rate-match --hashlimit-rate-interval 10 NAME',
    '--hashlimit-above 5/sec --hashlimit-burst 5 NAME --hashlimit-rate-match --hashlimit-rate-interval 10',
    'limit: above 30/min burst 5 htable-expire 1000 rate-match rate-interval 10',
  ],
  [
    '--hashlimit-upto 5kb/s --hashlimit-rate-match --hashlimit-rate-interval 4 NAME',
    '--hashlimit-upto 5kb/s NAME --hashlimit-rate-match --hashlimit-rate-interval 4',
    'limit: up to 5kb/s rate-match rate-interval 4',
  ],
];

const named = (words: string) => words.replace('NAME', '--hashlimit-name tcp_in');

describe('hashlimit', () => {
  itPrints(
    hashlimit,
    4,
    rows.map(([typed, saved]): PrintRow => [named(typed), named(saved), null]),
  );
  itPrints(hashlimit, 6, [
    [
      named('--hashlimit-upto 5/sec --hashlimit-srcmask 64 --hashlimit-dstmask 128 NAME'),
      named('--hashlimit-upto 5/sec --hashlimit-burst 5 NAME --hashlimit-srcmask 64'),
      null,
    ],
  ]);
  it.each(rows)('%s, saved as %s, is listed as %s', (_typed, saved, listed) => {
    const data = readListing(hashlimit, 4, listed);
    // What the tools round, they round again when they read their own print: the print is what stays.
    expect(data === null ? null : saveWords(hashlimit, data, 4)).toBe(saved.replace(' NAME', ''));
  });
  it('keeps the unit as typed in the time that entries live', () => {
    expect(mustRead(hashlimit, 4, named('--hashlimit-upto 3600/hour NAME'))).toMatchObject({
      rate: { kind: 'packets', period: 1_000_000, burst: 5 },
      expire: 3_600_000,
    });
  });
  itLoses(hashlimit, 4, [
    [
      named('--hashlimit-upto 5/sec NAME --hashlimit-rate-interval 60'),
      named('--hashlimit-upto 5/sec --hashlimit-burst 5 NAME'),
      'counts for nothing',
    ],
  ]);
  itRefuses(hashlimit, 4, [
    ['--hashlimit-upto 5/sec', 'name is missing'],
    ['--hashlimit-name a', 'neither'],
    [named('--hashlimit-upto 5/sec --hashlimit-above 5/sec NAME'), 'together'],
    [named('--hashlimit-upto 0/sec NAME'), 'no rate'],
    [named('--hashlimit-upto 5/fortnight NAME'), 'no rate'],
    [named('--hashlimit-upto 1000001/sec NAME'), 'too fast'],
    [named('--hashlimit-upto 5/sec --hashlimit-burst 0 NAME'), 'no burst'],
    [named('--hashlimit-upto 5/sec --hashlimit-burst 1000001 NAME'), 'over 1000000'],
    [named('--hashlimit-upto 512kb/s --hashlimit-burst 5 NAME'), 'smaller than 524288'],
    [named('--hashlimit-upto 1b/s --hashlimit-burst 1 NAME'), 'smaller than 0'],
    [named('--hashlimit-upto 5/sec --hashlimit-mode SRCIP NAME'), 'none of'],
    [named('--hashlimit-upto 5/sec --hashlimit-srcmask 33 NAME'), '32 bits'],
    [named('--hashlimit-upto 5/sec --hashlimit-htable-expire 0 NAME'), 'between 1 and'],
    ['--hashlimit-upto 5/sec --hashlimit-name a/b', 'name of a file'],
    ['--hashlimit-upto 5/sec --hashlimit-name .', 'name of a file'],
  ]);
  itTests(hashlimit, [
    ['a limit depends on what came before', named('--hashlimit-upto 5/sec NAME'), packet(), 'unknown'],
  ]);
  it.each([
    ['dropped where a port is asked for', 'srcip,dstport', true],
    ['counted where none is', 'srcip,dstip', false],
  ])('an IPv6 packet without an upper-layer header is %s', (_, mode, drops) => {
    const data = mustRead(hashlimit, 6, named(`--hashlimit-upto 5/sec --hashlimit-mode ${mode} NAME`));
    const input = packet({ family: 6, proto: 59, extensions: [51] });
    expect(hashlimit.drops?.(data, input)).toBe(drops);
    expect(asks(hashlimit, data, input)).toBe(drops ? 'no' : 'unknown');
  });
});
