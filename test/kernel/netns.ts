/** Runs shell text in a network namespace of its own, which is gone when the shell ends: unshare(1). */
import { spawnSync } from 'node:child_process';

const LARGEST_OUTPUT = 256 * 1024 * 1024;

/** A `/run` of its own too: the xtables lock and named namespaces live there, and parallel tests must not meet in them. */
const PRIVATE_RUN = 'mount -t tmpfs tmpfs /run';

/** The standard output of `script`, stopped at its first failing command; throws with what the tools said. */
export function inNetns(script: string, input = ''): string {
  const run = spawnSync('unshare', ['--net', '--mount', 'sh', '-e', '-c', `${PRIVATE_RUN}\n${script}`], {
    input,
    encoding: 'utf8',
    maxBuffer: LARGEST_OUTPUT,
    env: { ...process.env, LC_ALL: 'C' },
  });
  if (run.error) throw run.error;
  if (run.status !== 0) {
    throw new Error(`exit ${run.status ?? run.signal} in a network namespace: ${run.stderr.trim() || script}`);
  }
  return run.stdout;
}
