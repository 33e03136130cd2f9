/**
 * `pnpm bench`: coldtrace's parser beside iptables' own on the same file, and a packet's way beside the kernel's, both measured in this run. Exits 1 when a
 * gate is missed by more than 10%. Options: --services N, --runs N, --parsers FILE (another build to compare with).
 */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { whatIsLacking } from '../kernel/lacking.js';
import { generateCluster } from './cluster.js';
import { kubeProxyDump } from './generate-kube-proxy.js';
import { median, printRow, type Row, standing, timeProcess } from './measure.js';
import { measureCluster, measurePath, measureProbes } from './path-rows.js';
import { measureStart } from './start-rows.js';
import { BUILT_PARSERS, loadSubject } from './subjects.js';

/** Peak memory of `iptables-legacy-restore` per rule of the 20,000-Service dump (1.8.9). */
const RESTORE_BYTES_PER_RULE = 660;
const SAMPLE = fileURLToPath(new URL('./sample.js', import.meta.url));

interface Plan {
  readonly services: number;
  readonly runs: number;
  readonly parsers: URL;
  readonly large: string;
  readonly small: string;
}

function measureCold(plan: Plan): Row {
  const restoreTimes: number[] = [];
  const parseTimes: number[] = [];
  const env = { XTABLES_LOCKFILE: join(plan.large, '..', 'xtables.lock') };
  for (let run = 0; run < plan.runs; run++) {
    // Both sides start in a namespace of their own, so neither is charged alone for making it.
    const namespace = ['unshare', '-n'] as const;
    restoreTimes.push(timeProcess([...namespace, 'iptables-legacy-restore', '--test', plan.large], env).milliseconds);
    const parse = [process.execPath, SAMPLE, 'cold', plan.parsers.href, plan.large];
    parseTimes.push(timeProcess([...namespace, ...parse]).milliseconds);
  }
  return {
    what: `whole cold process, ${count(plan.services)} Services`,
    against: 'iptables-legacy-restore --test of the same file',
    measured: median(parseTimes),
    reference: median(restoreTimes),
    unit: 'ms',
    digits: 0,
    gate: 1,
    aim: 1 / 6,
  };
}

function measureWarm(plan: Plan): Row {
  const times = sample('warm', plan, [String(plan.runs), plan.small, plan.large]);
  return {
    what: `warm parse, ${count(plan.services)} Services`,
    against: `${count(plan.services / 4)} Services`,
    measured: median(times.map(([, large = Number.NaN]) => large)),
    reference: median(times.map(([small = Number.NaN]) => small)),
    unit: 'ms',
    digits: 0,
    gate: 4.5,
    aim: 4,
  };
}

function measureHeap(plan: Plan): Row {
  const uses = Array.from({ length: plan.runs }, () => sample('heap', plan, [plan.large])).flat();
  return {
    what: `heap per rule beside the text, ${count(plan.services)} Services`,
    against: 'the peak memory of iptables-legacy-restore per rule',
    measured: median(uses.map(([bytes = Number.NaN, rules = Number.NaN]) => bytes / rules)),
    reference: RESTORE_BYTES_PER_RULE,
    unit: 'B',
    digits: 0,
    gate: 1,
    aim: 0.1,
  };
}

/** Lines of numbers; whatever else a measuring process may print becomes NaN, and NaN misses every gate. */
function sample(mode: 'warm' | 'heap', plan: Plan, args: readonly string[]): readonly (readonly number[])[] {
  const { stdout } = timeProcess([process.execPath, '--expose-gc', SAMPLE, mode, plan.parsers.href, ...args]);
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(Number));
}

/** The heavier text: kube-proxy itself would leave endpoint comments out at this size. */
function writeDump(directory: string, services: number): string {
  const path = join(directory, `iptables-save-${services}.txt`);
  writeFileSync(path, kubeProxyDump(generateCluster({ services }), { variant: 'legacy', endpointComments: true }));
  return path;
}

const count = (value: number): string => value.toLocaleString('en-US');

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      services: { type: 'string', default: '20000' },
      runs: { type: 'string', default: '5' },
      parsers: { type: 'string' },
    },
  });
  const lacking = whatIsLacking(['unshare', 'iptables-legacy-restore', 'python3', 'conntrack']);
  if (lacking !== undefined) throw new Error(`the kernel's side cannot be measured: ${lacking}`);
  const parsers = values.parsers === undefined ? BUILT_PARSERS : pathToFileURL(resolve(values.parsers));
  await loadSubject(parsers);
  const directory = mkdtempSync(join(tmpdir(), 'coldtrace-bench-'));
  try {
    const services = Number(values.services);
    const runs = Number(values.runs);
    const large = writeDump(directory, services);
    const small = writeDump(directory, services / 4);
    const plan: Plan = { services, runs, parsers, large, small };
    console.log(`medians of ${runs} runs, Node ${process.version}, a dump of ${count(statSync(large).size)} bytes\n`);
    let missed = 0;
    const measures = [measureCold, measureWarm, measureHeap].map((measure) => () => [measure(plan)]);
    for (const measure of [
      ...measures,
      () => measurePath(plan),
      () => measureProbes(runs),
      measureCluster,
      () => measureStart(runs),
    ]) {
      for (const row of measure()) {
        console.log(printRow(row));
        if (standing(row) === 'GATE MISSED') missed++;
      }
    }
    return missed === 0 ? 0 : 1;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
