import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (name: string) => fileURLToPath(new URL(`./packages/${name}/src/index.ts`, import.meta.url));

/** Tests run on the sources, so that a test never passes on a stale build. */
export default defineConfig({
  resolve: {
    alias: ['core', 'parsers', 'rules', 'bundle'].map((name) => ({
      find: new RegExp(`^@coldtrace/${name}$`),
      replacement: source(name),
    })),
  },
  test: {
    include: ['packages/**/*.test.ts', 'test/**/*.test.ts'],
    // One less than there are cores by default, which of two leaves one idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // What a worker has imported serves all its files: nothing here mocks a module or changes the process it runs in.
    isolate: false,
    // Bounds on time are bounds on CPU: how busy the machine is must fail no test.
    testTimeout: 300_000,
    // Removing what a test made takes long on a busy machine.
    hookTimeout: 300_000,
  },
});
