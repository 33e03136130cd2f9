/** Every outage against the six points and its decisive line; the table that `pnpm test:scenarios` prints. */
import { afterAll, describe, expect, it } from 'vitest';
import { outages } from './outages.js';
import { points } from './points.js';
import { sampleCase } from './sample-case.js';

const names = Object.keys(points);
const results = new Map<string, string>();
const keyOf = (number: number, rule: string, point: string) => `${number} ${rule} ${point}`;

afterAll(() => {
  const width = Math.max(...outages.map(({ rule }) => rule.length));
  const head = `${'case'.padEnd(5)}${'rule'.padEnd(width + 2)}${names.join('  ')}`;
  const rows = outages.map(({ number, rule }) => {
    const cells = names.map((name) => (results.get(keyOf(number, rule, name)) ?? '-').padEnd(name.length));
    return `${String(number).padEnd(5)}${rule.padEnd(width + 2)}${cells.join('  ')}`;
  });
  console.log(`\n${[head, ...rows].join('\n')}\n`);
});

describe.each(outages)('case $number, $rule', (outage) => {
  const sample = sampleCase(outage.sample);

  it.each(names)('%s', { timeout: 60_000 }, async (name) => {
    const key = keyOf(outage.number, outage.rule, name);
    results.set(key, 'no');
    expect(await points[name]?.(outage, sample)).toEqual([]);
    results.set(key, 'yes');
  });
});
