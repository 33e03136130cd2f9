/** The house plan, held by a test: who may import whom, and what core, parsers and rules may not touch. ARCHITECTURE.md says why. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../packages', import.meta.url));

interface Import {
  readonly file: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

function sources(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return ['fixtures', 'cases', 'node_modules', 'dist'].includes(entry.name) ? [] : sources(path);
    return entry.name.endsWith('.ts') ? [path] : [];
  });
}

function importsOf(file: string): readonly Import[] {
  const text = readFileSync(file, 'utf8');
  const found = text.matchAll(
    /^(?:import|export)\s(type\s)?(?:[^'"]*?\sfrom\s)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm,
  );
  return [...found].map((match) => ({ file, typeOnly: match[1] !== undefined, target: match[2] ?? match[3] ?? '' }));
}

const isTest = (file: string) => /\.test\.ts$|\/cases(?:\.world)?\.ts$|\/testing\.ts$|\/testing\//.test(file);
const packages = ['core', 'parsers', 'rules', 'bundle', 'cli'] as const;
const all = packages.map((name) => ({ name, files: sources(join(root, name, 'src')) }));

/** Packages each may import. */
const allowed: Readonly<Record<(typeof packages)[number], readonly string[]>> = {
  core: [],
  parsers: ['@coldtrace/core'],
  rules: ['@coldtrace/core'],
  bundle: ['@coldtrace/core', '@coldtrace/parsers'],
  cli: ['@coldtrace/core', '@coldtrace/parsers', '@coldtrace/rules', '@coldtrace/bundle'],
};

/** Inside core, lower rows may import higher rows only. */
const coreLayers: readonly (readonly string[])[] = [
  ['inet', 'source', 'capture', 'ledger', 'tri'],
  ['diagnostic', 'verdict'],
  ['snapshot'],
  ['packet', 'ipset', 'netfilter', 'conntrack', 'route', 'path'],
];

describe('the direction of imports', () => {
  it.each(all)('$name imports only packages below it', ({ name, files }) => {
    const wrong = files
      .filter((file) => !isTest(file))
      .flatMap(importsOf)
      .filter(({ target }) => target.startsWith('@coldtrace/') && !allowed[name].includes(target));
    expect(wrong.map(({ file, target }) => `${relative(root, file)} imports ${target}`)).toEqual([]);
  });

  it('inside core, values and the snapshot know nothing of the simulator', () => {
    const rank = (folder: string) => coreLayers.findIndex((layer) => layer.includes(folder));
    const core = join(root, 'core/src');
    const wrong = sources(core)
      .filter((file) => !isTest(file))
      .flatMap(importsOf)
      .filter(({ target, typeOnly }) => target.startsWith('.') && !typeOnly)
      .map(({ file, target }) => ({
        file,
        from: folderOf(core, file),
        to: folderOf(core, resolve(dirname(file), target)),
      }))
      .filter(({ from, to }) => from !== 'index.js' && rank(from) >= 0 && rank(to) > rank(from));
    expect(wrong.map(({ file, to }) => `${relative(root, file)} imports ${to}`)).toEqual([]);
  });

  it.each(all.filter(({ name }) => ['core', 'parsers', 'rules'].includes(name)))(
    '$name runs anywhere: no node:*, no clock, no chance',
    ({ files }) => {
      const wrong = files
        .filter((file) => !isTest(file))
        .flatMap((file) => {
          const text = readFileSync(file, 'utf8');
          const node = importsOf(file)
            .filter(({ target }) => target.startsWith('node:'))
            .map(({ target }) => target);
          const impure = [
            ...text.matchAll(/\bMath\.random\b|\bDate\.now\b|\bnew Date\(\)|\bprocess\.|\bBuffer\b/g),
          ].map((match) => match[0]);
          return [...node, ...impure].map((what) => `${relative(root, file)} uses ${what}`);
        });
      expect(wrong).toEqual([]);
    },
  );

  it('ip-num stays behind its adapter', () => {
    const users = all
      .flatMap(({ files }) => files)
      .filter((file) => !isTest(file))
      .flatMap(importsOf)
      .filter(({ target }) => target.startsWith('ip-num'));
    expect(users.map(({ file }) => relative(root, file))).toEqual(['core/src/inet/ip-num.ts']);
  });
});

describe('tests', () => {
  it('leave the modules and the process, which they share, as they are', () => {
    const tests = [root, fileURLToPath(new URL('.', import.meta.url))].flatMap(sources);
    const wrong = tests
      .filter((file) => file.endsWith('.test.ts'))
      .flatMap((file) => {
        const changes = readFileSync(file, 'utf8').matchAll(
          /\bvi\.\w+|\bprocess\.(?:chdir|umask)\(|\bprocess\.env\S* = |\bdelete process\b/g,
        );
        return [...changes].map(([what]) => `${relative(root, file)}: ${what}`);
      });
    expect(wrong).toEqual([]);
  });
});

/** First folder below core/src; files of core/src itself by their name. */
function folderOf(core: string, path: string): string {
  const [first = ''] = relative(core, path).split('/');
  return first.replace(/\.(js|ts)$/, '');
}
