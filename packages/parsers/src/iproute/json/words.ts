/**
 * Puts the fields of a JSON object into the words of the text form, so that one grammar gives both their meaning. Every word keeps
 * the place of its value (lib/json_print.c of iproute2 prints both forms from the same calls).
 */
import type { YamlEntry, YamlValue } from '@coldtrace/core';
import type { Word } from '../../text/words.js';

export function wordAt(text: string, value: YamlValue): Word {
  return { text, start: value.span.start, end: value.span.end };
}

/** Text of a scalar as the tool would print it; null for lists, maps and JSON null. */
function scalarText(value: YamlValue | null): string | null {
  if (value?.kind !== 'scalar' || value.value === null) return null;
  return String(value.value);
}

export function fieldText(object: YamlValue, key: string): string | null {
  return scalarText(entryOf(object, key)?.value ?? null);
}

export function entryOf(object: YamlValue, key: string): YamlEntry | null {
  if (object.kind !== 'map') return null;
  return object.entries.find((entry) => entry.key === key) ?? null;
}

export function entriesIn(value: YamlValue | null): readonly YamlEntry[] {
  return value?.kind === 'map' ? value.entries : [];
}

export function itemsIn(value: YamlValue | null | undefined): readonly YamlValue[] {
  return value?.kind === 'list' ? value.items : [];
}

/** `keyword value`, or the keyword alone for `null` and `true`. Nothing for `false` and what is no scalar. */
export function pair(keyword: string, value: YamlValue): Word[] {
  if (value.kind !== 'scalar' || value.value === false) return [];
  if (value.value === null || value.value === true) return [wordAt(keyword, value)];
  return [wordAt(keyword, value), wordAt(String(value.value), value)];
}

/** `keyword on` or `keyword off` for truth values, as the details of devices print them. */
export function setting(keyword: string, value: YamlValue): Word[] {
  if (value.kind === 'list') return [wordAt(keyword, value), ...value.items.flatMap((item) => bare(item))];
  if (value.kind === 'scalar' && typeof value.value === 'boolean') {
    return [wordAt(keyword, value), wordAt(value.value ? 'on' : 'off', value)];
  }
  return pair(keyword, value);
}

/** The value alone. */
export function bare(value: YamlValue): Word[] {
  const text = scalarText(value);
  return text === null || text === '' ? [] : [wordAt(text, value)];
}

/** Every item of a list as a word of its own. */
export function flagWords(value: YamlValue): Word[] {
  return itemsIn(value).flatMap(bare);
}

/** Adds the items without spreading them over the stack: hostile lists are long. */
export function append<T>(target: T[], items: readonly T[]): void {
  for (const item of items) target.push(item);
}
