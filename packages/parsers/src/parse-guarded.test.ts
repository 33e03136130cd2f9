import { countLines } from '@coldtrace/core';
import { expect, test } from 'vitest';
import { parseGuarded } from './parse-guarded.js';
import { type Format, sectionOf } from './testing.js';

test('a parser that throws loses its own lines, says so, and nothing else happens', () => {
  const format: Format = {
    id: 'broken',
    title: 'broken',
    commands: [],
    fileNames: [],
    line: () => null,
    parse: () => {
      throw new RangeError('too deep');
    },
  };
  const parsed = parseGuarded(format, sectionOf('a\n\nb\n'));
  expect(parsed.value).toEqual([]);
  expect(countLines(parsed.ledger)).toMatchObject({ unrecognized: 2, inert: 1 });
  expect(parsed.diagnostics).toMatchObject([
    { code: 'transcript/parser-fault', severity: 'error', data: { format: 'broken', message: 'too deep' } },
  ]);
});
