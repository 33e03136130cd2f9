/** Random clusters: what becomes of every connection is what `trace` holds possible, or it says that it does not know. The long run is `pnpm test:kernel --cluster`. */
import { expect, it } from 'vitest';
import { ClusterAgent } from './cluster/agent.js';
import { clusterOfSeed } from './cluster/generate/case-of-seed.js';
import { printJudged } from './cluster/print.js';
import { refereeCluster } from './cluster/referee.js';
import { type Disagreement, intolerable, seedsOf } from './fresh.js';
import { describeKernel } from './gate.js';

const cases = Number(process.env['COLDTRACE_CLUSTERS'] ?? 8);

describeKernel('the referee of clusters', () => {
  it(`finds each connection as trace has it (${cases} clusters)`, async () => {
    const agent = new ClusterAgent();
    const wrong: Disagreement[] = [];
    let answered = 0;
    try {
      for (const seed of seedsOf(cases)) {
        const one = clusterOfSeed(seed, { connections: 14 });
        const { judged } = await refereeCluster(agent, one);
        answered += judged.filter(({ judgement }) => judgement.kind === 'exact').length;
        for (const each of judged.filter(({ judgement }) => judgement.kind === 'wrong'))
          wrong.push({ seed, text: printJudged(one, each) });
      }
    } finally {
      await agent.close();
    }
    expect(intolerable('cluster', wrong, answered)).toEqual([]);
    expect(answered).toBeGreaterThan(cases * 14);
  });
}, ['conntrack', 'bridge', 'ss', 'python3']);
