/**
 * One measuring process of the benchmark, apart from the one that reports, so that nothing is warm that should be cold.
 * `sample.js cold PARSERS DUMP` only reads and parses: its caller times the whole process.
 * With `--expose-gc`, `sample.js warm PARSERS RUNS SMALL LARGE` prints a line of two times for each run, and
 * `sample.js heap PARSERS DUMP` a line of bytes and rules.
 */
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { loadSubject, type Subject } from './subjects.js';

type Line = readonly number[];

const WARM_UPS = 3;

/** Small and large take turns, so that a slow moment of the machine touches both. */
function warm(subject: Subject, runs: number, texts: readonly string[]): readonly Line[] {
  const lines: Line[] = [];
  for (let run = -WARM_UPS; run < runs; run++) {
    const times = texts.map((text) => {
      collectGarbage();
      const start = performance.now();
      held.result = subject(text);
      const took = performance.now() - start;
      held.result = undefined;
      return took;
    });
    if (run >= 0) lines.push(times);
  }
  return lines;
}

/** Memory that the result keeps beside the text, typed arrays included. */
function heap(subject: Subject, text: string): Line {
  const rules = text.match(/^(?:\[\d+:\d+\] )?-A /gm)?.length ?? 0;
  // The first parse fills caches and compiles code; that is not what a second snapshot would cost.
  held.result = subject(text);
  held.result = undefined;
  const before = memory();
  held.result = subject(text);
  const bytes = memory() - before;
  return [bytes, rules];
}

/** Holds the result from outside, so that no optimisation drops it before it is measured. */
const held: { result: unknown } = { result: undefined };

function memory(): number {
  for (let round = 0; round < 4; round++) collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  // `external` holds `arrayBuffers` already.
  return heapUsed + external;
}

function collectGarbage(): void {
  if (globalThis.gc === undefined) throw new Error('run this with node --expose-gc');
  globalThis.gc();
}

const text = (path: string | undefined): string => readFileSync(path ?? '', 'utf8');

const [mode, parsers, ...rest] = process.argv.slice(2);
const subject = await loadSubject(new URL(parsers ?? ''));
if (mode === 'cold') held.result = subject(text(rest[0]));
else if (mode === 'warm') print(warm(subject, Number(rest[0]), [text(rest[1]), text(rest[2])]));
else if (mode === 'heap') print([heap(subject, text(rest[0]))]);
else throw new Error(`unknown mode ${mode}`);

function print(lines: readonly Line[]): void {
  for (const line of lines) console.log(line.join(' '));
}
