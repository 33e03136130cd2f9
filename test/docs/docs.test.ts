/** The generated documents say what the sources say; `pnpm run docs` writes them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { dumps, matchDefs, targetDefs } from '@coldtrace/core';
import { codeFamilies, formats } from '@coldtrace/parsers';
import { describe, expect, it } from 'vitest';
import { capturePage } from './capture.js';
import { diagnosticsPage } from './diagnostics.js';
import { formatsPage } from './formats.js';
import { rulesPage } from './rules.js';
import { supportPage } from './support.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const pages = {
  capture: capturePage,
  diagnostics: diagnosticsPage,
  formats: formatsPage,
  rules: rulesPage,
  support: supportPage,
};

describe.each(Object.entries(pages))('docs/%s.md', (name, make) => {
  it('is up to date', async () => {
    await expect(make()).toMatchFileSnapshot(`${root}docs/${name}.md`);
  });
});

describe('nothing is missing', () => {
  it('every family of codes is in the index, sorted', () => {
    const declared = sources(`${root}packages`).flatMap((path) =>
      [...readFileSync(path, 'utf8').matchAll(/\bdefineCodes\('([\w-]+)'/g)].map((match) => match[1] ?? ''),
    );
    expect(codeFamilies.map(({ family }) => family)).toEqual(declared.sort());
  });

  it('every code, format, dump, match and target is in its document', () => {
    const [diagnostics, formatsText, capture, support] = [
      diagnosticsPage(),
      formatsPage(),
      capturePage(),
      supportPage(),
    ];
    for (const { family, table } of codeFamilies)
      for (const name of Object.keys(table)) expect(diagnostics).toContain(`\`${family}/${name}\``);
    for (const { id } of formats) expect(formatsText).toContain(`\`${id}\``);
    for (const { command } of Object.values(dumps)) expect(capture).toContain(`\`${command}\``);
    for (const { name } of [...matchDefs, ...targetDefs]) expect(support).toContain(`### ${name}`);
  });
});

describe('docs/kernel-facts.md', () => {
  const facts = readFileSync(`${root}docs/kernel-facts.md`, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, number, text] = /^(\d+)\. (.*)$/.exec(line) ?? [];
      return number === undefined || text === undefined ? [] : [{ number: Number(number), text }];
    });

  it('is numbered from 1 on', () => {
    expect(facts.length).toBeGreaterThan(40);
    expect(facts.map(({ number }) => number)).toEqual(facts.map((_, at) => at + 1));
  });

  it('says each thing once', () => {
    expect(facts.filter(({ text }, at) => facts.findIndex((other) => other.text === text) < at)).toEqual([]);
  });

  it.each(facts)('$number names a file that is there', ({ text }) => {
    const files = [...(text.split(' — ').at(-1) ?? '').matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => !existsSync(root + file))).toEqual([]);
  });
});

/** A document that is not there yet has nothing to hold to the table. */
describe.skipIf(!existsSync(`${root}README.md`))('README.md', () => {
  it('lists exactly the ten essential commands of the table', () => {
    const essential = Object.values(dumps).filter((entry) => entry.essential);
    expect(essential).toHaveLength(10);
    const readme = readFileSync(`${root}README.md`, 'utf8');
    const blocks = [...readme.matchAll(/^```\w*\n([\s\S]*?)^```$/gm)].map(
      (match) => match[1]?.trim().split('\n') ?? [],
    );
    const commands = essential.map(({ command }) => command).sort();
    const listed = blocks.map((lines) =>
      lines
        .map((line) =>
          line
            .replace(/^(?:sudo |[#$] )?/, '')
            .replace(/ *(?:>|#).*$/, '')
            .trim(),
        )
        .sort(),
    );
    expect(listed).toContainEqual(commands);
  });
});

function sources(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return ['node_modules', 'dist', 'fixtures'].includes(entry.name) ? [] : sources(path);
    return /\.ts$/.test(entry.name) && !entry.name.endsWith('.test.ts') ? [path] : [];
  });
}
