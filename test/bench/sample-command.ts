/**
 * One measuring process of the benchmark: `sample-command.js SERVICES PROBES ROUNDS` prints how many microseconds `coldtrace probe` takes for each of so many
 * different probes, as one who waits for it sees them, its start and the reading of the node's dumps taken off, and those of JSON.parse and JSON.stringify of
 * the same lines. Both by turns, so that a busy moment falls on both.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateCluster } from './cluster.js';
import { nodeFiles } from './generate-node.js';
import { median } from './measure.js';
import { probeLines } from './probe-lines.js';

const command = fileURLToPath(new URL('../../../../packages/cli/dist/main.js', import.meta.url));

const services = Number(process.argv[2]);
const probes = Number(process.argv[3]);
const rounds = Number(process.argv[4]);

/** Microseconds of the whole process, from its start to its end; the answers are in a file. */
function runProbe(node: string, lines: readonly string[], answers: string): number {
  const asked = join(node, '..', 'probes.jsonl');
  writeFileSync(asked, lines.map((line) => `${line}\n`).join(''));
  const out = openSync(answers, 'w');
  const args = [command, 'probe', node, '--assume', 'defaults', '--probes', asked];
  const begun = performance.now();
  const run = spawnSync(process.execPath, args, { encoding: 'utf8', stdio: ['ignore', out, 'pipe'] });
  const taken = performance.now() - begun;
  closeSync(out);
  if (run.error) throw run.error;
  if (run.status !== 0) throw new Error(`probe: exit ${run.status ?? run.signal}: ${run.stderr.trim()}`);
  return taken * 1000;
}

/** By parts, since the command holds few answers at a time too. */
const part = 1000;

function copy(lines: readonly string[], answers: readonly string[]): number {
  let [taken, written] = [0, 0];
  for (let start = 0; start < lines.length; start += part) {
    const values = answers.slice(start, start + part).map((answer): unknown => JSON.parse(answer));
    const begun = performance.now();
    for (let at = 0; at < values.length; at++) {
      JSON.parse(lines[start + at] ?? '');
      written += Buffer.byteLength(JSON.stringify(values[at]));
    }
    taken += (performance.now() - begun) * 1000;
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
  const turns = Array.from({ length: rounds }, () => {
    const start = runProbe(node, [], answers);
    const whole = runProbe(node, lines, answers);
    const told = readFileSync(answers, 'utf8').trimEnd().split('\n');
    if (told.length !== probes) throw new Error(`${told.length} answers to ${probes} probes`);
    return { asked: (whole - start) / probes, copied: copy(lines, told) / probes };
  });
  console.log(median(turns.map(({ asked }) => asked)), median(turns.map(({ copied }) => copied)));
} finally {
  rmSync(directory, { recursive: true });
}
