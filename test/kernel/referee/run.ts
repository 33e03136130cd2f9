/** `pnpm test:kernel --seed S --cases N`: random cases against the kernel, a table of what came of it, exit 1 when an answer was wrong. */
import { parseArgs } from 'node:util';
import { Agent } from './agent.js';
import { randomCase } from './generate/case.js';
import { printSetup, printWrong, signatureOf } from './print.js';
import { refereeCase } from './referee.js';
import { shrink } from './shrink.js';
import { Tally } from './tally.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    cases: { type: 'string', default: '50' },
    probes: { type: 'string', default: '20' },
    family: { type: 'string' },
    show: { type: 'string', default: '10' },
  },
});

const seed = Number(values.seed ?? Date.now() % 1_000_000);
const family = values.family === '4' ? 4 : values.family === '6' ? 6 : undefined;
const wish = { probes: Number(values.probes), ...(family === undefined ? {} : ({ family } as const)) };
const agent = new Agent();
const tally = new Tally();
let shown = 0;
const seen = new Set<string>();
const started = performance.now();
try {
  for (let at = 0; at < Number(values.cases); at++) {
    const one = randomCase(seed + at, wish);
    const { judged } = await refereeCase(agent, one);
    tally.add(one, judged);
    for (const wrong of judged.filter(({ judgement }) => judgement.kind === 'wrong')) {
      const signature = signatureOf(one, wrong);
      if (seen.has(signature) || shown++ >= Number(values.show)) continue;
      seen.add(signature);
      const small = await shrink(agent, one, wrong);
      console.info(`${signature}\n${printWrong(small.case, small.judged)}\n${printSetup(small.case)}\n`);
    }
  }
} finally {
  await agent.close();
}
const seconds = (performance.now() - started) / 1000;
console.info(tally.table());
for (const [reason, count] of tally.reasons.slice(0, 12)) console.info(`unknown ${count}: ${reason}`);
console.info(`seed ${seed}, ${values.cases} cases, ${seconds.toFixed(1)} s`);
process.exitCode = tally.total.wrong > 0 ? 1 : 0;
