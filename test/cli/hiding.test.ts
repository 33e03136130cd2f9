/** Findings that somebody accepted: by `.coldtrace.yaml`, by a baseline; and rules of the user's own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { coldtrace, json, root, sample } from './run.js';

const scratch = mkdtempSync(join(tmpdir(), 'coldtrace-hiding-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const bad = sample('01-ippool-overlaps-host-network/bad');
const rule = 'ippool-overlaps-host-network';

function write(name: string, text: string): string {
  const path = join(scratch, name);
  writeFileSync(path, text);
  return path;
}

const analyze = (...options: readonly string[]) => coldtrace(['analyze', bad, ...options]);

describe('a configuration', () => {
  it('hides what it accepts, counts it, and says why', async () => {
    const config = write(
      'accept.yaml',
      `suppress:\n  - rule: ${rule}\n    subject: "192.168.0.0/16 *"\n    reason: moves in June\n`,
    );
    const ran = await analyze('--config', config);
    expect(ran.status).toBe(0);
    expect(ran.stdout.split('\n')[0]).toMatch(/^no findings; [1-9]\d* of/);
    expect(ran.stdout.split('\n')[0]).toContain('1 hidden');
    expect(ran.stdout.replace(/\s+/g, ' ')).toContain('moves in June');
    expect(json(await analyze('--config', config, '--json'))).toMatchObject({
      findings: [],
      hidden: 1,
      suppressed: [{ rule, reason: 'moves in June' }],
      suppressions: { expired: [], unused: [] },
    });
  });

  it('reports entries that ran out or hide nothing, and shows the finding again', async () => {
    const config = write(
      'old.yaml',
      `suppress:\n  - {rule: ${rule}, reason: for a week, expires: 2020-01-31}\n  - {rule: ${rule}, node: no-such-node, reason: gone}\n`,
    );
    const ran = await analyze('--config', config);
    expect(ran.status).toBe(1);
    const text = ran.stdout.replace(/\s+/g, '');
    expect(text).toContain('hasrunout');
    expect(text).toContain('hidesnothing');
    expect(text).not.toContain('nosuchrule');
  });

  it('says of an entry that hides nothing when no rule has that name', async () => {
    const config = write('typo.yaml', `suppress:\n  - {rule: ${rule}s, reason: misspelt}\n`);
    const { stdout } = await analyze('--config', config);
    expect(stdout.replace(/\s+/g, ' ')).toContain('hides nothing: there is no such rule');
  });

  it('takes a star for nodes', async () => {
    const config = write('star.yaml', `suppress:\n  - {rule: ${rule}, node: "node-*", reason: known}\n`);
    expect((await analyze('--config', config)).stdout.split('\n')[0]).toContain('1 hidden');
  });

  it.each([
    ['a key it does not know', 'suppress:\n  - rule: x\n    reson: y\n', ':3:5: unknown key "reson"'],
    ['an entry without a reason', 'suppress:\n  - rule: x\n', ':2:5: "reason" is missing'],
    ['an entry with an empty reason', 'suppress:\n  - {rule: x, reason: " "}\n', ':2:5: "reason" is missing'],
    ['a date that is none', 'suppress:\n  - {rule: x, reason: y, expires: 2026-02-30}\n', '"expires" takes a date'],
    ['text that is no list', 'suppress: yes\n', ':1:11: "suppress" takes a list'],
    ['broken YAML', 'suppress: [\n', ':2:1: '],
  ])('with %s is wrong usage, told by line and column', async (_what, text, said) => {
    const ran = await analyze('--config', write('wrong.yaml', text));
    expect(ran.status).toBe(2);
    expect(ran.stderr).toContain(said);
    expect(ran.stderr.trim().split('\n')).toHaveLength(1);
  });
});

describe('a baseline', () => {
  it('hides what an earlier run found', async () => {
    const baseline = write('baseline.json', (await analyze('--json')).stdout);
    const ran = await analyze('--baseline', baseline);
    expect(ran.status).toBe(0);
    expect(ran.stdout).toContain('1 in the baseline');
  });

  it.each([
    ['that is no JSON', 'findings'],
    ['that is something else', '{"a":1}'],
  ])('%s is wrong usage', async (_what, text) => {
    const ran = await analyze('--baseline', write('wrong.json', text));
    expect([ran.status, ran.stderr.split('\n').length]).toEqual([2, 2]);
  });
});

describe('rules of the user', () => {
  const library = pathToFileURL(`${root}packages/rules/dist/index.js`).href;
  const source = (check: string) => `import { defineRule } from '${library}';
export default defineRule({
  id: 'node-is-named-badly', severity: 'warning', summary: 'A node has a bad name.', needs: ['hostname'],
  messages: { bad: 'node {name} has a bad name' },
  check: ${check},
});
`;

  it('run beside the built-in ones', async () => {
    const own = write(
      'own.mjs',
      source(
        "({ snapshot, report }) => { for (const { name } of snapshot.nodes) report('bad', { certainty: 'proven', node: name, subject: name, data: { name }, evidence: [] }); }",
      ),
    );
    const ran = json(await analyze('--rules', own, '--json'));
    expect(JSON.stringify(ran['findings'])).toContain('node node-1 has a bad name');
  });

  it('that fail do not take the others with them', async () => {
    const failing = write('failing.mjs', source("() => { throw new Error('no luck'); }"));
    const ran = json(await analyze('--rules', failing, '--json'));
    expect(ran['notEvaluated']).toContainEqual(
      expect.objectContaining({ rule: 'node-is-named-badly', because: 'the rule failed: no luck' }),
    );
    expect(JSON.stringify(ran['findings'])).toContain(rule);
  });

  it.each([
    ['certainty', "certainty: 'sure'", '"sure" is none of proven, likely, possible'],
    ['severity', "certainty: 'likely', severity: 'critical'", '"critical" is none of error, warning, info'],
  ])('that report with a %s that does not exist have failed', async (kind, words, why) => {
    const check = `({ report }) => { report('bad', { ${words}, node: null, subject: 's', data: { name: 'n' }, evidence: [] }); }`;
    const ran = json(await analyze('--rules', write(`${kind}.mjs`, source(check)), '--json'));
    expect(ran['notEvaluated']).toContainEqual(
      expect.objectContaining({ rule: 'node-is-named-badly', because: `the rule failed: ${why}` }),
    );
    expect(JSON.stringify(ran['findings'])).not.toContain('bad name');
  });

  it('that cannot be loaded are wrong usage', async () => {
    for (const path of [
      join(scratch, 'absent.mjs'),
      write('empty.mjs', 'export const a = 1;\n'),
      write('syntax.mjs', 'export {\n'),
    ]) {
      const ran = await analyze('--rules', path);
      expect([ran.status, ran.stderr.includes('--rules')]).toEqual([2, true]);
    }
  });
});

describe('the clock', () => {
  it('is an input', async () => {
    const config = write('until.yaml', `suppress:\n  - {rule: ${rule}, reason: r, expires: 2030-01-31}\n`);
    expect((await analyze('--config', config, '--now', '2030-01-31')).status).toBe(0);
    expect((await analyze('--config', config, '--now', '2030-02-01')).status).toBe(1);
    expect((await analyze('--now', 'tomorrow')).status).toBe(2);
  });
});
