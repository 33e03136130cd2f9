/** docs/verdicts.md: its screens are what the command prints, and no word of a verdict is missing. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { coldtrace, root } from '../cli/run.js';

const text = readFileSync(`${root}docs/verdicts.md`, 'utf8');
const screens = [...text.matchAll(/^```console\n\$ coldtrace (.*)\n([\s\S]*?)^```$/gm)].map(
  ([, command = '', screen = '']) => [command, screen] as const,
);

describe('docs/verdicts.md', () => {
  it.each(screens)('shows what coldtrace %s prints', async (command, screen) => {
    const { stdout } = await coldtrace(command.split(' ').map((word) => word.replace(/^samples\//, `${root}samples/`)));
    const [start = '', rest] = screen.split('  …\n');
    if (rest === undefined) expect(stdout).toBe(screen);
    else expect(stdout.startsWith(start)).toBe(true);
  });

  it('shows every verdict', () => {
    const shown = screens.map(([, screen]) => screen.split('  ')[1]?.split(/[\s:]/)[0]);
    expect([...new Set(shown)].sort()).toEqual(['depends', 'fails', 'unknown', 'works']);
  });

  it('explains every way in which a packet can end', () => {
    const source = readFileSync(`${root}packages/core/src/verdict/disposition.ts`, 'utf8');
    const words = [...source.matchAll(/^ {2}\| '([\w-]+)'/gm)].map((match) => match[1] ?? '');
    expect(words.length).toBeGreaterThan(10);
    for (const word of words) expect(text).toContain(`| \`${word}\` |`);
  });
});
