/** Every format survives every text, accounts for every line, and takes time linear in the text. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cpuNow, hostileTexts, ledgerIsComplete, sectionOf } from '../testing.js';
import { iprouteFormats } from './index.js';

const folder = fileURLToPath(new URL('./fixtures', import.meta.url));
const captured = readdirSync(folder).map((name) => readFileSync(`${folder}/${name}`, 'utf8'));
const vocabulary = [...new Set(captured.flatMap((text) => text.split(/(?<=\s)|(?=[[\]{},:"])/)))].slice(0, 3000);

const shuffled = fc
  .array(
    fc.oneof(
      fc.constantFrom(...vocabulary),
      fc.constantFrom('\n', '\n    ', '\\', '\t', '10.blackly.3.4', 'nexthop ', 'via '),
    ),
    { maxLength: 60 },
  )
  .map((words) => words.join(''));
const cut = fc
  .tuple(fc.constantFrom(...captured), fc.nat(6000), fc.nat(2000))
  .map(([text, from, length]) =>
    text.slice(from % Math.max(text.length, 1), (from % Math.max(text.length, 1)) + length),
  );
const anyText = fc.oneof(shuffled, cut, fc.string({ unit: 'binary' }), fc.constantFrom(...hostileTexts));

describe.each(iprouteFormats)('$id', (format) => {
  test('never throws and accounts for every line', () => {
    fc.assert(
      fc.property(
        anyText,
        fc.boolean(),
        fc.constantFrom(null, 'ip -6 route get ::1', 'ip addr | grep x', '| | -n'),
        (text, freeForm, command) => {
          const section = sectionOf(text, { freeForm, command });
          const parsed = format.parse(section);
          expect(ledgerIsComplete(section, parsed)).toBe(true);
          for (const { span } of parsed.diagnostics) {
            expect(span.start).toBeLessThanOrEqual(span.end);
            expect(span.end).toBeLessThanOrEqual(text.length);
          }
          for (const line of text.split('\n')) expect([null, 'opens', 'continues']).toContain(format.line(line));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('reads only its own part of a file', () => {
    const own = captured[0] ?? '';
    const text = `${own}${own}`;
    const section = sectionOf(text, { start: own.length, end: text.length });
    const parsed = format.parse({ ...section, start: own.length });
    expect(parsed.ledger.length).toBe(own.split('\n').length - 1 + (own.endsWith('\n') ? 0 : 1));
  });

  test.each([
    ['one long line', `10.0.0.0/8 via 10.0.0.1 ${'dev eth0 '.repeat(30_000)}`],
    ['one long word', `2: ${'a'.repeat(1 << 18)}: <UP> mtu`],
    ['blanks and backslashes', `1: lo ${' \\ '.repeat(10_000)}`],
    ['10,000 lines that wrap', `default via 10.0.0.1 dev\n${'eth0\n'.repeat(10_000)}`],
    ['10,000 lines that open JSON', '[{"dst":1}\n'.repeat(10_000)],
    ['10,000 quotes', '["\\"\n'.repeat(10_000)],
    ['40,000 unknown words', `2: eth0: <UP> ${'x '.repeat(40_000)}`],
    ['40,000 nexthops on a line', `10.0.0.0/8 ${'nexthop '.repeat(40_000)}`],
    ['40,000 parts on a line', `1: lo${'\\\t'.repeat(40_000)}`],
    ['a list of 40,000 flags', `[{"dst":"default","flags":[${'"x",'.repeat(40_000)}"y"]}]`],
    ['40,000 rows of VLANs', `[{"ifname":"a","vlans":[${'{"vlan":1},'.repeat(40_000)}{"vlan":2}]}]`],
    ['a million digits', '1'.repeat(1_000_000)],
    ['many redacted addresses', '10.x.y.z via 10.x.y.z dev eth0\n'.repeat(5000)],
  ])('%s take seconds at most', (_, text) => {
    const begin = cpuNow();
    for (const freeForm of [false, true]) format.parse(sectionOf(text, { freeForm }));
    for (const line of text.split('\n')) format.line(line);
    if (format.extent) for (const at of [0, 11, 22]) format.extent(text, at);
    format.whole?.(text, 'x.json');
    expect(cpuNow() - begin).toBeLessThan(3000);
  });
});
