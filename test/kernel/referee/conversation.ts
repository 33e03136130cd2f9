/** Talks with a program in Python that acts in network namespaces: one JSON object a line each way. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** A `/run` of its own: the xtables lock and the names of namespaces live there, and parallel agents must not meet in it. */
const START = 'mount -t tmpfs tmpfs /run; exec "$0" "$1"';

export type Order = Readonly<Record<string, unknown>>;

export class Conversation {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #waiting: ((line: string) => void)[] = [];
  #complaints = '';

  constructor(program: string) {
    const python = process.env['COLDTRACE_PYTHON'] ?? 'python3';
    this.#child = spawn('unshare', ['--net', '--mount', 'sh', '-c', START, python, program], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C' },
    });
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#waiting.shift()?.(line));
    this.#child.stderr.on('data', (text) => {
      this.#complaints += text;
    });
    this.#child.on('exit', () => {
      for (const wake of this.#waiting.splice(0))
        wake(JSON.stringify({ error: `the agent ended: ${this.#complaints}` }));
    });
  }

  async ask<Answer>(order: Order): Promise<Answer> {
    const answered = new Promise<string>((resolve) => this.#waiting.push(resolve));
    this.#child.stdin.write(`${JSON.stringify(order)}\n`);
    const answer = JSON.parse(await answered);
    if (answer.error !== undefined) throw new Error(`${order['op']}: ${answer.error}`);
    return answer;
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.stdin.end();
    await ended;
  }
}
