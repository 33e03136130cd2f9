/** The packages as npm users get them: packed, then judged by publint and are-the-types-wrong; and the single file. Needs `pnpm build` before. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'coldtrace-pack-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const packages = ['core', 'parsers', 'rules', 'bundle', 'cli'] as const;

const tarballs = new Map<string, string>();

function tarballOf(name: string): string {
  const tarball = tarballs.get(name) ?? pack(name);
  tarballs.set(name, tarball);
  return tarball;
}

/** As whoever publishes does it: pnpm puts versions in the place of `workspace:*`, and runs `prepack`. */
function pack(name: string): string {
  const out = execFileSync('npx', ['-y', 'pnpm@10', 'pack', '--json', '--pack-destination', scratch], {
    cwd: join(root, 'packages', name),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const { filename }: { readonly filename: string } = JSON.parse(out.slice(out.indexOf('{')));
  return join(scratch, basename(filename));
}

describe.each(packages)('packages/%s as it is published', (name) => {
  it('has entry points that exist and types that fit', async () => {
    const tarball = tarballOf(name);
    const data = new Uint8Array(readFileSync(tarball));
    const { messages, pkg } = await publint({ pack: { tarball: data.buffer }, level: 'warning' });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
    const types = await checkPackage(createPackageFromTarballData(data));
    // Node's old resolution and require() are not served: the packages are ESM for Node 20.19 and later.
    const problems =
      types.types === false
        ? ['no types']
        : types.problems.filter(({ kind }) => kind !== 'NoResolution' && kind !== 'CJSResolvesToESM');
    expect(problems).toEqual([]);
  });

  it('carries its README and the license, no tests and no fixtures', () => {
    const listed = execFileSync('tar', ['-tzf', tarballOf(name)], { encoding: 'utf8' }).split('\n');
    expect(listed).toEqual(expect.arrayContaining(['package/README.md', 'package/LICENSE']));
    expect(listed.filter((path) => /\.test\.|\/fixtures\//.test(path))).toEqual([]);
  });
});

describe('coldtrace.mjs', () => {
  it('does alone what the command does, and is what the published command runs', () => {
    execFileSync('tar', ['-xzf', tarballOf('cli')], { cwd: scratch });
    const { bin }: { readonly bin: { readonly coldtrace: string } } = JSON.parse(
      readFileSync(join(scratch, 'package/package.json'), 'utf8'),
    );
    // Alone: without the modules beside it, and those that they need.
    const file = join(scratch, 'coldtrace.mjs');
    renameSync(join(scratch, 'package', bin.coldtrace), file);
    expect(readFileSync(file, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n[\s\S]*\/\*\nyaml\n/);
    const run = (...args: readonly string[]) =>
      execFileSync(process.execPath, [file, ...args], { encoding: 'utf8', cwd: scratch });
    expect(run('--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
    const sample = join(root, 'samples/01-ippool-overlaps-host-network/bad');
    expect(JSON.parse(run('analyze', sample, '--json', '--fail-on', 'none'))).toMatchObject({
      findings: [{ rule: 'ippool-overlaps-host-network' }],
    });
    expect(run('explain', 'ippool-overlaps-host-network')).toContain('## What it finds');
  });
});
