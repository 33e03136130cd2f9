// Builds coldtrace.mjs: the whole command in one file, for jump hosts that reach no registry. Usage: node scripts/single-file.mjs [OUT]
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const outfile = process.argv[2] ?? join(root, 'coldtrace.mjs');
const rules = join(root, 'packages/rules/src');
const documents = Object.fromEntries(
  readdirSync(rules)
    .map((id) => [id, join(rules, id, 'rule.md')])
    .filter(([, path]) => existsSync(path))
    .map(([id, path]) => [id, readFileSync(path, 'utf8')]),
);
const { version } = JSON.parse(readFileSync(join(root, 'packages/cli/package.json'), 'utf8'));

await build({
  entryPoints: [join(root, 'packages/cli/dist/main.js')],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  legalComments: 'none',
  logLevel: 'warning',
  banner: {
    js: [
      "import { createRequire as coldtraceRequire } from 'node:module';",
      'const require = coldtraceRequire(import.meta.url);',
      `globalThis.coldtraceVersion = ${JSON.stringify(version)};`,
      `globalThis.coldtraceRuleDocuments = ${JSON.stringify(documents)};`,
    ].join('\n'),
  },
});
