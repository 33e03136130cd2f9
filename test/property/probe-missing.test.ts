/** Take any one dump away from nodes of which the kernel's answers are known: no answer may turn wrong, it may only turn open, or name what was assumed. */
import { describe, expect, it } from 'vitest';
import { askColdtrace } from '../kernel/referee/ask.js';
import { type Asked, printUntold, removableDumps, withoutDump } from '../kernel/referee/dump-less.js';
import { readRegression, regressionNames } from '../kernel/referee/store.js';

describe('probes with a dump less', () => {
  it.each(regressionNames())('%s: nothing is said that the kernel denies', (name) => {
    const { dumps, probes, kernel } = readRegression(name);
    const answers = askColdtrace(dumps, probes);
    const asked = probes.flatMap((probe, at): readonly Asked[] => {
      const [ours, theirs] = [answers[at], kernel[at]];
      return ours === undefined || theirs === undefined ? [] : [{ probe, kernel: theirs, ours }];
    });
    expect(asked.length).toBeGreaterThan(0);
    const untold = removableDumps(dumps).flatMap((file) => withoutDump(dumps, file, probes, asked));
    expect(untold.map(printUntold).join('\n\n')).toBe('');
  });
});
