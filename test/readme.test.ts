/** The README's claims: its screen is what the command prints, its ten commands are the table's, its examples run. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dumps } from '@coldtrace/core';
import { describe, expect, it } from 'vitest';
import { builtColdtrace, root } from './cli/run.js';

function blocks(language: string, file = 'README.md'): readonly string[] {
  const fences = [...readFileSync(root + file, 'utf8').matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)];
  return fences.filter(([, written]) => written === language).map(([, , body = '']) => body);
}

function runExample(code: string): { readonly printed: string; readonly expected: string } {
  const folder = mkdtempSync(join(root, 'packages/cli/dist/readme-'));
  try {
    const file = join(folder, 'example.mjs');
    // The examples carry no type syntax, so they run as they stand.
    writeFileSync(file, code);
    const printed = execFileSync(process.execPath, [file], { cwd: root, encoding: 'utf8' }).trim();
    const [, expected = ''] = /\/\/ (.*)$/m.exec(code) ?? [];
    return { printed: printed.replaceAll(/\s+/g, ' ').replaceAll('[ ', '[').replaceAll(' ]', ']'), expected };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('the README', () => {
  it('shows a real screen', () => {
    const [screen = ''] = blocks('console');
    const [command = '', ...lines] = screen.trimEnd().split('\n');
    const ran = builtColdtrace(
      [...command.replace('$ coldtrace ', '').split(' ')].map((arg) => (arg.startsWith('samples/') ? root + arg : arg)),
    );
    expect(lines.at(-1)).toBe('  …');
    // A new rule changes how many there are, and nothing else on it.
    const uncounted = (text: string) => text.replace(/\d+ of \d+ rules evaluated, \d+ not/, 'rules evaluated');
    expect(uncounted(ran.stdout).startsWith(uncounted(`${lines.slice(0, -1).join('\n')}\n`))).toBe(true);
  });

  it('lists the ten essential commands of the table', () => {
    const essential = Object.values(dumps)
      .filter((dump) => dump.essential)
      .map((dump) => dump.command);
    expect(essential.length).toBe(10);
    expect(blocks('').map((block) => block.trimEnd().split('\n'))).toContainEqual(essential);
  });

  it.each(blocks('ts').map((code, index) => [index + 1, code] as const))(
    'example %i prints what its comment says',
    (_, code) => {
      const { printed, expected } = runExample(code);
      expect(printed).toBe(expected);
    },
  );
});

describe.each(['bundle', 'cli', 'core', 'parsers', 'rules'])('the README of packages/%s', (name) => {
  it('has an example that prints what its comment says', () => {
    const examples = blocks('ts', `packages/${name}/README.md`);
    expect(examples).toHaveLength(1);
    for (const { printed, expected } of examples.map(runExample)) expect(printed).toBe(expected);
  });
});
