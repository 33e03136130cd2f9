import type { YamlValue } from '@coldtrace/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpuNow, hostileTexts, sectionOf, textAt } from '../testing.js';
import { field, textAtPath } from './access.js';
import { readBlockDocument } from './block-reader.js';
import { readWithPackage } from './package-reader.js';
import { placedSection } from './place.js';
import { readYaml } from './read.js';
import { placedScalar } from './scalar-text.js';

const placed = (text: string) => placedSection({ id: 0, name: 'x.yaml', text }, 0, text.length);
const read = (text: string) => readYaml(placed(text));
const codes = (text: string) => read(text).diagnostics.map((one) => one.code);

/** A value without its places. */
function bare(value: YamlValue | null): unknown {
  if (value === null) return null;
  if (value.kind === 'scalar') return Object.is(value.value, -0) ? 0 : value.value;
  if (value.kind === 'list') return value.items.map(bare);
  return value.entries.map((entry) => [entry.key, bare(entry.value)]);
}

/** Where each key and each scalar that stands on one line begins. */
function places(value: YamlValue | null): readonly unknown[] {
  if (value === null) return [];
  if (value.kind === 'list') return value.items.flatMap(places);
  if (value.kind === 'map')
    return value.entries.flatMap((entry) => [[entry.keySpan.start, entry.keySpan.end], ...places(entry.value)]);
  return value.value === null && value.text === '' ? [] : [value.span.start];
}

describe('the fast reader', () => {
  const manifest = `# a comment
apiVersion: v1
items:
- apiVersion: v1
  kind: Node
  metadata:
    annotations:
      flannel.alpha.coreos.com/backend-data: '{"VNI":1,"VtepMAC":"e6:ca:d7:0c:0f:3b"}'
      empty: ""
    name: node-2   # trailing
  spec: {}
  list: []
  status:
    addresses:
    - address: 192.168.3.119
      type: InternalIP
    - "quoted \\u00e4"
    -
      deep: 1.5
    - - nested
      - -7
    script: |
      line one
        indented

      last
    chomped: |-
      a: b
kind: List
nothing:
`;
  it('reads a manifest as the package does, places included', () => {
    const fast = readBlockDocument(manifest, 0, 0);
    const slow = readWithPackage(placed(manifest));
    expect(fast).not.toBeNull();
    expect(bare(fast?.value ?? null)).toEqual(bare(slow.value));
    expect(places(fast?.value ?? null)).toEqual(places(slow.value));
  });
  it('agrees with the package on every text that it takes', () => {
    const word = fc.constantFrom(
      'a',
      'b',
      'key',
      '10',
      '0x1f',
      '1.5',
      'true',
      'null',
      '~',
      '"q"',
      "'s'",
      '"\\n"',
      "''",
      '{}',
      '[]',
      '|',
      '|-',
      '- ',
      '-',
      '- - ',
      ': ',
      ':',
      '#',
      ' #c',
      'a: b',
      '"k": v',
      '10.0.0.1/8',
      '*a',
      '&a',
      '!t',
      '?',
      '? ',
      '>',
      '%',
      '@',
      '...',
      '-x',
      '[a]',
      '{a: b}',
      'a #b',
      'a#b',
      "it's",
      '.5',
      '+1',
      '1e3',
      '"open',
      'shut"',
      "'open",
      "shut'",
      '"open\\\\',
      'go on',
      'http://x',
      '-',
    );
    const line = fc
      .tuple(fc.nat(3), fc.array(word, { maxLength: 3 }))
      .map(([indent, words]) => '  '.repeat(indent) + words.join(''));
    const entry = fc
      .tuple(fc.nat(3), fc.constantFrom('a', 'b', '"c"', '- d', '- - e'), word)
      .map(([indent, key, value]) => `${'  '.repeat(indent)}${key}: ${value}`);
    let taken = 0;
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            line,
            entry,
            entry,
            fc.constantFrom(
              '',
              '  ',
              '# c',
              '    go on',
              '      more',
              '  shut"',
              '    b\\\\',
              "    end'",
              'a: "x',
              "a: 'x",
            ),
          ),
          { maxLength: 8 },
        ),
        fc.constantFrom('\n', '\r\n'),
        (lines, feed) => {
          const text = lines.join(feed) + feed;
          const fast = readBlockDocument(text, 0, 0);
          if (fast === null) return;
          taken++;
          const slow = readWithPackage(placed(text));
          expect(slow.diagnostics.filter((one) => one.code === 'yaml/syntax')).toEqual([]);
          expect(bare(fast.value), text).toEqual(bare(slow.value));
          expect(places(fast.value), text).toEqual(places(slow.value));
          expect(fast.diagnostics.length).toBe(slow.diagnostics.length);
        },
      ),
      { numRuns: 5000 },
    );
    expect(taken).toBeGreaterThan(300);
  });
  it.each([
    'a: one\n  two\n\n  three\nb: 1\n',
    'a: "one\n  two\n\n  three"\nb: 1\n',
    'a: "one\\\n  \\ two"\nb: 1\n',
    "a: 'it''s\n  two'\nb: 1\n",
    '- a: one\n    two\n  b: 1\n- c\n  d\n',
    'a:\n- "x: y\n  z"\n- b\n',
  ])('reads scalars over several lines as the package does: %j', (text) => {
    const fast = readBlockDocument(text, 0, 0);
    expect(fast).not.toBeNull();
    expect(bare(fast?.value ?? null)).toEqual(bare(readWithPackage(placed(text)).value));
  });
  it('reads a big list in a moment', () => {
    const item = manifest.split('\n').slice(3, 27).join('\n');
    const text = `items:\n${`${item}\n`.repeat(5000)}kind: List\n`;
    const started = cpuNow();
    const { documents } = read(text);
    expect(cpuNow() - started).toBeLessThan(4000);
    const items = field(documents[0]?.value ?? null, 'items');
    expect(items?.kind === 'list' ? items.items.length : 0).toBe(5000);
  });
});

