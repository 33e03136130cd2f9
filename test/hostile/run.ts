/** Runs the command in this process, from the sources, and keeps what it prints. */
import { runProgram } from '../../packages/cli/src/program.js';

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly stdin?: string | Uint8Array;
  /** Results go to a terminal. */
  readonly isTTY?: boolean;
}

export async function coldtrace(args: readonly string[], { stdin = '', isTTY = false }: RunOptions = {}): Promise<Ran> {
  const said = { stdout: '', stderr: '' };
  const output = (name: keyof typeof said) => ({
    isTTY,
    columns: 100,
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

/** Exit statuses that mean an answer or a clear refusal: never the internal error. */
export const orderly: readonly number[] = [0, 1, 2, 3];

const unsafe =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** What a text holds that could steer a terminal, with what stands around it; our own colours and line of progress aside. */
export function steering(text: string): readonly string[] {
  const plain = text.replace(/\u001b\[\d{1,2}m|\r\u001b\[K/g, '');
  return [...plain.matchAll(unsafe)].map((match) =>
    JSON.stringify(plain.slice(Math.max(0, match.index - 40), match.index + 5)),
  );
}
