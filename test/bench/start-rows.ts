/** How long `bin/coldtrace analyze` of a small sample takes beside a Node process that does nothing. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, type Row, ratio, timeProcess } from './measure.js';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const samples = join(root, 'samples');

/** Node reads these certificates each time it starts and the command does not, which would flatter it. */
const env = { NODE_EXTRA_CA_CERTS: '', NODE_OPTIONS: '' };

interface Timed {
  readonly name: string;
  readonly hasYaml: boolean;
  readonly milliseconds: number;
}

/** The slowest sample of those without YAML and of those with; both sides by turns, so that a busy moment falls on both. */
export function measureStart(runs: number): readonly Row[] {
  const nothing: number[] = [];
  const timed = readdirSync(samples)
    .map((name) => join(samples, name, 'bad'))
    .filter((bad) => existsSync(bad))
    .map((bad): Timed => {
      const times: number[] = [];
      for (let run = 0; run <= runs; run++) {
        const idle = timeProcess([process.execPath, '-e', '0'], env).milliseconds;
        const { milliseconds } = timeProcess([join(root, 'bin/coldtrace'), 'analyze', bad, '--fail-on', 'none'], env);
        // The first may build.
        if (run === 0) continue;
        nothing.push(idle);
        times.push(milliseconds);
      }
      return { name: bad.slice(samples.length + 1), hasYaml: readsYaml(bad), milliseconds: median(times) };
    });
  return [false, true].flatMap((hasYaml) => slowest(timed, hasYaml, median(nothing)));
}

function slowest(timed: readonly Timed[], hasYaml: boolean, nothing: number): readonly Row[] {
  const rows = timed
    .filter((one) => one.hasYaml === hasYaml)
    .map(
      ({ name, milliseconds }): Row => ({
        what: `analyze of the slowest sample ${hasYaml ? 'with' : 'without'} YAML, ${name}`,
        against: 'node -e 0',
        measured: milliseconds,
        reference: nothing,
        unit: 'ms',
        digits: 0,
        gate: hasYaml ? 4 : 3,
        aim: hasYaml ? 3 : 2,
      }),
    );
  return rows.sort((one, other) => ratio(other) - ratio(one)).slice(0, 1);
}

function readsYaml(directory: string): boolean {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).some((name) => /\.ya?ml$/.test(name));
}
