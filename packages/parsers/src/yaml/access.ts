/** Reading fields out of a YamlValue without a cast: every getter answers null for what is absent or of another type. */
import type { YamlEntry, YamlValue } from '@coldtrace/core';

export type YamlScalar = Extract<YamlValue, { readonly kind: 'scalar' }>;

export function entriesOf(value: YamlValue | null): readonly YamlEntry[] {
  return value?.kind === 'map' ? value.entries : [];
}

export function itemsOf(value: YamlValue | null): readonly YamlValue[] {
  return value?.kind === 'list' ? value.items : [];
}

/** The value at a path of keys; where a key stands twice the last one counts, as the API machinery reads it. */
export function field(value: YamlValue | null, ...path: readonly string[]): YamlValue | null {
  let at = value;
  for (const key of path) {
    let found: YamlValue | null = null;
    for (const entry of entriesOf(at)) if (entry.key === key) found = entry.value;
    if (found === null) return null;
    at = found;
  }
  return at;
}

/** A scalar as text: strings as they are, numbers and booleans as written; null for null, lists and maps. */
export function textOf(value: YamlValue | null): string | null {
  if (value?.kind !== 'scalar' || value.value === null) return null;
  return typeof value.value === 'string' ? value.value : value.text;
}

export function textAtPath(value: YamlValue | null, ...path: readonly string[]): string | null {
  return textOf(field(value, ...path));
}

export function boolAtPath(value: YamlValue | null, ...path: readonly string[]): boolean | null {
  const found = field(value, ...path);
  return found?.kind === 'scalar' && typeof found.value === 'boolean' ? found.value : null;
}

export function numberAtPath(value: YamlValue | null, ...path: readonly string[]): number | null {
  const found = field(value, ...path);
  return found?.kind === 'scalar' && typeof found.value === 'number' ? found.value : null;
}

/** A map of scalars as a record without a prototype, so that `__proto__` is a key like any other. */
export function recordOf(value: YamlValue | null): Readonly<Record<string, string>> {
  const record: Record<string, string> = Object.create(null);
  for (const entry of entriesOf(value)) {
    const text = textOf(entry.value);
    if (text !== null) record[entry.key] = text;
  }
  return record;
}
