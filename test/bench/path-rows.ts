/** The rows of the benchmark about packets: one new packet beside the kernel's own walk of the same rules, and what the index costs. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lastService } from './last-service.js';
import { type Row, timeProcess } from './measure.js';

const SAMPLE = fileURLToPath(new URL('./sample-path.js', import.meta.url));
/** Seen from the compiled benchmark in `test/bench/dist/bench`. */
const KERNEL = fileURLToPath(new URL('../../kernel-walk.py', import.meta.url));
const PROBES = fileURLToPath(new URL('./sample-probe.js', import.meta.url));
const COMMAND = fileURLToPath(new URL('./sample-command.js', import.meta.url));
const FEW = 100;
/** Services of the node that probes are asked of. */
const SOME = 1000;

interface PathPlan {
  readonly services: number;
  readonly runs: number;
  readonly large: string;
}

/** So many different ones, that what the first of them make ready is a small part, and that the oldest are forgotten. */
const MANY_PROBES = 100_000;

/** A mix of probes, from line to line, beside what it takes to read and write the same lines at all: asked of the library again and again, and of the command once. */
export function measureProbes(runs: number): readonly Row[] {
  const against = 'JSON.parse and JSON.stringify of the same lines';
  const [asked, copied] = numbers([process.execPath, PROBES, `${SOME}`, `${runs}`]);
  const [answered, again] = numbers([process.execPath, COMMAND, `${SOME}`, `${MANY_PROBES}`, `${Math.min(runs, 3)}`]);
  const many = MANY_PROBES.toLocaleString('en-US');
  return [
    row(
      `one probe of a node with ${SOME.toLocaleString('en-US')} Services, its answer written`,
      against,
      asked,
      copied,
      'µs',
      5,
      3,
    ),
    row(
      `each of ${many} different probes of the same node by the command, its start taken off`,
      against,
      answered,
      again,
      'µs',
      5,
      3,
    ),
  ];
}

const CLUSTER = fileURLToPath(new URL('./sample-cluster.js', import.meta.url));
const NODES = 100;

/** `analyze` of a whole cluster beside parsing its dumps alone, and the memory that the process held at most. */
export function measureCluster(): readonly Row[] {
  const [parsed = Number.NaN, analyzed = Number.NaN, memory] = numbers([
    process.execPath,
    CLUSTER,
    `${NODES}`,
    `${SOME}`,
  ]);
  const what = `analyze of ${NODES} nodes with ${SOME.toLocaleString('en-US')} Services`;
  return [
    row(what, 'parsing their dumps', parsed + analyzed, parsed, 'ms', 1.5, 1.25),
    row(`memory of the same`, '1.5 GiB', memory, 1536, 'MiB', 1, 0.5),
  ];
}

export function measurePath({ services, runs, large }: PathPlan): readonly Row[] {
  const [parse, build, many] = numbers([
    process.execPath,
    '--max-old-space-size=6000',
    SAMPLE,
    `${services}`,
    `${runs}`,
  ]);
  const [, , few] = numbers([process.execPath, SAMPLE, `${FEW}`, `${runs}`]);
  const { address, port } = lastService(readFileSync(large, 'utf8'));
  const env = { XTABLES_LOCKFILE: join(dirname(large), 'xtables.lock') };
  const [kernel] = numbers(['unshare', '-n', 'python3', KERNEL, large, address, `${port}`], env);
  const what = `one new packet to the last of ${services.toLocaleString('en-US')} Services, every branch with its evidence`;
  return [
    row(what, `the kernel's walk of the same rules`, many, kernel, 'µs', 1 / 5, 1 / 50),
    row(what, `the same with ${FEW} Services`, many, few, 'µs', 3, 1.5),
    row(
      'building the index of every long chain',
      'parsing and reading the same rules',
      build,
      parse,
      'ms',
      1 / 3,
      1 / 6,
    ),
  ];
}

function row(
  what: string,
  against: string,
  measured: number | undefined,
  reference: number | undefined,
  unit: string,
  gate: number,
  aim: number,
): Row {
  return {
    what,
    against,
    measured: measured ?? Number.NaN,
    reference: reference ?? Number.NaN,
    unit,
    digits: 1,
    gate,
    aim,
  };
}

function numbers(command: readonly [string, ...string[]], env: NodeJS.ProcessEnv = {}): readonly number[] {
  return timeProcess(command, env).stdout.trim().split(' ').map(Number);
}
