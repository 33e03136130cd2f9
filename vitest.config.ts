import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (name: string) => fileURLToPath(new URL(`./packages/${name}/src/index.ts`, import.meta.url));

/** Tests run on the sources, so that a test never passes on a stale build. */
export default defineConfig({
  resolve: {
    alias: {
      '@coldtrace/core': source('core'),
      '@coldtrace/parsers': source('parsers'),
      '@coldtrace/rules': source('rules'),
      '@coldtrace/bundle': source('bundle'),
    },
  },
  test: {
    include: ['packages/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 30_000,
  },
});
