import { describe } from 'vitest';
import { hl } from './hl.js';
import { itPrints, itRefuses, itTests, packet } from './testing.js';

const hops = (ttl: number) => packet({ family: 6, ttl });

describe('hl', () => {
  itPrints(hl, 6, [
    ['--hl-eq 5', '--hl-eq 5', 'HL match HL == 5'],
    ['! --hl-eq 5', '! --hl-eq 5', 'HL match HL != 5'],
    ['--hl-lt 5', '--hl-lt 5', 'HL match HL < 5'],
    ['--hl-gt 255', '--hl-gt 255', 'HL match HL > 255'],
  ]);
  itRefuses(hl, 6, [
    ['', 'needs one'],
    ['--hl-eq 256', 'between 0 and 255'],
    ['! --hl-lt 5', 'takes no !'],
    ['--hl-eq 5 --hl-gt 3', 'only one'],
  ]);
  itTests(hl, [
    ['255 is 255', '--hl-eq 255', hops(255), 'yes'],
    ['254 came from elsewhere', '! --hl-eq 255', hops(254), 'yes'],
    ['5 is not below 5', '--hl-lt 5', hops(5), 'no'],
    ['4 is', '--hl-lt 5', hops(4), 'yes'],
    ['6 is above 5', '--hl-gt 5', hops(6), 'yes'],
    ['5 is not', '--hl-gt 5', hops(5), 'no'],
  ]);
});
