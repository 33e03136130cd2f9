/** Runs shell text in a network namespace of its own, which is gone when the shell ends: unshare(1). */
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Namespaces share the file system, so each process takes its own xtables lock: tests in parallel do not meet. */
export const XTABLES_LOCKFILE = join(tmpdir(), `coldtrace-xtables-${process.pid}.lock`);

const LARGEST_OUTPUT = 256 * 1024 * 1024;

/** The standard output of `script`, stopped at its first failing command; throws with what the tools said. */
export function inNetns(script: string, input = ''): string {
  const run = spawnSync('unshare', ['-n', 'sh', '-e', '-c', script], {
    input,
    encoding: 'utf8',
    maxBuffer: LARGEST_OUTPUT,
    env: { ...process.env, LC_ALL: 'C', XTABLES_LOCKFILE },
  });
  if (run.error) throw run.error;
  if (run.status !== 0) {
    throw new Error(`exit ${run.status ?? run.signal} in a network namespace: ${run.stderr.trim() || script}`);
  }
  return run.stdout;
}
