/** Every disagreement with the kernel that ever was, without the kernel: the dumps, the probes, and what it answered. */
import { describe, expect, it } from 'vitest';
import { regressionNames, replay } from './referee/store.js';

describe('past disagreements with the kernel', () => {
  it.each(regressionNames())('%s is answered as the kernel did', (name) => {
    expect(replay(name).join('\n')).toBe('');
  });
});
