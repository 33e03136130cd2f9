/** The files of docs/settings.md do what the page says. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { coldtrace, root, sample } from '../cli/run.js';

const page = readFileSync(`${root}docs/settings.md`, 'utf8');
const scratch = mkdtempSync(join(tmpdir(), 'coldtrace-settings-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** The page's only block of that kind that holds these words. */
function block(language: string, words: string): string {
  const [first = '', ...others] = [...page.matchAll(/```(\w+)\n([\s\S]*?)```/g)].flatMap(([, kind, text = '']) =>
    kind === language && text.includes(words) ? [text] : [],
  );
  expect([first === '', others]).toEqual([false, []]);
  return first;
}

/** Where the packages are installed their names lead to them; here they are built in place. */
const libraries = {
  '@coldtrace/rules/testing': 'rules/dist/testing/index.js',
  '@coldtrace/rules': 'rules/dist/index.js',
  '@coldtrace/parsers': 'parsers/dist/index.js',
};

function write(name: string, text: string): string {
  const path = join(scratch, name);
  const bound = Object.entries(libraries).reduce(
    (sum, [library, file]) => sum.replaceAll(`'${library}'`, `'${pathToFileURL(`${root}packages/${file}`).href}'`),
    text,
  );
  writeFileSync(path, bound);
  return path;
}

const bad = sample('01-ippool-overlaps-host-network/bad');

describe('the page about settings', () => {
  beforeAll(() => {
    write('package.json', '{"type":"module"}\n');
    write('my-rules.js', block('js', '// my-rules.js'));
  });

  it('shows a configuration that hides a finding', async () => {
    const config = write('accept.yaml', block('yaml', 'suppress:'));
    const { status, stdout } = await coldtrace(['analyze', bad, '--config', config]);
    expect(status).toBe(0);
    expect(stdout.split('\n')[0]).toContain('1 hidden');
    expect(stdout).toContain('the pool moves in June');
  });

  it('shows a rule that finds, and sends nobody to a document that it does not have', async () => {
    const own = join(scratch, 'my-rules.js');
    const ask = (input: string) =>
      coldtrace(['analyze', '-', '--rules', own, '--fail-on', 'warning'], { stdin: `$ sysctl -a\n${input}` });
    const found = await ask('net.netfilter.nf_conntrack_max = 4096\n');
    expect(found.status).toBe(1);
    expect(found.stdout).toContain('keeps 4096 connections at most');
    expect(found.stdout).not.toContain('coldtrace explain');
    expect((await ask('net.netfilter.nf_conntrack_max = 262144\n')).status).toBe(0);
  });

  it('shows a test that holds', async () => {
    const check = write('my-rules.check.js', block('js', '// my-rules.check.js'));
    await expect(import(pathToFileURL(check).href)).resolves.toBeDefined();
  });
});
