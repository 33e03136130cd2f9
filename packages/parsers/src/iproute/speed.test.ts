/** A node with 20,000 routes is read in the time a person does not notice, and twice as many take about twice as long. */
import { expect, test } from 'vitest';
import { cpuNow, sectionOf } from '../testing.js';
import { parseRoutes } from './route/parse.js';

function dump(count: number): string {
  const lines = Array.from({ length: count }, (_, at) =>
    at % 3 === 0
      ? `10.${at >> 16}.${(at >> 8) & 255}.${at & 255} dev cali${at.toString(16).padStart(11, '0')} scope link `
      : `10.${at >> 16}.${(at >> 8) & 255}.${at & 255} via 192.168.${at & 127}.1 dev eth0 proto bird metric ${at} `,
  );
  return `${lines.join('\n')}\n`;
}

/** Median of several warm runs, in milliseconds. */
function time(text: string): number {
  const section = sectionOf(text, { command: 'ip route' });
  const runs = Array.from({ length: 9 }, () => {
    const begin = cpuNow();
    parseRoutes(section);
    return cpuNow() - begin;
  });
  return runs.sort((x, y) => x - y)[4] ?? 0;
}

test('20,000 routes are read in a moment, 40,000 in about two', () => {
  const small = dump(20_000);
  const large = dump(40_000);
  time(small);
  const once = time(small);
  const twice = time(large);
  console.log(`20,000 routes: ${once.toFixed(0)} ms; 40,000: ${twice.toFixed(0)} ms`);
  // Generous: other work shares the machine.
  expect(once).toBeLessThan(2000);
  expect(twice / once).toBeLessThan(5);
});
