/** Random cases of a fresh seed: every answer is the kernel's, or says that it does not know. The long run is `pnpm test:kernel`. */
import { expect, it } from 'vitest';
import { type Disagreement, freshSeed, intolerable, mostOpen } from './fresh.js';
import { describeKernel } from './gate.js';
import { Agent } from './referee/agent.js';
import { printUntold } from './referee/dump-less.js';
import { caseOfSeed } from './referee/generate/case-of-seed.js';
import { printWrong } from './referee/print.js';
import { refereeCase } from './referee/referee.js';
import { answered, storeFailure } from './referee/store.js';
import { Tally } from './referee/tally.js';

/** Of the twenty probes that a case draws about eighteen reach the kernel as drawn: this many cases make four thousand. */
const cases = Number(process.env['COLDTRACE_CASES'] ?? 225);
/** Each half has an agent of its own. */
const halves = [0, 1] as const;

async function half(start: number, tally: Tally, wrong: Disagreement[]): Promise<void> {
  const agent = new Agent();
  try {
    for (let at = start; at < cases; at += halves.length) {
      // What is fixed stands in regressions/.
      const seed = freshSeed + at;
      const one = caseOfSeed(seed, { probes: 20 });
      const { judged, dumps, untold } = await refereeCase(agent, one);
      tally.add(one, judged);
      const faults = judged.filter(({ judgement }) => judgement.kind === 'wrong');
      if (faults.length > 0) storeFailure(answered(one, dumps, judged));
      wrong.push(...untold.map((each) => ({ seed, text: printUntold(each) })));
      wrong.push(...faults.map((fault) => ({ seed, text: printWrong(one, fault) })));
    }
  } finally {
    await agent.close();
  }
}

describeKernel('the referee', () => {
  it(`answers as the kernel does (seed ${freshSeed}, ${cases} cases)`, { timeout: 1_200_000 }, async () => {
    const tally = new Tally();
    const wrong: Disagreement[] = [];
    await Promise.all(halves.map((start) => half(start, tally, wrong)));
    console.info(`seed ${freshSeed}\n${tally.table()}`);
    expect(intolerable('referee', wrong, tally.total.probes)).toEqual([]);
    expect(tally.total.unknown).toBeLessThan(tally.total.probes * mostOpen);
    expect(tally.total.probes).toBeGreaterThan(cases * 17);
  });
}, ['nft', 'conntrack', 'bridge', 'ss', 'python3']);
