// Builds what bin/coldtrace runs: dependencies, modules, and the start-up snapshot. Usage: node scripts/build-start.mjs BOOT NODE BINARY, as bin/coldtrace says them.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
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

/**
 * Room for short runs to end without a collection of garbage or an optimized function, and machine code only for expressions that are asked often or about long texts;
 * long runs hardly notice. Not every release of Node has all of them.
 */
const options = [
  '--min-semi-space-size=32',
  '--max-semi-space-size=32',
  '--interrupt-budget=2000000',
  '--regexp-tier-up-ticks=20',
].filter((option) => spawnSync(process.execPath, [option, '-e', '0'], { stdio: 'ignore' }).status === 0);

const typescript = join(root, 'node_modules/typescript');
const lock = join(root, 'pnpm-lock.yaml');

/** What pnpm says that it has installed, after a pull maybe no longer what is needed; other installers leave no such file. */
function isInstalled() {
  if (!existsSync(typescript)) return false;
  const installed = join(root, 'node_modules/.pnpm/lock.yaml');
  return !existsSync(installed) || !existsSync(lock) || readFileSync(lock).equals(readFileSync(installed));
}

/** null: done; else what pnpm said about it. */
function install() {
  const args = ['-y', 'pnpm@10', 'install', '--frozen-lockfile', '--config.confirmModulesPurge=false'];
  const { status, stdout, stderr, error } = spawnSync('npx', args, { cwd: root, encoding: 'utf8' });
  if (status === 0) return null;
  const said = `${stderr ?? ''}\n${stdout ?? ''}`.split('\n').find((line) => /ERR|error/i.test(line));
  return (said ?? error?.message ?? `status ${status}`).trim();
}

/** Where the installation is of another day and nothing can be fetched, it may still do. */
function buildModules() {
  const missed = isInstalled() ? null : install();
  const build = [join(typescript, 'bin/tsc'), '-b', join(root, 'packages/cli')];
  const { status, stdout } = spawnSync(process.execPath, build, { cwd: root, encoding: 'utf8' });
  if (status === 0) return;
  const lacks = missed !== null && (!existsSync(typescript) || stdout.includes('error TS2307'));
  console.error(
    lacks
      ? `coldtrace: what pnpm-lock.yaml names is not installed, and could not be (${missed}); with a network run: npx pnpm@10 install`
      : stdout.trimEnd(),
  );
  process.exit(status ?? 70);
}

/**
 * With this, the tables of the snapshot keep the seed of hashes that was drawn when it was made, instead of being made anew at each start. It must not be given
 * while the snapshot is made, or the seed would be that of the binary, which everybody knows.
 */
const keptSeed = '--no-rehash-snapshot';

/** Node's tag of V8's version and options (v8.cachedDataVersionTag), which stands near the beginning of a snapshot and must be that of the process that starts with it. */
function versionTag(given) {
  const { stdout } = spawnSync(process.execPath, [...given, '-p', 'require("node:v8").cachedDataVersionTag()'], {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const tag = Buffer.alloc(4);
  tag.writeUInt32LE(Number(stdout));
  return tag;
}

/** Allows the snapshot to be started with `keptSeed`; false where that does not work. */
function keepSeed(path) {
  const bytes = readFileSync(path);
  const at = bytes.indexOf(versionTag(options));
  if (at < 0 || at > 256) return false;
  versionTag([...options, keptSeed]).copy(bytes, at);
  const kept = `${path}-kept`;
  writeFileSync(kept, bytes);
  const { status, stdout } = spawnSync(
    process.execPath,
    [...options, keptSeed, '--snapshot-blob', kept, 'coldtrace', '--version'],
    { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } },
  );
  const works = status === 0 && /^\d+\.\d+\.\d+/.test(stdout);
  if (works) renameSync(kept, path);
  else rmSync(kept, { force: true });
  return works;
}

/** A new snapshot's name, and the options it is started with; null where none can be made or none can be trusted to fit: other systems, and shims that choose among several binaries. */
async function buildSnapshot() {
  if (boot === 'none' || realpathSync(node) !== process.execPath) return null;
  const serial = `${process.pid}-${Date.now()}`;
  const script = join(folder, `${serial}.cjs`);
  const blob = `${serial}.blob`;
  try {
    const { allAtOnce, bundle } = await import('./bundle.mjs');
    await bundle(join(root, 'scripts/start-entry.mjs'), script, {
      format: 'cjs',
      minify: true,
      plugins: [allAtOnce],
      logOverride: { 'empty-import-meta': 'silent' },
    });
    const made = join(folder, `${serial}.part`);
    const args = [...options, '--snapshot-blob', made, '--build-snapshot', script, join(root, 'samples')];
    const { status } = spawnSync(process.execPath, args, {
      stdio: 'ignore',
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    if (status !== 0) return null;
    const given = keepSeed(made) ? [...options, keptSeed] : options;
    renameSync(made, join(folder, blob));
    return { blob, given };
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
  const { blob, given } = (await buildSnapshot()) ?? { blob: 'none', given: options };
  const stamp = join(folder, `${process.pid}.stamp`);
  writeFileSync(stamp, `${[boot, binary, given.join(' '), blob].join('\n')}\n`);
  utimesSync(stamp, startedAt, startedAt);
  renameSync(stamp, join(folder, 'stamp'));
} catch {
  // Nowhere to write: the modules are there.
}
