/** Every command on text that no tool prints: an answer or one clear refusal, never a stack trace. */
import { describe, expect, it } from 'vitest';
import { HOSTILE, longLines } from '../bench/hostile.js';
import { coldtrace } from '../cli/run.js';
import { commandsOn } from './bundle.js';
import { orderly, steering } from './orderly.js';

async function expectOrderly(name: string, stdin: string): Promise<void> {
  for (const args of commandsOn('-')) {
    const { status, stdout, stderr } = await coldtrace(args, { stdin, isTTY: true });
    expect({ name, args, status, steering: [...steering(stdout), ...steering(stderr)] }).toEqual({
      name,
      args,
      status: expect.toSatisfy((is: number | null) => orderly.includes(is)),
      steering: [],
    });
    expect(stderr).not.toMatch(/\n\s+at /);
    if (args.includes('--json') && stdout !== '') JSON.parse(stdout);
  }
}

const full = process.env['HOSTILE_FULL'] === '1';

describe.each(HOSTILE)('$name', ({ name, full: most, text }) => {
  it('is answered or refused', async () => {
    await expectOrderly(name, text(full ? most : Math.min(most, Math.max(Math.floor(most / 200), 12))));
  });
});

it('long lines are answered or refused', async () => {
  let index = 0;
  for (const { name, text } of longLines(2000)) {
    // Each opener and each filler comes often enough; all pairs would say no more.
    if (index++ % 7 === 0) await expectOrderly(name, text(full ? 1024 * 1024 : 2000));
  }
});

describe.each([
  ['nothing', ''],
  ['one line feed', '\n'],
  ['NULs', '\0'.repeat(5000)],
  ['every byte', Buffer.from(Array.from({ length: 4096 }, (_, at) => at % 256))],
  ['a cut gzip header', Buffer.from([0x1f, 0x8b])],
  ['gzip of an unknown method', Buffer.from([0x1f, 0x8b, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
  ['UTF-16 without a mark', Buffer.from('*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n'.repeat(20), 'utf16le')],
  ['half a zip', Buffer.from('PK\u0003\u0004')],
  ['JSON that nests', '['.repeat(100_000)],
  ['YAML that nests', Array.from({ length: 400 }, (_, at) => `${' '.repeat(at)}a:`).join('\n')],
  [
    'YAML anchors that grow',
    `a: &a [x,x]\n${Array.from({ length: 30 }, (_, at) => `b${at}: &b${at} [*${at === 0 ? 'a' : `b${at - 1}`},*${at === 0 ? 'a' : `b${at - 1}`}]`).join('\n')}\napiVersion: v1\nkind: Pod\n`,
  ],
  [
    'a Pod with such anchors',
    `apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  labels: &a {x: y}\nspec: {a: *a, b: *nosuch}\n`,
  ],
] as const)('%s', (name, content) => {
  it('is answered or refused', async () => {
    for (const args of commandsOn('-')) {
      const { status, stderr } = await coldtrace(args, { stdin: content });
      expect({ name, args, status }).toEqual({
        name,
        args,
        status: expect.toSatisfy((is: number | null) => orderly.includes(is)),
      });
      expect(stderr).not.toMatch(/\n\s+at /);
    }
  });
});
