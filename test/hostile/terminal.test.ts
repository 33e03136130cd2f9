/** Nothing in an input can steer the terminal that a result is shown on: no control characters, no turned reading direction. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { coldtrace, type Ran } from '../cli/run.js';
import { commandsOn, fill, folderWith, sample, ticket } from './bundle.js';
import { orderly, steering } from './orderly.js';

/** None of them is part of a sequence that decoding takes out. */
const poison = '\u0007\u001b\u202e\u009b\u0001\u2028\u200b\u0085\u007f';

function expectHarmless(ran: Ran, args: readonly string[]): void {
  expect({ args, steering: [...steering(ran.stdout), ...steering(ran.stderr)] }).toEqual({ args, steering: [] });
  expect(orderly).toContain(ran.status);
  expect(ran.stderr).not.toMatch(/\n\s+at /);
}

/** `normalize` writes data; only on a terminal it is made safe. */
const shownOnTerminal = { isTTY: true };

let clean: readonly Ran[] = [];
beforeAll(async () => {
  const folder = folderWith(sample);
  clean = await Promise.all(commandsOn(folder).map((args) => coldtrace(args)));
});

it('the sample itself is answered, so that spoiling it means something', () => {
  expect(clean.map(({ status }) => status)).toEqual([0, 0, 1, 1, 1, 1, 1, 0, 0]);
});

/** Words that are printed somewhere: what a spoiled input replaces, and where it stands. */
const words = [
  'node-1',
  'master-1',
  'busybox',
  'eth0',
  'cali40masq-ipam-pools',
  'cali40all-ipam-pools',
  'KUBE-SERVICES',
  'KUBE-POSTROUTING',
  'hash:net',
  '10.96.0.1',
  'MASQUERADE',
  'default',
  'lookup',
  'kubernetes',
  'Generated',
  'ipv4',
  '--comment "',
  'scope',
  'name:',
  'COMMIT',
];

describe.each(words)('%s, spoiled wherever it stands', (word) => {
  it('never reaches a terminal', async () => {
    expect([...sample.values(), ticket].some((text) => text.includes(word))).toBe(true);
    const spoiled = [...sample].map(([name, text]) => [name, text.replaceAll(word, word + poison)] as const);
    const folder = folderWith(spoiled);
    for (const args of commandsOn(folder)) {
      expectHarmless(await coldtrace(args, shownOnTerminal), args);
    }
    const painted = ['analyze', folder, '--color', 'always'];
    expectHarmless(await coldtrace(painted, shownOnTerminal), painted);
    for (const command of ['inspect', 'analyze', 'normalize'])
      expectHarmless(
        await coldtrace([command, '-'], { ...shownOnTerminal, stdin: ticket.replaceAll(word, word + poison) }),
        [command],
      );
  });
});

describe('at any places of any files', () => {
  const folders: string[] = [];
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  it('never reaches a terminal', async () => {
    const names = [...sample.keys()];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(...names), fc.double({ min: 0, max: 1, noNaN: true })), {
          minLength: 5,
          maxLength: 60,
        }),
        fc.string({
          unit: fc.constantFrom(...poison, '\ud800', '\udfff', '\0', '\r', '\b', '\t', '\u2066', '"', '\n'),
          minLength: 1,
          maxLength: 6,
        }),
        fc.nat(8),
        async (places, text, command) => {
          const spoiled = new Map(sample);
          for (const [name, share] of places) {
            const old = spoiled.get(name) ?? '';
            const at = Math.floor(share * old.length);
            spoiled.set(name, old.slice(0, at) + text + old.slice(at));
          }
          const folder = mkdtempSync(join(tmpdir(), 'coldtrace-hostile-'));
          folders.push(folder);
          fill(folder, spoiled);
          const args = commandsOn(folder)[command] ?? [];
          expectHarmless(await coldtrace(args, shownOnTerminal), args);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('names of files and nodes', () => {
  it('with escapes are made safe in every message', async () => {
    const name = 'n\u001b[2J\u202e\n\u009b1m';
    const folder = folderWith([
      [`${name}/ip-route.txt`, 'default via 10.0.0.1 dev eth0\nbroken \u001b\u202e line\n'],
      [`${name}/x\u001b[31m.bin`, '\u0001\u0002\u0003'.repeat(100)],
      [`${name}/odd\u202e.txt.gz`, '\u001f\u008b'],
    ]);
    for (const input of [
      folder,
      join(folder, name),
      join(folder, name, 'nosuch\u001b[2J'),
      join(folder, name, 'odd\u202e.txt.gz'),
    ]) {
      for (const args of commandsOn(input)) expectHarmless(await coldtrace(args, shownOnTerminal), args);
    }
  });

  it.each([
    ['a command', ['\u001b[2Jfoo']],
    ['an option', ['inspect', 'x', '--\u001b[2J']],
    ['an option value', ['inspect', 'x', '--color', '\u001b[2J\u202e']],
    ['a rule', ['explain', '\u001b[2J\u202e']],
    ['a node name', ['inspect', '\u001b[2J=x']],
    ['who', ['trace', 'samples/01-ippool-overlaps-host-network/bad', '--from', 'pod:\u001b[2J', '--to', '\u202e:1']],
    [
      'to whom',
      [
        'trace',
        'samples/01-ippool-overlaps-host-network/bad',
        '--from',
        'pod:busybox',
        '--to',
        'service:\u202e\u001b:1',
      ],
    ],
    [
      'a node',
      [
        'trace',
        'samples/01-ippool-overlaps-host-network/bad',
        '--node',
        '\u001b[2J',
        '--from',
        'pod:busybox',
        '--to',
        '1.1.1.1:1',
      ],
    ],
    ['a protocol', ['trace', 'x', '--from', 'a', '--to', 'b', '--proto', '\u001b[2J']],
    ['a table', ['normalize', 'x', '--family', '\u001b[2J']],
  ])('%s that was typed with escapes is refused in safe words', async (_, args) => {
    const ran = await coldtrace(args, shownOnTerminal);
    expectHarmless(ran, args);
    expect(ran.status).toBeGreaterThan(1);
    expect(ran.stderr).not.toBe('');
  });
});

describe('normalize', () => {
  const rules = `*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -m comment --comment "a\u202eb\u0085c" -j ACCEPT\nCOMMIT\n`;

  it('gives data to a pipe exactly as they are', async () => {
    expect((await coldtrace(['normalize', '-'], { stdin: rules })).stdout).toBe(rules);
  });

  it('gives a terminal what is safe', async () => {
    expect((await coldtrace(['normalize', '-'], { stdin: rules, isTTY: true })).stdout).toContain(
      'a\\u{202e}b\\u{85}c',
    );
  });

  it('gives JSON that holds the same text without such characters', async () => {
    const { stdout } = await coldtrace(['normalize', '-', '--json'], { stdin: rules });
    expect(steering(stdout)).toEqual([]);
    expect(JSON.parse(stdout)).toMatchObject({ text: rules });
  });
});
