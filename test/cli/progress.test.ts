/** The line of progress: on a terminal it tells the step and is gone at the end; elsewhere nothing is said. */
import { expect, it } from 'vitest';
import { runProgram } from '../../packages/cli/src/program.js';
import { sample } from './run.js';

const input = sample('01-ippool-overlaps-host-network/healthy');

interface Setting {
  readonly isTTY?: boolean;
  readonly term?: string;
  readonly args?: readonly string[];
}

async function saidOnStderr({ isTTY = true, term = 'xterm', args = [input] }: Setting): Promise<string> {
  let said = '';
  const stderr = {
    isTTY,
    columns: 40,
    write: (text: string) => {
      said += text;
    },
  };
  const nothing = (async function* () {})();
  const stdout = { write: () => true };
  await runProgram('0.0.0', ['analyze', ...args], { stdin: nothing, stdout, stderr, env: { TERM: term } });
  return said;
}

it('tells each step in one line that is erased at the end', async () => {
  const said = await saidOnStderr({});
  const steps = said.split('\r\u001b[K');
  expect(steps.slice(0, 2)).toEqual(['', 'reading']);
  expect(steps[2]).toMatch(/^checking 1\/\d+ [a-z0-9-]+$/);
  expect(steps.at(-2)).toBe('trying fixes');
  expect(steps.at(-1)).toBe('');
  expect(Math.max(...steps.map((step) => step.length))).toBeLessThan(40);
});

it('makes room for a message', async () => {
  expect(await saidOnStderr({ args: ['no-such-file'] })).toMatch(/^\r\u001b\[Kreading\r\u001b\[Kcoldtrace: .*\n$/);
});

it.each<[string, Setting]>([
  ['a stderr that is no terminal', { isTTY: false }],
  ['a terminal that cannot go back', { term: 'dumb' }],
  ['--quiet', { args: [input, '--quiet'] }],
])('%s is told nothing', async (_where, setting) => {
  expect(await saidOnStderr(setting)).toBe('');
});
