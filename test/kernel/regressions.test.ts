/** Every disagreement with the kernel that ever was, without the kernel: the dumps, the probes, and what it answered. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { coldtrace, root } from '../cli/run.js';
import { judge } from './referee/compare.js';
import { regressionNames, replay } from './referee/store.js';

describe('past disagreements with the kernel', () => {
  it.each(regressionNames())('%s is answered as the kernel did', (name) => {
    expect(replay(name).join('\n')).toBe('');
  });

  it('the command answers them as the library does', async () => {
    const folder = `${root}test/kernel/regressions/raw-has-no-state`;
    const ran = await coldtrace(['probe', `${folder}/node-1`, '--probes', `${folder}/probes.jsonl`]);
    const kernel = readFileSync(`${folder}/kernel.jsonl`, 'utf8').trimEnd().split('\n');
    const answers = ran.stdout.trimEnd().split('\n');
    expect(ran.status).toBe(0);
    expect(answers.length).toBe(kernel.length);
    answers.forEach((answer, index) => {
      expect(judge(JSON.parse(answer), JSON.parse(kernel[index] ?? ''))).toEqual({ kind: 'exact' });
    });
  });
});
