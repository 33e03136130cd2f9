import { describe } from 'vitest';
import { rpfilter } from './rpfilter.js';
import { itPrints, itRefuses, itTests, packet } from './testing.js';

const rows = [
  ['', '', 'rpfilter'],
  ['--loose', '--loose', 'rpfilter loose'],
  [
    '--validmark --accept-local --invert --loose',
    '--loose --validmark --accept-local --invert',
    'rpfilter loose validmark accept-local invert',
  ],
  ['--invert', '--invert', 'rpfilter invert'],
] as const;

const rows6 = [['--invert --loose', '--loose --invert', 'rpfilter loose invert']] as const;

describe('rpfilter', () => {
  itPrints(rpfilter, 4, rows);
  itPrints(rpfilter, 6, rows6);
  itRefuses(rpfilter, 4, [
    ['! --loose', 'takes no !'],
    ['--loose --loose', 'twice'],
  ]);
  itTests(rpfilter, [
    ['the loopback passes', '', packet({ iif: 'lo' }), 'yes'],
    ['so its inversion does not', '--invert', packet({ iif: 'lo' }), 'no'],
    ['another device would need a lookup', '--loose', packet(), 'unknown'],
  ]);
});
