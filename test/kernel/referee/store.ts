/**
 * Disagreements on disk: `failures/` holds what a run found (not in git), `regressions/NAME/` what is kept: the dumps, the probes and what the kernel
 * answered, for a test that needs neither root nor the kernel.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { askColdtrace } from './ask.js';
import type { Dumps } from './capture.js';
import type { Case, ProbeLine } from './case.js';
import { judge } from './compare.js';
import type { KernelAnswer } from './observe.js';
import type { Judged } from './referee.js';
import { sourceFolder } from './source-folder.js';

const here = sourceFolder(import.meta.url);
const failures = fileURLToPath(new URL('../failures/', here));
const regressions = fileURLToPath(new URL('../regressions/', here));

/** A case with what the kernel answered to each of its probes. */
export interface Answered {
  readonly case: Case;
  readonly dumps: Readonly<Record<string, string>>;
  readonly kernel: readonly KernelAnswer[];
}

export function answered(one: Case, dumps: Dumps, judged: readonly Judged[]): Answered {
  return {
    case: { ...one, probes: judged.map(({ probe }) => probe) },
    dumps: Object.fromEntries(dumps),
    kernel: judged.map(({ kernel }) => kernel),
  };
}

export function storeFailure(failure: Answered): string {
  mkdirSync(failures, { recursive: true });
  const file = join(failures, `referee-${failure.case.name}-${failure.case.probes.at(-1)?.id ?? ''}.json`);
  writeFileSync(file, `${JSON.stringify(failure, null, 1)}\n`);
  return file;
}

export function readFailure(file: string): Answered {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** No answer depends on most of what sysctl prints. */
export function withoutBulk(text: string): string {
  const bulk = /^net\.(?:core|ipv[46]\.neigh|mptcp|sctp|unix|rds|smc|tipc)\b/;
  return text
    .split('\n')
    .filter((line) => !bulk.test(line))
    .join('\n');
}

/** Makes a regression of what was found: the commands are kept for people. */
export function keep(failure: Answered, name: string): string {
  const folder = join(regressions, name);
  mkdirSync(join(folder, 'node-1'), { recursive: true });
  for (const [file, text] of Object.entries(failure.dumps))
    writeFileSync(join(folder, file), file.endsWith('/sysctl.txt') ? withoutBulk(text) : text);
  const lines = (rows: readonly unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  writeFileSync(join(folder, 'probes.jsonl'), lines(failure.case.probes));
  writeFileSync(join(folder, 'kernel.jsonl'), lines(failure.kernel));
  writeFileSync(join(folder, 'case.json'), `${JSON.stringify({ ...failure.case, probes: [] }, null, 1)}\n`);
  return folder;
}

export function regressionNames(): readonly string[] {
  return readdirSync(regressions).sort();
}

/** What was kept of a past disagreement. */
export interface Regression {
  readonly dumps: Dumps;
  readonly probes: readonly ProbeLine[];
  readonly kernel: readonly KernelAnswer[];
}

export function readRegression(name: string): Regression {
  const folder = join(regressions, name);
  const rows = (file: string): readonly string[] => readFileSync(join(folder, file), 'utf8').trimEnd().split('\n');
  const probes = rows('probes.jsonl').map((row): ProbeLine => JSON.parse(row));
  const kernel = rows('kernel.jsonl').map((row): KernelAnswer => JSON.parse(row));
  const files = readdirSync(join(folder, 'node-1'));
  const dumps = new Map(files.map((file) => [`node-1/${file}`, readFileSync(join(folder, 'node-1', file), 'utf8')]));
  return { dumps, probes, kernel };
}

/** What differs from the kernel's answers; empty when nothing does. */
export function replay(name: string): readonly string[] {
  const { dumps, probes, kernel } = readRegression(name);
  return askColdtrace(dumps, probes).flatMap((ours, index) => {
    const answer = kernel[index];
    const judgement = answer === undefined ? undefined : judge(ours, answer);
    if (judgement?.kind === 'exact') return [];
    return [`${JSON.stringify(probes[index])}\n kernel ${JSON.stringify(answer)}\n ours   ${JSON.stringify(ours)}`];
  });
}
