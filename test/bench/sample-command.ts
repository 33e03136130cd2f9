/**
 * One measuring process of the benchmark: `sample-command.js SERVICES PROBES` prints the microseconds of processor time that `coldtrace probe` takes for each
 * of so many different probes, its start and the reading of the node's dumps taken off, and those of JSON.parse and JSON.stringify of the same lines.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateCluster } from './cluster.js';
import { nodeFiles } from './generate-node.js';
import { probeLines } from './probe-lines.js';

const command = fileURLToPath(new URL('../../../../packages/cli/dist/main.js', import.meta.url));
const preload = new URL('./cpu-at-exit.js', import.meta.url).href;

const services = Number(process.argv[2]);
const probes = Number(process.argv[3]);

/** Microseconds of the whole process; the answers are in a file. */
function runProbe(node: string, lines: readonly string[], answers: string): number {
  const asked = join(node, '..', 'probes.jsonl');
  writeFileSync(asked, lines.map((line) => `${line}\n`).join(''));
  const out = openSync(answers, 'w');
  const args = ['--import', preload, command, 'probe', node, '--assume', 'defaults', '--probes', asked];
  const run = spawnSync(process.execPath, args, { encoding: 'utf8', stdio: ['ignore', out, 'pipe'] });
  closeSync(out);
  if (run.error) throw run.error;
  if (run.status !== 0) throw new Error(`probe: exit ${run.status ?? run.signal}: ${run.stderr.trim()}`);
  return Number(run.stderr.trim().split('\n').at(-1));
}

/** By parts, since the command holds few answers at a time too. */
const part = 1000;

function copy(lines: readonly string[], answers: readonly string[]): number {
  let [taken, written] = [0, 0];
  for (let start = 0; start < lines.length; start += part) {
    const values = answers.slice(start, start + part).map((answer): unknown => JSON.parse(answer));
    const begun = process.cpuUsage();
    for (let at = 0; at < values.length; at++) {
      JSON.parse(lines[start + at] ?? '');
      written += Buffer.byteLength(JSON.stringify(values[at]));
    }
    const { user, system } = process.cpuUsage(begun);
    taken += user + system;
  }
  if (written === 0) throw new Error('nothing was answered');
  return taken;
}

const directory = mkdtempSync(join(tmpdir(), 'coldtrace-bench-'));
try {
  const node = join(directory, 'node');
  mkdirSync(node);
  for (const [name, text] of nodeFiles({ services, endpointComments: true })) writeFileSync(join(node, name), text);
  const lines = probeLines(generateCluster({ services }), probes, 1);
  const answers = join(directory, 'answers.jsonl');
  const start = runProbe(node, [], answers);
  const whole = runProbe(node, lines, answers);
  const told = readFileSync(answers, 'utf8').trimEnd().split('\n');
  if (told.length !== probes) throw new Error(`${told.length} answers to ${probes} probes`);
  console.log((whole - start) / probes, copy(lines, told) / probes);
} finally {
  rmSync(directory, { recursive: true });
}
