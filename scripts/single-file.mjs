// Builds coldtrace.mjs: the whole command in one file, for jump hosts that reach no registry. Usage: node scripts/single-file.mjs [OUT]
import { join } from 'node:path';
import { bundle, root } from './bundle.mjs';

await bundle(join(root, 'packages/cli/dist/main.js'), process.argv[2] ?? join(root, 'coldtrace.mjs'), {
  format: 'esm',
  banner: [
    "import { createRequire as coldtraceRequire } from 'node:module';",
    'const require = coldtraceRequire(import.meta.url);',
  ],
});
