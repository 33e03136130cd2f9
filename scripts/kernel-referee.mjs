// Bundles the kernel referee of nodes, or with --cluster that of clusters, from its sources and runs it. Usage: node scripts/kernel-referee.mjs [--cluster] [--seed S] [--cases N] …
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, 'test/kernel', process.argv.includes('--cluster') ? 'cluster' : 'referee');
const outfile = join(folder, 'dist/run.mjs');
const names = ['core', 'parsers', 'rules', 'bundle'];
await build({
  entryPoints: [join(folder, 'run.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  sourcemap: 'inline',
  logLevel: 'warning',
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
  alias: Object.fromEntries(names.map((name) => [`@coldtrace/${name}`, join(root, `packages/${name}/src/index.ts`)])),
});
const run = spawnSync(process.execPath, ['--enable-source-maps', outfile, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exitCode = run.status ?? 1;
