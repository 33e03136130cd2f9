/** The JSON reader against JSON.parse, and what it does with text that is none. */
import type { YamlValue } from '@coldtrace/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deepestJson, fieldOf, jsonExtent, readJson } from './json.js';

function plain(value: YamlValue | null): unknown {
  if (value === null) return undefined;
  if (value.kind === 'scalar') return value.value;
  if (value.kind === 'list') return value.items.map(plain);
  return Object.fromEntries(value.entries.map((entry) => [entry.key, plain(entry.value)]));
}

describe('readJson', () => {
  test('reads what JSON.parse reads, in compact and in indented form', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(0, 2, '\t'), (json, indent) => {
        const text = JSON.stringify(JSON.parse(json), null, indent);
        const read = readJson(text, 0);
        expect(read.problem).toBeNull();
        expect(read.end).toBe(text.length);
        expect(JSON.stringify(plain(read.value))).toBe(JSON.stringify(JSON.parse(text)));
        if (/^[[{]/.test(text)) expect(jsonExtent(text, 0)).toBe(text.length);
      }),
    );
  });

  test('every value and key knows its place', () => {
    const text = '  {"a": [1, "x\\n"], "b": {}}';
    const { value } = readJson(text, 7);
    const list = fieldOf(value, 'a');
    expect(value?.span).toEqual({ file: 7, start: 2, end: text.length });
    expect(list?.kind === 'list' && list.items.map((item) => text.slice(item.span.start, item.span.end))).toEqual([
      '1',
      '"x\\n"',
    ]);
    expect(value?.kind === 'map' && value.entries.map(({ keySpan }) => text.slice(keySpan.start, keySpan.end))).toEqual(
      ['"a"', '"b"'],
    );
  });

  test.each([
    ['[1, 2', [1, 2], 'the text ends within a value'],
    ['[{"a": 1, "b"', [{ a: 1 }], 'a colon is missing'],
    ['[1 2]', [1], 'a comma or the end of a list is missing'],
    ['{"a": 1, b: 2}', { a: 1 }, 'a key in quotes is missing'],
    ['{"a": "never', {}, 'this is no value'],
    ['[1, ]', [1], 'this is no value'],
    ['', undefined, 'the text ends within a value'],
  ])('%s keeps what is read and says: %s', (text, value, reason) => {
    const read = readJson(text, 0);
    expect(plain(read.value)).toEqual(value);
    expect(read.problem?.reason).toBe(reason);
  });

  test('takes any text without throwing, and ends within it', () => {
    const pieces = fc.array(
      fc.constantFrom('[', ']', '{', '}', ',', ':', '"', '\\', '\\u', '1', '-', 'null', 'a', '\n', '\0', '\ud800'),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          pieces.map((parts) => parts.join('')),
          fc.string({ unit: 'binary' }),
        ),
        (text) => {
          const read = readJson(text, 0);
          expect(read.end).toBeLessThanOrEqual(text.length);
          expect(read.value !== null || read.problem !== null).toBe(true);
          jsonExtent(text, 0);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('a million brackets are refused, not followed', () => {
    const read = readJson('['.repeat(1_000_000), 0);
    expect(read.problem).toEqual({ reason: 'nested too deeply', offset: deepestJson });
  });
});
