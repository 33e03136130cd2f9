/** `pnpm test:kernel --seed S --cases N`: random cases against the kernel, a table of what came of it, exit 1 when an answer was wrong. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Agent } from './agent.js';
import type { Case } from './case.js';
import { coverage } from './coverage.js';
import { printUntold } from './dump-less.js';
import { fidelityPage } from './fidelity.js';
import type { CaseWish } from './generate/case.js';
import { caseOfSeed } from './generate/case-of-seed.js';
import { printSetup, printWrong, signatureOf } from './print.js';
import { type Judged, refereeCase } from './referee.js';
import { shrink } from './shrink.js';
import { answered, keep, readFailure, storeFailure } from './store.js';
import { Tally, type TallyText } from './tally.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string' },
    cases: { type: 'string', default: '50' },
    probes: { type: 'string', default: '20' },
    jobs: { type: 'string', default: '1' },
    family: { type: 'string' },
    feature: { type: 'string' },
    /** So many kinds of disagreement are shrunk and stored. */
    show: { type: 'string', default: '10' },
    /** Every disagreement as it is found, none made small. */
    plain: { type: 'boolean' },
    /** Every answer that was left open, and why. */
    open: { type: 'boolean' },
    /** One stored disagreement instead of random cases. */
    case: { type: 'string' },
    /** With --case: makes a regression of that name of it. */
    keep: { type: 'string' },
    /** No case is begun after so many minutes. */
    minutes: { type: 'string' },
    /** Writes the page of results. */
    report: { type: 'string' },
    /** Writes the counts after every case, for --merge. */
    tally: { type: 'string' },
    /** No kernel is asked: how many of the cases draw what. */
    coverage: { type: 'boolean' },
    /** No cases: the counts of the files that are named are put together. */
    merge: { type: 'boolean' },
    help: { type: 'boolean' },
  },
});

const usage = `Usage: pnpm test:kernel [--seed S] [--cases N] [--probes N] [--family 4|6] [--feature NAME] [--show N | --plain] [--open] [--jobs N] [--minutes N] [--report FILE] [--tally FILE]
       pnpm test:kernel --coverage [--seed S] [--cases N]
       pnpm test:kernel --merge TALLY… [--report FILE]
       pnpm test:kernel --case FAILURE.json [--keep NAME]`;

/** Of all the disagreements of one kind one is enough. */
async function tell(agent: Agent, one: Case, wrong: Judged): Promise<void> {
  const small = await shrink(agent, one, wrong);
  if (small === undefined) {
    console.info(`${signatureOf(one, wrong)}: did not happen again\n${printWrong(one, wrong)}\n`);
    return;
  }
  const file = storeFailure(answered(small.case, small.dumps, small.all));
  console.info(
    [signatureOf(one, wrong), printWrong(small.case, small.judged), printSetup(small.case), file, ''].join('\n'),
  );
}

async function randomCases(agents: readonly Agent[]): Promise<number> {
  const seed = Number(values.seed ?? Date.now() % 1_000_000);
  const { feature } = values;
  const family = values.family === '4' ? 4 : values.family === '6' ? 6 : undefined;
  const probes = Number(values.probes);
  const wish: CaseWish = family === undefined ? { probes, feature } : { probes, feature, family };
  const tally = new Tally();
  const told = new Set<string>();
  const started = performance.now();
  const cases = Number(values.cases);
  const deadline = started + Number(values.minutes ?? Number.POSITIVE_INFINITY) * 60_000;
  let next = 0;
  const work = async (agent: Agent): Promise<void> => {
    for (let at = next++; at < cases && performance.now() < deadline; at = next++) {
      const one = caseOfSeed(seed + at, wish);
      if (feature !== undefined && !one.features.includes(feature)) continue;
      const { judged, untold } = await refereeCase(agent, one);
      tally.add(one, judged);
      tally.addUntold(untold.length);
      if (values.tally !== undefined) writeTally(values.tally, tally, seed);
      for (const each of untold) console.info(`${one.name}: ${printUntold(each)}\n`);
      if (values.open) for (const each of judged) printOpen(one, each);
      for (const wrong of judged.filter(({ judgement }) => judgement.kind === 'wrong')) {
        if (values.plain) console.info(`${printWrong(one, wrong)}\n`);
        const signature = signatureOf(one, wrong);
        if (values.plain || told.has(signature) || told.size >= Number(values.show)) continue;
        told.add(signature);
        await tell(agent, one, wrong);
      }
    }
  };
  await Promise.all(agents.map(work));
  const seconds = (performance.now() - started) / 1000;
  console.info(tally.table());
  for (const [reason, count] of tally.reasons.slice(0, 12)) console.info(`unknown ${count}: ${reason}`);
  console.info(`seed ${seed}, ${tally.cases} cases, ${seconds.toFixed(1)} s`);
  if (values.report !== undefined) publish(values.report, fidelityPage(tally, [{ seed, cases: tally.cases }]));
  return tally.total.wrong + tally.untold;
}

/** What the page says of clusters comes from other runs, and stays. */
function publish(file: string, page: string): void {
  const clusters = existsSync(file) ? (/\n## Whole clusters[\s\S]*$/.exec(readFileSync(file, 'utf8'))?.[0] ?? '') : '';
  writeFileSync(file, `${page}${clusters}`);
}

function printOpen(one: Case, { probe, judgement }: Judged): void {
  if (judgement.kind === 'unknown')
    console.info(`${one.name} ${JSON.stringify(probe)}\n  ${judgement.because.join('; ')}`);
}

function writeTally(file: string, tally: Tally, seed: number): void {
  writeFileSync(file, JSON.stringify(tally.text([{ seed, cases: tally.cases }])));
}

function mergedTallies(files: readonly string[]): number {
  const texts = files.map((file): TallyText => JSON.parse(readFileSync(file, 'utf8')));
  const tally = new Tally();
  for (const text of texts) tally.merge(text);
  const stretches = texts.flatMap((text) => text.stretches);
  console.info(tally.table());
  if (values.report !== undefined) publish(values.report, fidelityPage(tally, stretches));
  return tally.total.wrong + tally.untold;
}

function drawn(): readonly Case[] {
  const first = Number(values.seed ?? 1);
  const probes = Number(values.probes);
  return Array.from({ length: Number(values.cases) }, (_, at) => caseOfSeed(first + at, { probes }));
}

async function storedCase(agent: Agent, file: string): Promise<number> {
  const { case: one } = readFailure(file);
  const { judged, dumps } = await refereeCase(agent, one);
  const wrong = judged.filter(({ judgement }) => judgement.kind !== 'exact');
  for (const each of wrong) console.info(printWrong(one, each));
  if (values.keep !== undefined) console.info(`kept as ${keep(answered(one, dumps, judged), values.keep)}`);
  console.info(wrong.length === 0 ? 'all as the kernel answers' : printSetup(one));
  return wrong.length;
}

if (values.help) {
  console.info(usage);
} else if (values.coverage) {
  console.info(coverage(drawn()).join('\n'));
} else if (values.merge) {
  process.exitCode = mergedTallies(positionals) > 0 ? 1 : 0;
} else {
  const first = new Agent();
  const agents = [first, ...Array.from({ length: Number(values.jobs) - 1 }, () => new Agent())];
  try {
    const wrong = values.case === undefined ? await randomCases(agents) : await storedCase(first, values.case);
    process.exitCode = wrong > 0 ? 1 : 0;
  } finally {
    for (const agent of agents) await agent.close();
  }
}
