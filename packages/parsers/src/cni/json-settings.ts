/** A tree of values as settings: each leaf under the path of its keys, with its place. */
import type { Setting, YamlValue } from '@coldtrace/core';

const mostSettings = 5000;

/** `plugins.0.type`, `Backend.Type`, …: list items by their number; empty lists and maps as `[]` and `{}`. */
export function settingsOfValue(source: string, value: YamlValue, prefix = ''): readonly Setting[] {
  const settings: Setting[] = [];
  const visit = (at: YamlValue, path: string): void => {
    if (settings.length >= mostSettings) return;
    const inside = (key: string | number) => (path === '' ? String(key) : `${path}.${key}`);
    if (at.kind === 'map' && at.entries.length > 0)
      for (const entry of at.entries) visit(entry.value, inside(entry.key));
    else if (at.kind === 'list' && at.items.length > 0)
      for (const [index, item] of at.items.entries()) visit(item, inside(index));
    else settings.push({ source, key: path, value: leafText(at), span: at.span });
  };
  visit(value, prefix);
  return settings;
}

function leafText(value: YamlValue): string {
  if (value.kind !== 'scalar') return value.kind === 'list' ? '[]' : '{}';
  return typeof value.value === 'string' ? value.value : value.text;
}
