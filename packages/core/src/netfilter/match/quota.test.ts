import { describe, expect, it } from 'vitest';
import { quota } from './quota.js';
import { asks, itPrints, itRefuses, itTests, packet, readListing } from './testing.js';

const rows = [
  ['--quota 1000', '--quota 1000', null],
  ['! --quota 1000', '! --quota 1000', null],
  ['--quota 0', '--quota 0', null],
  ['--quota 0x100', '--quota 256', null],
  ['--quota 18446744073709551615', '--quota 18446744073709551615', null],
  ['--quota 010', '--quota 8', null],
] as const;

describe('quota', () => {
  itPrints(quota, 4, rows);
  itPrints(quota, 6, rows);
  itRefuses(quota, 4, [
    ['', 'missing'],
    ['--quota 18446744073709551616', '64 bits'],
    ['--quota x', 'not a number'],
  ]);
  itTests(quota, [
    ['the packets before decide', '--quota 1000', packet(), 'unknown'],
    ['also negated', '! --quota 1000', packet(), 'unknown'],
    ['of a packet that is longer nothing ever passes', '--quota 27', packet({ length: 28 }), 'no'],
    ['and all negated', '! --quota 27', packet({ length: 28 }), 'yes'],
    ['one of that length may', '--quota 28', packet({ length: 28 }), 'unknown'],
  ]);
  it('is listed without its negation, which leaves it open', () => {
    const listed = readListing(quota, 4, 'quota: 27 bytes');
    expect(listed && asks(quota, listed, packet({ length: 28 }))).toBe('unknown');
  });
});
