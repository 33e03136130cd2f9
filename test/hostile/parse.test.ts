/** Text that no tool prints: parsing neither throws nor loses a line, and its time grows as the text does. */
import { parseSnapshot } from '@coldtrace/parsers';
import { describe, expect, it } from 'vitest';
import { FILLERS, HOSTILE, type Hostile, longLines, OPENERS } from '../bench/hostile.js';

/** A quadratic parser takes 16 times as long. */
const mostGrowth = 12;
/** Below this the collector of garbage decides; a quadratic parser takes seconds at these sizes. */
const leastMeasured = 150;
const repeats = 3;

/** Milliseconds of CPU: a machine that does other work too must not fail the test. */
function milliseconds(text: string): number {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < repeats; run++) {
    const begin = process.cpuUsage();
    parseSnapshot({ 'hostile.txt': text });
    const { user, system } = process.cpuUsage(begin);
    best = Math.min(best, (user + system) / 1000);
    if (best < leastMeasured / 4) break;
  }
  return best;
}

/** What a busy machine adds only makes a measurement longer: the best of a few pairs counts. */
function expectLinear(name: string, make: (size: number) => string, size: number): void {
  const [short, long] = [make(size), make(size * 4)];
  let growth = Number.POSITIVE_INFINITY;
  for (let run = 0; run < repeats && growth > mostGrowth; run++) {
    const [before, after] = [milliseconds(short), milliseconds(long)];
    growth = Math.min(growth, after < leastMeasured ? 1 : after / before);
  }
  expect(growth, `${name}: how many times longer four times the text takes`).toBeLessThanOrEqual(mostGrowth);
}

function expectComplete(text: string): void {
  for (const { lineCount, counts, unreadable } of parseSnapshot({ 'hostile.txt': text }).read) {
    const sum = counts.modelled + counts.inert + counts.opaque + counts.conditional + counts.unrecognized;
    expect(unreadable ?? sum).toBe(unreadable ?? lineCount);
  }
}

/** Sizes for every day; `HOSTILE_FULL=1` takes the full ones. */
const full = process.env['HOSTILE_FULL'] === '1';
/** A quarter of what is read today. */
function quarter({ full: most }: Hostile): number {
  return Math.max(Math.floor(most / (full ? 4 : 100)), 10);
}

/** Its text doubles with each level, so its size says nothing of its length. */
const nested = 'nested quotes';

describe.each(HOSTILE)('$name', (hostile) => {
  it('is read completely', () => {
    expectComplete(hostile.text(hostile.name === nested ? hostile.full : quarter(hostile) * 4));
  });
});

describe.each(HOSTILE.filter(({ name }) => name !== nested))('$name', (hostile) => {
  it('takes time in proportion', () => {
    expectLinear(hostile.name, hostile.text, quarter(hostile));
  });
});

describe('lines of one kind of character after the beginning of a format', () => {
  const size = full ? 1024 * 1024 : 65_536;
  it.each(OPENERS.map((opener) => JSON.stringify(opener)))('%s', (opener) => {
    const texts = [...longLines(size)].filter(({ name }) => name.endsWith(` after ${opener}`));
    expect(texts).toHaveLength(FILLERS.length);
    for (const { name, text } of texts) {
      expectComplete(text(size));
      expectLinear(name, text, size / 4);
    }
  });
});
