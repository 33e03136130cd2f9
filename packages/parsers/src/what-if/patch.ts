/** Patches of API objects: JSON merge patch (RFC 7386), JSON patch (RFC 6902), and what of a strategic merge patch needs no knowledge of the kind. */
import type { YamlEntry, YamlValue } from '@coldtrace/core';
import { entriesOf, field, textAtPath } from '../yaml/access.js';

export type Patched =
  | { readonly kind: 'done'; readonly value: YamlValue }
  /** The API server refuses it. */
  | { readonly kind: 'refused'; readonly why: string }
  /** It is not carried out here. */
  | { readonly kind: 'unsupported'; readonly what: string };

const isNull = (value: YamlValue): boolean => value.kind === 'scalar' && value.value === null;

export function mergePatch(target: YamlValue | null, patch: YamlValue): YamlValue {
  if (patch.kind !== 'map') return patch;
  const entries = new Map<string, YamlEntry>(entriesOf(target).map((entry) => [entry.key, entry]));
  for (const entry of patch.entries) {
    if (isNull(entry.value)) entries.delete(entry.key);
    else {
      const before = entries.get(entry.key);
      entries.set(entry.key, { ...(before ?? entry), value: mergePatch(before?.value ?? null, entry.value) });
    }
  }
  return { ...(target?.kind === 'map' ? target : patch), kind: 'map', entries: [...entries.values()] };
}

/** Maps merge as in a merge patch; how lists do is said by the kind's own keys (`patchMergeKey`), and directives begin with `$`. */
export function strategicPatch(target: YamlValue, patch: YamlValue): Patched {
  const beyond = beyondMaps(patch);
  if (beyond === null) return { kind: 'done', value: mergePatch(target, patch) };
  const what =
    beyond === 'list'
      ? 'a strategic patch of a list (with --type merge the whole list is given)'
      : 'a patch with directives ($…)';
  return { kind: 'unsupported', what };
}

function beyondMaps(patch: YamlValue): 'list' | 'directive' | null {
  if (patch.kind === 'list') return 'list';
  for (const { key, value } of entriesOf(patch)) {
    const found = key.startsWith('$') ? 'directive' : beyondMaps(value);
    if (found !== null) return found;
  }
  return null;
}

/** One operation after the other; none is done when one cannot be. */
export function jsonPatch(target: YamlValue, patch: YamlValue): Patched {
  if (patch.kind !== 'list') return { kind: 'refused', why: 'a JSON patch is a list of operations' };
  let value = target;
  for (const operation of patch.items) {
    const next = operate(value, operation);
    if (typeof next === 'string') return { kind: 'refused', why: next };
    value = next;
  }
  return { kind: 'done', value };
}

/** The value after it, or why it cannot be done. */
function operate(target: YamlValue, operation: YamlValue): YamlValue | string {
  const op = textAtPath(operation, 'op');
  const path = pointerOf(textAtPath(operation, 'path'));
  const from = pointerOf(textAtPath(operation, 'from'));
  const given = field(operation, 'value');
  if (path === null) return 'an operation without a path that begins with "/"';
  const shown = `${op} ${textAtPath(operation, 'path')}`;
  const missing = `the object has no such place: ${shown}`;
  switch (op) {
    case 'add':
      return given === null
        ? `${shown} has no value`
        : (changedAt(target, path, { kind: 'add', value: given }) ?? missing);
    case 'replace':
      return given === null
        ? `${shown} has no value`
        : (changedAt(target, path, { kind: 'replace', value: given }) ?? missing);
    case 'remove':
      return changedAt(target, path, { kind: 'remove' }) ?? missing;
    case 'copy':
    case 'move': {
      const value = from === null ? null : valueAt(target, from);
      if (from === null || value === null) return `${missing} (from ${textAtPath(operation, 'from')})`;
      const left = op === 'move' ? changedAt(target, from, { kind: 'remove' }) : target;
      return (left === null ? null : changedAt(left, path, { kind: 'add', value })) ?? missing;
    }
    case 'test':
      return given !== null && isEqual(valueAt(target, path), given) ? target : `the object is otherwise: ${shown}`;
    default:
      return `"${op}" is no operation of a JSON patch`;
  }
}

/** RFC 6901. */
function pointerOf(text: string | null): readonly string[] | null {
  if (text === null || !text.startsWith('/')) return null;
  return text
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

type Change = { readonly kind: 'add' | 'replace'; readonly value: YamlValue } | { readonly kind: 'remove' };

/** null: there is no such place. */
function changedAt(target: YamlValue, [key, ...rest]: readonly string[], change: Change): YamlValue | null {
  if (key === undefined) return null;
  if (target.kind === 'map') return changedMap(target, key, rest, change);
  return target.kind === 'list' ? changedList(target, key, rest, change) : null;
}

function changedMap(
  map: Extract<YamlValue, { kind: 'map' }>,
  key: string,
  rest: readonly string[],
  change: Change,
): YamlValue | null {
  const entry = map.entries.find((one) => one.key === key);
  const others = (value: YamlValue) => map.entries.map((one) => (one === entry ? { ...one, value } : one));
  if (rest.length > 0) {
    const inner = entry === undefined ? null : changedAt(entry.value, rest, change);
    return inner === null ? null : { ...map, entries: others(inner) };
  }
  if (change.kind === 'remove')
    return entry === undefined ? null : { ...map, entries: map.entries.filter((one) => one !== entry) };
  if (entry !== undefined) return { ...map, entries: others(change.value) };
  const added = { key, keySpan: change.value.span, value: change.value };
  return change.kind === 'add' ? { ...map, entries: [...map.entries, added] } : null;
}

function changedList(
  list: Extract<YamlValue, { kind: 'list' }>,
  key: string,
  rest: readonly string[],
  change: Change,
): YamlValue | null {
  const { items } = list;
  const at = key === '-' && change.kind === 'add' ? items.length : /^(?:0|[1-9]\d*)$/.test(key) ? Number(key) : -1;
  const item = items[at];
  if (rest.length > 0) {
    const inner = item === undefined ? null : changedAt(item, rest, change);
    return inner === null ? null : { ...list, items: items.with(at, inner) };
  }
  if (change.kind === 'add')
    return at < 0 || at > items.length ? null : { ...list, items: items.toSpliced(at, 0, change.value) };
  if (item === undefined) return null;
  return { ...list, items: change.kind === 'replace' ? items.with(at, change.value) : items.toSpliced(at, 1) };
}

function valueAt(target: YamlValue, path: readonly string[]): YamlValue | null {
  let at: YamlValue | null = target;
  for (const key of path) {
    if (at?.kind === 'list') at = at.items[/^\d+$/.test(key) ? Number(key) : -1] ?? null;
    else at = field(at, key);
  }
  return at;
}

function isEqual(one: YamlValue | null, other: YamlValue): boolean {
  if (one === null || one.kind !== other.kind) return false;
  if (one.kind === 'scalar') return other.kind === 'scalar' && one.value === other.value;
  if (one.kind === 'list')
    return (
      other.kind === 'list' &&
      one.items.length === other.items.length &&
      one.items.every((item, at) => isEqual(item, other.items[at] ?? item))
    );
  const entries = entriesOf(other);
  return one.entries.length === entries.length && entries.every(({ key, value }) => isEqual(field(one, key), value));
}
