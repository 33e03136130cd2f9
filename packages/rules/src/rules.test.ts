/** What every rule owes: a folder named by its id, a document with the fixed headings, cases, a place in the index, no idle message. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { rules } from './rules.js';
import { type BuiltinCases, expectedFile } from './testing/builtin-cases.js';
import { findingsOf, silenceOf, silenceWanted } from './testing/check-rule.js';

const source = fileURLToPath(new URL('.', import.meta.url));
const headings = ['What it finds', 'Why it happens', 'Evidence shown', 'How to fix', 'When it is silent', 'References'];

async function casesOf(folder: string): Promise<BuiltinCases> {
  const { cases }: { readonly cases: BuiltinCases } = await import(join(folder, 'cases.ts'));
  return cases;
}

describe('the catalogue', () => {
  it('is sorted, without doubles, and holds every rule folder', () => {
    const ids = rules.map((rule) => rule.id);
    expect(ids).toEqual([...new Set(ids)].sort());
    const folders = readdirSync(source, { withFileTypes: true }).filter(
      (entry) => entry.isDirectory() && existsSync(join(source, entry.name, 'rule.ts')),
    );
    expect(folders.map((entry) => entry.name).sort()).toEqual(ids);
  });
});

describe.each(rules)('$id', (rule) => {
  const folder = join(source, rule.id);

  it('has a document with the fixed headings in order', () => {
    const text = readFileSync(join(folder, 'rule.md'), 'utf8');
    expect(text.startsWith(`# ${rule.id}\n`)).toBe(true);
    expect([...text.matchAll(/^## (.*)$/gm)].map((match) => match[1])).toEqual(headings);
  });

  it('finds what its bad cases show, word for word', async () => {
    const { bad } = await casesOf(folder);
    expect(bad.length).toBeGreaterThan(0);
    for (const one of bad) {
      const report = findingsOf(rule, one);
      expect(report, one.name).not.toBe('');
      await expect(`${report}\n`).toMatchFileSnapshot(join(folder, 'expected', expectedFile(one.name)));
    }
    const expected = join(folder, 'expected');
    const idle = existsSync(expected) ? readdirSync(expected) : [];
    expect(idle.filter((name) => !bad.some((one) => expectedFile(one.name) === name))).toEqual([]);
  });

  it('is silent in its good cases', async () => {
    const { good } = await casesOf(folder);
    expect(good.length).toBeGreaterThan(0);
    for (const one of good) expect(silenceOf(rule, one), one.name).toBe(silenceWanted(one));
  });

  it('uses every message', () => {
    const code = readdirSync(folder)
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('\n');
    for (const id of Object.keys(rule.messages)) expect(code.match(new RegExp(`'${id}'`, 'g')), id).not.toBe(null);
  });
});
