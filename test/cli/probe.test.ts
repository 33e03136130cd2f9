/** `coldtrace probe` as a user runs it: JSON lines in, JSON lines out, exit statuses, the schema, a stream without end in a small heap. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { coldtrace, root, sample } from './run.js';

const healthy = sample('01-ippool-overlaps-host-network/healthy');
const probe = [...'probe --node node-1 --probes -'.split(' '), healthy];
const enters = {
  kind: 'ingress',
  family: 4,
  in_iface: 'ens192',
  src: '192.168.21.9',
  dst: '192.168.21.12',
  proto: 'tcp',
  sport: 4000,
  dport: 22,
};

const validate = new Ajv2020({ allErrors: true, strict: false }).compile(
  JSON.parse(readFileSync(`${root}packages/cli/schemas/probe.schema.json`, 'utf8')),
);

function lines(...probes: readonly unknown[]): string {
  return probes.map((one) => `${typeof one === 'string' ? one : JSON.stringify(one)}\n`).join('');
}

function answers(stdout: string): readonly Record<string, unknown>[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

const every = lines(
  { id: 'a', ...enters },
  { id: 'b', kind: 'output', dst: '10.96.0.1', proto: 'tcp', sport: 4000, dport: 443 },
  { id: 'c', kind: 'routeget', dst: '8.8.8.8' },
  { id: 'd', kind: 'source', dst: '10.96.0.10' },
  { id: 'e', kind: 'reply', of: 'a' },
  { id: 'f', ...enters, dst: '10.96.0.10', proto: 'udp', dport: 53 },
  { id: 'g', kind: 'output', dst: '10.0.0.300' },
  { id: 'h', kind: 'routeget', dst: '2001:db8::1' },
  '{',
  { id: 'i', ...enters, in_iface: 'tunl0', proto: 'icmp', icmp_id: 7 },
);

describe('probe', () => {
  it.each(['none', 'defaults'])('answers every probe in order, as the schema says (--assume %s)', async (assume) => {
    const ran = await coldtrace([...probe, '--assume', assume], { stdin: every });
    const said = answers(ran.stdout);
    expect(ran).toMatchObject({ status: 0, stderr: '' });
    expect(said.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', undefined, 'i']);
    for (const one of said) expect([one, validate(one) ? [] : validate.errors]).toEqual([one, []]);
    expect(said[6]).toEqual({ id: 'g', error: 'probe g: "dst" is not an address: 10.0.0.300' });
  });

  it('gives the same bytes for the same questions', async () => {
    expect(await coldtrace(probe, { stdin: every })).toEqual(await coldtrace(probe, { stdin: every }));
  });

  it.each([
    [
      'blank lines, a byte order mark and carriage returns are no probes',
      `\ufeff\r\n${JSON.stringify({ id: 'a', ...enters })}\r\n\n`,
      ['a'],
    ],
    ['the last line needs no end', JSON.stringify({ id: 'a', ...enters }), ['a']],
    ['no probes, no answers', '', []],
  ])('%s', async (_, input, ids) => {
    expect(answers((await coldtrace(probe, { stdin: input })).stdout).map(({ id }) => id)).toEqual(ids);
  });

  it('a line of ten megabytes gets one answer, and the next its own', async () => {
    const huge = `{"id":"h","kind":"${'x'.repeat(10_000_000)}"}`;
    const said = answers((await coldtrace(probe, { stdin: lines(huge, { id: 'a', ...enters }) })).stdout);
    expect(said.map(({ id, error }) => [id, error])).toEqual([
      [undefined, 'the probe on line 1 is longer than 1048576 characters'],
      ['a', undefined],
    ]);
  });

  it.each([
    ['2: both from standard input', ['probe', '-', '--probes', '-'], 2],
    ['2: no probes', ['probe', healthy], 2],
    ['2: which node', ['probe', healthy, '--probes', '-'], 2],
    ['2: no such node', ['probe', healthy, '--node', 'nobody', '--probes', '-'], 2],
    ['2: assume what', ['probe', healthy, '--node', 'node-1', '--probes', '-', '--assume', 'all'], 2],
    ['3: no such file', ['probe', healthy, '--node', 'node-1', '--probes', '/nonexistent'], 3],
    ['3: a directory', ['probe', healthy, '--node', 'node-1', '--probes', '/'], 3],
    ['3: no such input', ['probe', '/nonexistent', '--probes', '-'], 3],
  ])('exit status %s', async (_, args, status) => {
    const ran = await coldtrace(args);
    expect(ran).toMatchObject({ status, stdout: '' });
    expect(ran.stderr.trimEnd().split('\n').length).toBe(1);
  });

  it('answers before the next question is asked', async () => {
    const child = spawn(process.execPath, [`${root}packages/cli/dist/main.js`, ...probe]);
    const said: string[] = [];
    for await (const line of asked(child, 3)) said.push(line);
    expect(said.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(['0', '1', '2']);
  });
});

/** Each question is sent when the one before was answered. */
async function* asked(child: ReturnType<typeof spawn>, count: number): AsyncGenerator<string> {
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) return;
  const send = (at: number) => stdin.write(lines({ id: String(at), ...enters }));
  let at = 0;
  send(at);
  for await (const line of createInterface({ input: stdout })) {
    yield line;
    if (++at < count) send(at);
    else stdin.end();
  }
}

describe('a stream without end', () => {
  it('takes no more memory the longer it is', { timeout: 240_000 }, async () => {
    const [short, long] = [await peak(4_000), await peak(40_000)];
    expect(long.answered).toBe(40_000);
    expect(long.kilobytes - short.kilobytes).toBeLessThan(60_000);
  });
});

/** The greatest memory of a process that answers so many probes, read while it waits for its input to end. */
async function peak(count: number): Promise<{ readonly answered: number; readonly kilobytes: number }> {
  const small = ['--max-old-space-size=96', '--max-semi-space-size=4'];
  const child = spawn(process.execPath, [...small, `${root}packages/cli/dist/main.js`, ...probe]);
  let answered = 0;
  let kilobytes = 0;
  const sending = send(child, count);
  for await (const _ of createInterface({ input: child.stdout })) {
    if (++answered < count) continue;
    kilobytes = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]);
    child.stdin.end();
  }
  await sending;
  return { answered, kilobytes };
}

async function send(child: ReturnType<typeof spawn>, count: number): Promise<void> {
  for (let at = 0; at < count; at++) {
    const one = { id: `p${at}`, kind: 'routeget', dst: `10.${at & 255}.${(at >> 8) & 255}.7`, note: 'n'.repeat(200) };
    if (child.stdin?.write(lines(one)) === false) await new Promise((resolve) => child.stdin?.once('drain', resolve));
  }
}
