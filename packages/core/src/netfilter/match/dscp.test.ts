import { describe } from 'vitest';
import { dscp } from './dscp.js';
import { itPrints, itRefuses, itTests, packet } from './testing.js';

describe('dscp', () => {
  for (const family of [4, 6] as const)
    itPrints(dscp, family, [
      ['--dscp 0', '--dscp 0x00', 'DSCP match 0x00'],
      ['! --dscp 63', '! --dscp 0x3f', 'DSCP match !0x3f'],
      ['--dscp 0x0a', '--dscp 0x0a', 'DSCP match 0x0a'],
      ['--dscp-class ef', '--dscp 0x2e', 'DSCP match 0x2e'],
      ['! --dscp-class AF11', '! --dscp 0x0a', 'DSCP match !0x0a'],
      ['--dscp-class CS7', '--dscp 0x38', 'DSCP match 0x38'],
      ['--dscp-class BE', '--dscp 0x00', 'DSCP match 0x00'],
    ]);
  itRefuses(dscp, 4, [
    ['', 'missing'],
    ['--dscp 64', 'between 0 and 63'],
    ['--dscp-class AF44', 'no DiffServ class'],
    ['--dscp-class AF', 'no DiffServ class'],
    ['--dscp 5 --dscp-class EF', 'together'],
  ]);
  itTests(dscp, [
    ['the upper six bits count', '--dscp-class EF', packet({ tos: 0xb8 }), 'yes'],
    ['ECN bits do not', '--dscp-class EF', packet({ tos: 0xbb }), 'yes'],
    ['another class', '--dscp-class EF', packet({ tos: 0x10 }), 'no'],
    ['is what the negation wants', '! --dscp-class EF', packet({ tos: 0x10 }), 'yes'],
  ]);
});
