import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpuNow } from '../../testing.js';
import { differInDigit, isDoubled, isOneEdit, nearestOf } from './near.js';

/** Edits counted as the definition says. */
function isOneEditSlowly(left: string, right: string): boolean {
  if (left === right) return false;
  for (let at = 0; at <= left.length; at++) {
    const head = left.slice(0, at);
    const tail = left.slice(at);
    const swapped = head + (tail[1] ?? '') + (tail[0] ?? '') + tail.slice(2);
    if (head + tail.slice(1) === right || swapped === right) return true;
    for (const letter of right)
      if (head + letter + tail === right || head + letter + tail.slice(1) === right) return true;
  }
  return false;
}

const name = fc.string({ unit: fc.constantFrom('a', 'b', 'A', '1'), maxLength: 6 });

describe('names one slip apart', () => {
  it('are told as the definition of the distance says', () => {
    fc.assert(
      fc.property(name, name, (left, right) => {
        expect(isOneEdit(left, right)).toBe(isOneEditSlowly(left, right));
      }),
    );
  });

  it('are found among many as by comparing with each', () => {
    fc.assert(
      fc.property(fc.array(name), fc.array(name), (wanted, candidates) => {
        const found = nearestOf(new Set(wanted), candidates);
        for (const one of new Set(wanted)) {
          const near = [...new Set(candidates)].filter(
            (other) => other !== one && (isOneEdit(one, other) || one.toLowerCase() === other.toLowerCase()),
          );
          expect([...(found.get(one) ?? [])].sort()).toEqual(near.sort());
        }
      }),
    );
  });

  it.each([
    ['--randomm', '--random', true],
    ['--ranrdom', '--random', false],
    ['ACCEPTT', 'ACCEPT', true],
  ])('%s is %s with a letter doubled: %s', (typed, meant, doubled) => expect(isDoubled(typed, meant)).toBe(doubled));

  it.each([
    ['web1', 'web2', true],
    ['web', 'web1', true],
    ['eth0', 'etho', false],
    ['masg', 'masq', false],
  ])('%s and %s differ in a digit: %s', (left, right, digit) => expect(differInDigit(left, right)).toBe(digit));

  it('are found among 80,000 in no time that grows with the square', () => {
    const candidates = Array.from({ length: 80_000 }, (_, at) => `KUBE-SVC-${at.toString(36).padStart(16, 'A')}`);
    const wanted = new Set(candidates.map((candidate) => `${candidate}x`).slice(0, 5000));
    const began = cpuNow();
    expect(nearestOf(wanted, candidates).size).toBe(5000);
    expect(cpuNow() - began).toBeLessThan(8000);
  });
});
