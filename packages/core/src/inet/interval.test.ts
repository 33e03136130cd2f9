import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  complementIntervals,
  emptyIntervals,
  type Interval,
  intersectIntervals,
  intervalSet,
  intervalsContain,
  intervalsOf,
  uniteIntervals,
} from './index.js';

test('intervals that overlap or touch become one, in ascending order', () => {
  const set = intervalSet([
    { first: 80, last: 90 },
    { first: 1, last: 5 },
    { first: 6, last: 9 },
    { first: 85, last: 100 },
    { first: 84, last: 86 },
    { first: 50, last: 40 },
  ]);
  expect(intervalsOf(set)).toEqual([
    { first: 1, last: 9 },
    { first: 80, last: 100 },
  ]);
});

test('the ends of uint32 belong like any other value', () => {
  const all = complementIntervals(emptyIntervals);
  expect(intervalsOf(all)).toEqual([{ first: 0, last: 0xffffffff }]);
  expect(intervalsContain(all, 0) && intervalsContain(all, 0xffffffff)).toBe(true);
  expect(complementIntervals(all)).toEqual(emptyIntervals);
  expect(intervalsContain(emptyIntervals, 0)).toBe(false);
});

const max = 40;
const intervals: fc.Arbitrary<Interval[]> = fc.array(fc.record({ first: fc.nat(max), last: fc.nat(max) }), {
  maxLength: 8,
});

test('membership is what the intervals say, one by one', () => {
  fc.assert(
    fc.property(intervals, intervals, (one, other) => {
      const x = intervalSet(one);
      const y = intervalSet(other);
      for (let value = 0; value <= max; value++) {
        const inX = one.some(({ first, last }) => first <= value && value <= last);
        const inY = other.some(({ first, last }) => first <= value && value <= last);
        expect(intervalsContain(x, value)).toBe(inX);
        expect(intervalsContain(uniteIntervals(x, y), value)).toBe(inX || inY);
        expect(intervalsContain(intersectIntervals(x, y), value)).toBe(inX && inY);
        expect(intervalsContain(complementIntervals(x, max), value)).toBe(!inX);
      }
    }),
  );
});

test('every set keeps its bounds ascending with a gap between intervals', () => {
  fc.assert(
    fc.property(intervals, intervals, (one, other) => {
      const x = intervalSet(one);
      for (const set of [
        x,
        uniteIntervals(x, intervalSet(other)),
        intersectIntervals(x, intervalSet(other)),
        complementIntervals(x, max),
      ]) {
        const parts = intervalsOf(set);
        parts.forEach((part, at) => {
          expect(part.first).toBeLessThanOrEqual(part.last);
          expect(part.first).toBeGreaterThan((parts[at - 1]?.last ?? -2) + 1);
        });
      }
    }),
  );
});
