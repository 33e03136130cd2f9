/** Output of `tc -j` (tc(8)): one list of queues or filters; each filter may drop or redirect what goes by its device. */
import type { Span, YamlValue } from '@coldtrace/core';
import type { Section } from '../format.js';
import { readJson } from '../text/json.js';

export const tcJsonOpening =
  /^\s*\[\s*\{\s*"(?:kind"\s*:\s*"[a-z_]{1,20}"\s*,\s*"handle|protocol"\s*:\s*"[\w.-]{1,20}"\s*,\s*"pref)"/;

/** A queue or a filter of a device, with its place. */
export interface TcJsonItem {
  readonly span: Span;
  readonly dev: string | null;
  readonly kind: string;
  readonly filters: boolean;
}

export interface TcJson {
  readonly items: readonly TcJsonItem[];
  /** Offset past the list. */
  readonly end: number;
}

/** Null when the section is no such list. */
export function readTcJson({ file, start, end }: Section): TcJson | null {
  if (!tcJsonOpening.test(file.text.slice(start, Math.min(end, start + 200)))) return null;
  const { value } = readJson(file.text, file.id, start, end);
  if (value?.kind !== 'list') return null;
  const items = value.items.map((item) => {
    const filters = textOf(item, 'protocol') !== null;
    return { span: item.span, dev: textOf(item, 'dev'), kind: textOf(item, 'kind') ?? '', filters };
  });
  return { items, end: value.span.end };
}

function textOf(value: YamlValue, key: string): string | null {
  const entry = value.kind === 'map' ? value.entries.find((one) => one.key === key)?.value : undefined;
  return entry?.kind === 'scalar' ? String(entry.value) : null;
}
