/** Exact shares: sums, products and their print, never rounded. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { approximate, complement, formatFraction, fraction, one, plus, sameFraction, times, zero } from './fraction.js';

const share = fc
  .tuple(fc.nat(1 << 20), fc.integer({ min: 1, max: 1 << 20 }))
  .map(([n, d]) => fraction(Math.min(n, d), d));

describe('fractions', () => {
  it.each([
    ['a third as the kernel keeps it is not rounded', fraction(715827883, 2147483648), '715827883/2147483648'],
    ['a half as the kernel keeps it is in lowest terms', fraction(1073741824, 2147483648), '1/2'],
    ['one half of one half', times(fraction(1, 2), fraction(1, 2)), '1/4'],
    ['two halves are 1', plus(fraction(1, 2), fraction(1, 2)), '1'],
    ['a share that never happens', times(zero, fraction(1, 3)), '0'],
    ['what is left of one third', complement(fraction(1, 3)), '2/3'],
    ['a whole number has no denominator', one, '1'],
  ])('%s', (_sentence, value, text) => {
    expect(formatFraction(value)).toBe(text);
  });

  it('a share and what is left sum to 1', () => {
    fc.assert(fc.property(share, (x) => sameFraction(plus(x, complement(x)), one)));
  });

  it('is printed in lowest terms, and stays what it is', () => {
    const power = fc.integer({ min: 0, max: 62 }).map((bits) => 2n ** BigInt(bits));
    const denominator = fc.oneof(power, fc.bigInt(1n, 1n << 62n));
    fc.assert(
      fc.property(fc.bigInt(1n, 1n << 62n), denominator, (n, d) => {
        const [numerator = 0n, printed = 1n] = formatFraction(fraction(n, d)).split('/').map(BigInt);
        expect(numerator * d).toBe(n * printed);
        for (const prime of [2n, 3n, 5n, 7n]) expect(numerator % prime === 0n && printed % prime === 0n).toBe(false);
      }),
    );
  });

  it('splitting a share splits it without rest', () => {
    fc.assert(fc.property(share, share, (x, y) => sameFraction(plus(times(x, y), times(x, complement(y))), x)));
  });

  it('approximates for people', () => {
    expect(approximate(fraction(715827883, 2147483648))).toBeCloseTo(1 / 3, 8);
    expect(approximate(one)).toBe(1);
  });
});
