/** Runs the built command as a user does, from an empty folder. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const sample = (path: string) => `${root}samples/${path}`;

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function coldtrace(args: readonly string[], input = '', env: Readonly<Record<string, string>> = {}): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, [`${root}packages/cli/dist/main.js`, ...args], {
    input,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', ...env },
    maxBuffer: 256 * 1024 * 1024,
  });
  return { status, stdout, stderr };
}

export function json(ran: Ran): Record<string, unknown> {
  return JSON.parse(ran.stdout);
}
