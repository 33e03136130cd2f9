/** The captured outputs of iproute2 6.1: each is read to its last line by the format that its content asks for. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { countLines } from '@coldtrace/core';
import { describe, expect, test } from 'vitest';
import type { Format } from '../format.js';
import { ledgerIsComplete, sectionOf } from '../testing.js';
import { iprouteFormats } from './index.js';

const folder = fileURLToPath(new URL('./fixtures', import.meta.url));
const names = readdirSync(folder).filter((name) => name.endsWith('.txt'));

/** As a splitter would choose: most lines that open, then most lines that fit. */
function choose(text: string): Format | undefined {
  const lines = text.split('\n').filter((line) => line !== '');
  const score = (format: Format) =>
    lines.reduce((sum, line) => sum + { opens: 10, continues: 1, none: 0 }[format.line(line) ?? 'none'], 0);
  const scored = iprouteFormats.map((format) => ({ format, score: score(format) })).sort((x, y) => y.score - x.score);
  return scored[0]?.score ? scored[0].format : undefined;
}

/** `ip-d-link.txt` is of `ip-link`. */
function expected(name: string): string {
  return name
    .replace('.txt', '')
    .replace(/-(?:uml|vxlan|ipip|d|s|o|br|n|6)(?=-)/g, '')
    .replace(/-(?:table-\w+|proxy|unreachable|fibmatch)\b/g, '');
}

const errors = new Set(['ip-route-table-absent.txt', 'ip-route-get-unreachable.txt']);

describe('captured outputs', () => {
  test.each(names)('%s is read completely', (name) => {
    const text = readFileSync(`${folder}/${name}`, 'utf8');
    const format = iprouteFormats.find((one) => one.id === expected(name));
    if (format === undefined) throw new Error(`no format ${expected(name)}`);
    const section = sectionOf(text, { path: name });
    const parsed = format.parse(section);
    const counts = countLines(parsed.ledger);
    expect(ledgerIsComplete(section, parsed)).toBe(true);
    expect({
      ...counts,
      diagnostics: parsed.diagnostics.filter((one) => one.severity !== 'info' && one.code !== 'iproute/tool-failed'),
    }).toMatchObject({
      unrecognized: 0,
      opaque: 0,
      diagnostics: [],
    });
  });

  test.each(names.filter((name) => !errors.has(name) && !/fibmatch|bridge-vlan/.test(name)))(
    '%s is recognised by its lines',
    (name) => {
      expect(choose(readFileSync(`${folder}/${name}`, 'utf8'))?.id).toBe(expected(name));
    },
  );
});
