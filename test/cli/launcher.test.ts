/** `bin/coldtrace`, in a clone made of links to this one: it builds its start-up snapshot, answers by it what the modules answer, and does without it. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const clone = mkdtempSync(join(tmpdir(), 'coldtrace-clone-'));
const start = join(clone, 'packages/cli/dist/start');
const sample = 'samples/03-cert-san-lacks-address';
afterAll(() => rmSync(clone, { recursive: true, force: true }));

beforeAll(() => {
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b', join(root, 'packages/cli')]);
  for (const folder of ['bin', 'packages/cli']) mkdirSync(join(clone, folder), { recursive: true });
  for (const path of ['bin/coldtrace', 'pnpm-lock.yaml']) cpSync(join(root, path), join(clone, path));
  for (const path of ['node_modules', 'samples', 'tsconfig.base.json', ...packages()]) link(path);
  for (const path of ['package.json', 'tsconfig.json', 'src', 'dist', 'scripts'])
    cpSync(
      join(root, path === 'scripts' ? path : join('packages/cli', path)),
      join(clone, path === 'scripts' ? path : join('packages/cli', path)),
      {
        recursive: true,
        preserveTimestamps: true,
        filter: (source) => !source.endsWith('dist/start'),
      },
    );
  link('packages/cli/node_modules');
}, 300_000);

const packages = () => ['core', 'parsers', 'rules', 'bundle'].map((name) => `packages/${name}`);
const link = (path: string) => symlinkSync(join(root, path), join(clone, path));

function coldtrace(
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Record<string, string> } = {},
) {
  const env = { ...process.env, NODE_OPTIONS: '', ...options.env };
  const { status, stdout, stderr } = spawnSync(join(clone, 'bin/coldtrace'), args, {
    cwd: options.cwd ?? clone,
    env,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

function modules(args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(clone, 'packages/cli/dist/main.js'), ...args], {
    cwd: clone,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

const stampLines = () => readFileSync(join(start, 'stamp'), 'utf8').split('\n');

describe('bin/coldtrace', () => {
  it('makes a snapshot once, and answers by it what the modules answer', () => {
    const args = ['analyze', `${sample}/bad`, '--json'];
    expect(coldtrace(args)).toEqual(modules(args));
    const [, , , blob] = stampLines();
    expect(readdirSync(start).sort()).toEqual([blob, 'stamp'].sort());
    expect(coldtrace(['--version'])).toEqual(modules(['--version']));
    expect(stampLines()[3]).toBe(blob);
  });

  it.each([
    [['explain', 'ippool-overlaps-host-network']],
    [['inspect', `${sample}/bad`]],
    [['trace', `${sample}/bad`, '--from', 'node:none', '--to', '10.0.0.1:443']],
    [['analyze', 'nowhere']],
    [['collect']],
  ])('%j', (args) => {
    expect(coldtrace(args)).toEqual(modules(args));
  });

  it('reads relative paths from where it is called', () => {
    const there = coldtrace(['analyze', 'bad', '--json'], { cwd: join(clone, sample) });
    expect(there).toEqual(coldtrace(['analyze', `${sample}/bad`, '--json']));
  });

  it('runs the modules for rules of the user, and where Node has options of its own', () => {
    const rule = join(clone, 'own.mjs');
    writeFileSync(
      rule,
      "export default { id: 'own', role: 'cause', run: () => ({ reported: [], notEvaluated: [] }) };\n",
    );
    const { stdout } = coldtrace(['analyze', `${sample}/bad`, '--json', '--rules', rule]);
    expect(JSON.parse(stdout)).toMatchObject({ coldtrace: 1 });
    const limited = coldtrace(['--version'], { env: { NODE_OPTIONS: '--max-old-space-size=512' } });
    expect(limited).toEqual(coldtrace(['--version']));
  });

  it('makes another for another binary and for newer sources, and runs the modules when it cannot', () => {
    const [boot, binary, options, blob] = stampLines();
    const forge = (lines: readonly (string | undefined)[]) =>
      writeFileSync(join(start, 'stamp'), `${lines.join('\n')}\n`);
    forge([boot, `0 ${binary}`, options, blob]);
    expect(coldtrace(['--version']).status).toBe(0);
    expect(stampLines().slice(0, 3)).toEqual([boot, binary, options]);
    const second = stampLines()[3];
    expect(second).not.toBe(blob);

    const soon = new Date(Date.now() + 1000);
    utimesSync(join(clone, 'packages/cli/src/program.ts'), soon, soon);
    rmSync(start, { recursive: true });
    writeFileSync(start, 'no folder');
    expect(coldtrace(['--version'])).toEqual(modules(['--version']));
  });

  describe('where what is installed is not what pnpm-lock.yaml names', () => {
    const tools = join(clone, 'tools');
    const asked = join(clone, 'asked');
    const withNpx = (body: string) => {
      mkdirSync(tools, { recursive: true });
      writeFileSync(join(tools, 'npx'), `#!/bin/sh\necho "$@" >>'${asked}'\n${body}\n`, { mode: 0o755 });
      writeFileSync(join(clone, 'pnpm-lock.yaml'), `${readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8')}\n`);
      const soon = new Date(Date.now() + 1000);
      utimesSync(join(clone, 'pnpm-lock.yaml'), soon, soon);
      return { env: { PATH: `${tools}:${process.env['PATH']}` } };
    };

    it('pnpm is asked to install it, and what is there goes on to serve where that fails', () => {
      const { status, stdout, stderr } = coldtrace(['--version'], withNpx('echo ERR_PNPM_NO_OFFLINE; exit 1'));
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toBe(modules(['--version']).stdout);
      expect(readFileSync(asked, 'utf8')).toMatch(/^-y pnpm@10 install --frozen-lockfile/);
    });

    it('one line says so where it does not serve', () => {
      const options = withNpx('echo ERR_PNPM_NO_OFFLINE; exit 1');
      writeFileSync(join(clone, 'packages/cli/src/added.ts'), "export { x } from 'a-package-of-tomorrow';\n");
      const { status, stdout, stderr } = coldtrace(['--version'], options);
      expect([status === 0, stdout]).toEqual([false, '']);
      expect(stderr).toMatch(
        /^coldtrace: what pnpm-lock\.yaml names .*\(ERR_PNPM_NO_OFFLINE\).*npx pnpm@10 install\n$/,
      );
      rmSync(join(clone, 'packages/cli/src/added.ts'));
    });
  });
});
