/** Runs the command: in this process from the sources, which is quick, or the built one as a user does. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../../packages/cli/src/program.js';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const sample = (path: string) => `${root}samples/${path}`;

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly stdin?: string | Uint8Array;
  /** Results go to a terminal. */
  readonly isTTY?: boolean;
}

/** Everything but the process: no start of node for each of many questions. */
export async function coldtrace(args: readonly string[], { stdin = '', isTTY = false }: RunOptions = {}): Promise<Ran> {
  const said = { stdout: '', stderr: '' };
  const output = (name: keyof typeof said) => ({
    isTTY,
    ...(isTTY ? { columns: 100 } : {}),
    write: (text: string) => {
      said[name] += text;
    },
  });
  const status = await runProgram('0.0.0', args, {
    stdin: once(stdin),
    stdout: output('stdout'),
    stderr: output('stderr'),
    env: { NO_COLOR: '1' },
  });
  return { status, ...said };
}

async function* once(text: string | Uint8Array): AsyncGenerator<string | Uint8Array> {
  if (text.length > 0) yield text;
}

/** The built command, in a process of its own. */
export function builtColdtrace(args: readonly string[], input = ''): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, [`${root}packages/cli/dist/main.js`, ...args], {
    input,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
    maxBuffer: 256 * 1024 * 1024,
  });
  return { status, stdout, stderr };
}

export function json(ran: Ran): Record<string, unknown> {
  return JSON.parse(ran.stdout);
}
