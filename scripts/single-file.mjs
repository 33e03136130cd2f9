// Builds coldtrace.mjs: the whole command in one file, for jump hosts that reach no registry, and as what the published package starts: to read a thousand modules takes several times as long. Usage: node scripts/single-file.mjs [OUT]
import { join } from 'node:path';
import { bundle, root } from './bundle.mjs';

await bundle(join(root, 'packages/cli/dist/main.js'), process.argv[2] ?? join(root, 'coldtrace.mjs'), {
  format: 'esm',
  minify: true,
  banner: [
    "import { createRequire as coldtraceRequire } from 'node:module';",
    'const require = coldtraceRequire(import.meta.url);',
  ],
});