describe('documents', () => {
  it('are cut at their separators', () => {
    const { documents } = read('---\na: 1\n--- # two\nb: 2\n...\n---\n# nothing\n--- {c: 3}\n');
    expect(documents.map((one) => bare(one.value))).toEqual([[['a', 1]], [['b', 2]], [['c', 3]]]);
  });
  it('do not disturb each other', () => {
    const { documents, diagnostics } = read('a: 1\n---\nb: [\n---\nc: 3\n');
    expect(documents.map((one) => bare(one.value))).toEqual([[['a', 1]], null, [['c', 3]]]);
    expect(diagnostics.map((one) => one.code)).toEqual(['yaml/syntax']);
  });
  it('are read as JSON where they are JSON, one after the other', () => {
    const { documents } = read('{"a": 1}\n{"b": [2]}\n');
    expect(documents.map((one) => bare(one.value))).toEqual([[['a', 1]], [['b', [2]]]]);
  });
  it('keep both values of a key that stands twice, and say so', () => {
    const { documents } = read('a: 1\na: 2\n');
    expect(textAtPath(documents[0]?.value ?? null, 'a')).toBe('2');
    expect(codes('a: 1\na: 2\n')).toEqual(['yaml/duplicate-key']);
    expect(codes('{a: 1, a: 2}')).toEqual(['yaml/duplicate-key']);
  });
});

describe('aliases', () => {
  it('are followed', () => {
    expect(bare(read('a: &x {b: 1}\nc: *x\n').documents[0]?.value ?? null)).toEqual([
      ['a', [['b', 1]]],
      ['c', [['b', 1]]],
    ]);
  });
  it('without an anchor are said', () => {
    expect(codes('a: *x\n')).not.toEqual([]);
  });
  it.each(['*****', '***HIDDEN***'])('%s is none: somebody hid the value', (text) => {
    expect(codes(`token: ${text}\nnext: [1]\n`)).toEqual([]);
    expect(bare(read(`token: ${text}\nnext: [1]\n`).documents[0]?.value ?? null)).toEqual([
      ['token', text],
      ['next', [1]],
    ]);
  });
  it('that multiply are stopped', () => {
    const bomb = [
      'a0: &a0 [x,x,x,x,x,x,x,x,x,x]',
      ...Array.from({ length: 20 }, (_, at) => `a${at + 1}: &a${at + 1} [${`*a${at},`.repeat(10)}]`),
    ].join('\n');
    const started = cpuNow();
    expect(codes(bomb)).toContain('yaml/too-many-aliases');
    expect(cpuNow() - started).toBeLessThan(2000);
  });
  it('of a list to itself end', () => {
    expect(() => read('a: &x [*x]\n')).not.toThrow();
  });
});

describe('hostile text', () => {
  it.each([
    '- '.repeat(20_000),
    '['.repeat(50_000),
    '{a: '.repeat(20_000),
    '? '.repeat(20_000),
    `${' '.repeat(100_000)}a: b`,
    '&a '.repeat(20_000),
    '!a '.repeat(20_000),
    '"'.repeat(100_000),
    Array.from({ length: 2000 }, (_, at) => `${' '.repeat(at)}a:`).join('\n'),
    '[a]'.repeat(30_000),
    'a: |\n'.repeat(50_000),
    '\t'.repeat(200_000),
    'a:\n'.repeat(100_000),
    '{"a":'.repeat(50_000),
  ])('takes little time and does not throw: %#', (text) => {
    const started = cpuNow();
    read(text);
    expect(cpuNow() - started).toBeLessThan(4000);
  });
  it('is refused by size when only the package could read it', () => {
    expect(codes(`a: &x b\n${'c: d\n'.repeat(100_000)}`)).toEqual(['yaml/too-large']);
  });
  it('of any kind never throws', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        ...hostileTexts,
        '- ',
        '? ',
        ': ',
        '&a',
        '*a',
        '!t',
        '|',
        '>',
        '  ',
        '\n',
        '"',
        "'",
        '#',
        '{',
        '}',
        '[',
        ']',
        ',',
        '---',
        '<<: *a',
      ),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        expect(() => read(pieces.join(''))).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });
});

describe('text inside a scalar', () => {
  const inner = 'first: 1\nsecond: "x"\n\nlast: é\n';
  const indented = inner.replace(/^(?=.)/gm, '    ');
  it.each([
    ['a literal block', `data:\n  k: |\n${indented}other: 1\n`],
    ['a double-quoted scalar', `data:\n  k: ${JSON.stringify(inner)}\n`],
    ['a single-quoted scalar', "data:\n  k: 'it''s last: é'\n"],
    ['a plain scalar', 'data:\n  k: last\n'],
    ['JSON', JSON.stringify({ data: { k: inner } })],
  ])('of %s is placed in the outer file', (_name, text) => {
    const section = sectionOf(text);
    const value = field(read(text).documents[0]?.value ?? null, 'data', 'k');
    if (value?.kind !== 'scalar') throw new Error('no scalar');
    const source = placedScalar(section.file, value);
    const at = source.text.indexOf('last');
    expect(textAt(section, { start: source.at(at), end: source.at(at + 4) })).toBe('last');
  });
});
