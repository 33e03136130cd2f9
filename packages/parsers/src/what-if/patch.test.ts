/** Patches on values: the rules of RFC 7386 and RFC 6902, and what of a strategic patch is carried out. */
import type { YamlValue } from '@coldtrace/core';
import { describe, expect, it } from 'vitest';
import { readYaml } from '../yaml/read.js';
import { jsonPatch, mergePatch, type Patched, strategicPatch } from './patch.js';

function read(text: string): YamlValue {
  const value = readYaml({ file: 0, text, base: 0, at: (offset) => offset }).documents[0]?.value ?? null;
  if (value === null) throw new Error(`nothing was read: ${text}`);
  return value;
}

function plain(value: YamlValue): unknown {
  if (value.kind === 'scalar') return value.value;
  if (value.kind === 'list') return value.items.map(plain);
  return Object.fromEntries(value.entries.map(({ key, value: inner }) => [key, plain(inner)]));
}

function shown(patched: Patched): unknown {
  if (patched.kind === 'done') return plain(patched.value);
  return patched.kind === 'refused' ? `refused: ${patched.why}` : `unsupported: ${patched.what}`;
}

describe('a merge patch', () => {
  it.each([
    ['{"a": "b"}', '{"a": "c"}', { a: 'c' }],
    ['{"a": "b"}', '{"b": "c"}', { a: 'b', b: 'c' }],
    ['{"a": "b", "b": "c"}', '{"a": null}', { b: 'c' }],
    ['{"a": ["b"]}', '{"a": "c"}', { a: 'c' }],
    ['{"a": {"b": "c"}}', '{"a": {"b": "d", "c": null}}', { a: { b: 'd' } }],
    ['{"a": [{"b": "c"}]}', '{"a": [1]}', { a: [1] }],
    ['{"e": 1}', '{"a": {"bb": {"ccc": null}}}', { e: 1, a: { bb: {} } }],
    ['a: {b: 1}', 'a:\n  c: 2\n', { a: { b: 1, c: 2 } }],
  ])('%s and %s', (target, patch, wanted) => {
    expect(plain(mergePatch(read(target), read(patch)))).toEqual(wanted);
  });
});

describe('a JSON patch', () => {
  const target = '{"spec": {"ports": [{"port": 80}, {"port": 443}], "a/b": 1}}';
  it.each<[string, unknown]>([
    ['[{"op": "remove", "path": "/spec/ports/0"}]', { spec: { ports: [{ port: 443 }], 'a/b': 1 } }],
    [
      '[{"op": "add", "path": "/spec/ports/-", "value": 1}]',
      { spec: { ports: [{ port: 80 }, { port: 443 }, 1], 'a/b': 1 } },
    ],
    [
      '[{"op": "add", "path": "/spec/ports/1", "value": 1}]',
      { spec: { ports: [{ port: 80 }, 1, { port: 443 }], 'a/b': 1 } },
    ],
    [
      '[{"op": "replace", "path": "/spec/a~1b", "value": null}]',
      { spec: { ports: [{ port: 80 }, { port: 443 }], 'a/b': null } },
    ],
    ['[{"op": "move", "from": "/spec/a~1b", "path": "/x"}]', { spec: { ports: [{ port: 80 }, { port: 443 }] }, x: 1 }],
    [
      '[{"op": "test", "path": "/spec/ports/0", "value": {"port": 80}}, {"op": "copy", "from": "/spec/a~1b", "path": "/spec/ports/0/n"}]',
      { spec: { ports: [{ port: 80, n: 1 }, { port: 443 }], 'a/b': 1 } },
    ],
    ['[{"op": "remove", "path": "/spec/ports/2"}]', 'refused: the object has no such place: remove /spec/ports/2'],
    ['[{"op": "replace", "path": "/spec/no", "value": 1}]', 'refused: the object has no such place: replace /spec/no'],
    [
      '[{"op": "add", "path": "/spec/no/where", "value": 1}]',
      'refused: the object has no such place: add /spec/no/where',
    ],
    [
      '[{"op": "test", "path": "/spec/ports/1/port", "value": 80}]',
      'refused: the object is otherwise: test /spec/ports/1/port',
    ],
    ['[{"op": "add", "path": "/spec/x"}]', 'refused: add /spec/x has no value'],
    ['[{"op": "remove", "path": "spec"}]', 'refused: an operation without a path that begins with "/"'],
    ['[{"op": "delete", "path": "/spec"}]', 'refused: "delete" is no operation of a JSON patch'],
    ['{"spec": 1}', 'refused: a JSON patch is a list of operations'],
  ])('%s', (patch, wanted) => {
    expect(shown(jsonPatch(read(target), read(patch)))).toEqual(wanted);
  });
});

describe('a strategic patch', () => {
  it.each<[string, unknown]>([
    ['{"a": {"c": 2}, "b": null}', { a: { b: 1, c: 2 } }],
    ['{"a": {"c": [1]}}', 'unsupported: a strategic patch of a list (with --type merge the whole list is given)'],
    ['{"a": {"$patch": "replace"}}', 'unsupported: a patch with directives ($…)'],
  ])('%s', (patch, wanted) => {
    expect(shown(strategicPatch(read('{"a": {"b": 1}, "b": 3}'), read(patch)))).toEqual(wanted);
  });
});
