/** A gate is only worth its verdicts. */
import { describe, expect, it } from 'vitest';
import { median, printRow, type Row, standing } from './measure.js';

const row = (measured: number): Row => ({
  what: 'this',
  against: 'that',
  measured,
  reference: 100,
  unit: 'ms',
  digits: 0,
  gate: 1,
  aim: 0.5,
});

describe('a ratio with gate 1 and aim 0.5', () => {
  it.each([
    [50, 'aim reached'],
    [51, 'within the gate'],
    [100, 'within the gate'],
    [110, 'over the gate, within 10%'],
    [111, 'GATE MISSED'],
    [Number.NaN, 'GATE MISSED'],
  ] as const)('measured %d over 100 is: %s', (measured, verdict) => {
    expect(standing(row(measured))).toBe(verdict);
  });

  it('is printed with both of its sides', () => {
    expect(printRow(row(60))).toContain('60 ms / 100 ms = 0.600');
  });
});

it.each([
  [[3, 1, 2], 2],
  [[4, 1, 2, 3], 2.5],
  [[], Number.NaN],
])('the median of %j is %d', (values, middle) => {
  expect(median(values)).toBe(middle);
});
