/** `pnpm test:kernel --cluster --seed S --cases N`: random clusters against the kernel, what came of it, exit 1 when a verdict was wrong. */
import { parseArgs } from 'node:util';
import { prng } from '../../bench/prng.js';
import { ClusterAgent } from './agent.js';
import { withoutDumps } from './dump-less.js';
import { clusterOfSeed } from './generate/case-of-seed.js';
import { printJudged, printSetup } from './print.js';
import { refereeCluster } from './referee.js';
import { shrinkCluster } from './shrink.js';
import { keepConnection } from './store.js';
import { Tally } from './tally.js';

const { values } = parseArgs({
  options: {
    cluster: { type: 'boolean' },
    seed: { type: 'string' },
    cases: { type: 'string', default: '10' },
    connections: { type: 'string', default: '16' },
    /** No cluster is begun after so long. */
    seconds: { type: 'string', default: '100000' },
    /** Judgements of these kinds are printed. */
    print: { type: 'string', default: 'wrong' },
    /** The commands of each case too. */
    setup: { type: 'boolean' },
    endings: { type: 'boolean' },
    /** How many times each cluster is asked again, each time without another dump. */
    lacking: { type: 'string', default: '0' },
    /** The first disagreement is made small: its commands are printed, and --keep keeps what is left. */
    shrink: { type: 'boolean' },
    only: { type: 'string' },
    /** With --only: the connection is kept under that name. */
    keep: { type: 'string' },
  },
});

const first = Number(values.seed ?? Date.now() % 1_000_000);
const agent = new ClusterAgent();
const tally = new Tally();
const lacking = new Tally();
const started = performance.now();
const seconds = () => (performance.now() - started) / 1000;
let clusters = 0;
try {
  for (; clusters < Number(values.cases) && seconds() < Number(values.seconds); clusters++) {
    const seed = first + clusters;
    const one = clusterOfSeed(seed, { connections: Number(values.connections) });
    if (values.setup) console.info(printSetup(one));
    const verdicts = await refereeCluster(agent, one);
    const { judged, dumps } = verdicts;
    const kept = judged.filter(({ connection }) => connection.id === values.only);
    if (values.keep !== undefined) keepConnection(values.keep, kept, dumps);
    tally.add(one, judged);
    const wrong = judged.find(({ judgement }) => judgement.kind === 'wrong');
    if (values.shrink && wrong !== undefined) {
      const small = await shrinkCluster(agent, one, wrong);
      if (small === null) console.info(`${one.name} ${wrong.connection.id} does not go wrong again`);
      else console.info(`${printJudged(small.case, small.judged[0])}\n${printSetup(small.case)}\n`);
      if (small !== null && values.keep !== undefined) keepConnection(values.keep, small.judged, small.dumps);
      break;
    }
    const random = prng(seed);
    for (const { file, judged: again } of withoutDumps(one, verdicts, Number(values.lacking), random)) {
      lacking.add({ ...one, features: [`without ${file.split('/').at(-1)}`] }, again);
      for (const each of again)
        if (each.judgement.kind === 'wrong') console.info(`without ${file}: ${printJudged(one, each)}\n`);
    }
    for (const each of judged) {
      const { judgement, connection } = each;
      const asks = values.only === undefined || values.only === connection.id;
      if (asks && values.print.split(',').includes(judgement.kind)) console.info(`${printJudged(one, each)}\n`);
    }
  }
} finally {
  await agent.close();
}
for (const line of [...tally.lines(20), ...(values.endings ? tally.endings() : [])]) console.info(line);
console.info(`seed ${first}, ${clusters} clusters, ${seconds().toFixed(1)} s`);
for (const line of lacking.lines(0)) console.info(`a dump less, ${line}`);
if (tally.wrong + lacking.wrong > 0) process.exitCode = 1;
