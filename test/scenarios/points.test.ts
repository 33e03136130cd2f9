/** Every outage against the six points and its decisive line; the table that `pnpm test:scenarios` prints. */
import { afterAll, describe, expect, it } from 'vitest';
import { outages } from './outages.js';
import { type Outage, points } from './points.js';
import { sampleCase } from './sample-case.js';

const names = Object.keys(points);
const results = new Map<string, string>();
const titleOf = ({ rule, bad }: Outage) => (bad === undefined || bad === 'bad' ? rule : `${rule} (${bad})`);
const keyOf = (outage: Outage, point: string) => `${outage.number} ${titleOf(outage)} ${point}`;

afterAll(() => {
  const width = Math.max(...outages.map((outage) => titleOf(outage).length));
  const head = `${'case'.padEnd(5)}${'rule'.padEnd(width + 2)}${names.join('  ')}`;
  const rows = outages.map((outage) => {
    const cells = names.map((name) => (results.get(keyOf(outage, name)) ?? '-').padEnd(name.length));
    return `${String(outage.number).padEnd(5)}${titleOf(outage).padEnd(width + 2)}${cells.join('  ')}`;
  });
  console.log(`\n${[head, ...rows].join('\n')}\n`);
});

describe.each(outages)('case $number, $rule', (outage) => {
  const sample = sampleCase(outage.sample);

  it.each(names)('%s', async (name) => {
    const key = keyOf(outage, name);
    results.set(key, 'no');
    expect(await points[name]?.(outage, sample)).toEqual([]);
    results.set(key, 'yes');
  });
});
