// Builds what bin/coldtrace runs: dependencies, modules, and the start-up snapshot. Usage: node scripts/build-start.mjs BOOT NODE BINARY, as bin/coldtrace says them.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, 'packages/cli/dist/start');
const [boot = 'none', node = '', binary = ''] = process.argv.slice(2);
const startedAt = new Date();

/** Room for short runs to end without a collection of garbage or an optimized function; long runs hardly notice. */
const options = ['--min-semi-space-size=32', '--max-semi-space-size=32', '--interrupt-budget=2000000'];

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(status ?? 70);
}

function buildModules() {
  if (!existsSync(join(root, 'node_modules/typescript')))
    run('npx', ['-y', 'pnpm@10', 'install', '--frozen-lockfile', '--silent']);
  run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b', join(root, 'packages/cli')]);
}

/** The name of a new snapshot; null where none can be made or none can be trusted to fit: other systems, and shims that choose among several binaries. */
async function buildSnapshot() {
  if (boot === 'none' || realpathSync(node) !== process.execPath) return null;
  const serial = `${process.pid}-${Date.now()}`;
  const script = join(folder, `${serial}.cjs`);
  const blob = `${serial}.blob`;
  try {
    const { bundle } = await import('./bundle.mjs');
    await bundle(join(root, 'scripts/start-entry.mjs'), script, {
      format: 'cjs',
      minify: true,
      logOverride: { 'empty-import-meta': 'silent' },
    });
    const made = join(folder, `${serial}.part`);
    const args = [...options, '--snapshot-blob', made, '--build-snapshot', script, join(root, 'samples')];
    const { status } = spawnSync(process.execPath, args, {
      stdio: 'ignore',
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    if (status !== 0) return null;
    renameSync(made, join(folder, blob));
    return blob;
  } catch {
    return null;
  } finally {
    rmSync(script, { force: true });
  }
}

/** Others may be about to start with a snapshot that was made a moment ago. */
function removeOld() {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (name !== 'stamp' && statSync(path).mtimeMs < startedAt.getTime() - 60_000) rmSync(path, { force: true });
  }
}

buildModules();
try {
  mkdirSync(folder, { recursive: true });
  removeOld();
  const blob = (await buildSnapshot()) ?? 'none';
  const stamp = join(folder, `${process.pid}.stamp`);
  writeFileSync(stamp, `${[boot, binary, options.join(' '), blob].join('\n')}\n`);
  utimesSync(stamp, startedAt, startedAt);
  renameSync(stamp, join(folder, 'stamp'));
} catch {
  // Nowhere to write: the modules are there.
}
