/** Several dumps of one kind become one: the complete one decides which rows there are, others may enrich them. */
import { absent, type Dump, type Provenance, type Row } from '@coldtrace/core';

export interface Part<T> {
  readonly rows: readonly T[];
  readonly complete: boolean;
  readonly source: Provenance;
}

/** Complete before partial, later before earlier, else as given. */
export function byAuthority<P extends Pick<Part<unknown>, 'complete' | 'source'>>(parts: readonly P[]): readonly P[] {
  const time = (part: P) => part.source.takenAt ?? Number.NEGATIVE_INFINITY;
  return [...parts].sort((left, right) => {
    if (left.complete !== right.complete) return left.complete ? -1 : 1;
    return time(left) === time(right) ? 0 : time(right) - time(left);
  });
}

/**
 * A complete dump says which rows exist; without one the rows of all are taken together. Rows with the same key are one:
 * `join` makes it richer, and without it the first stays. What is only claimed never displaces what was captured.
 */
export function mergeRows<T extends Row>(
  parts: readonly Part<T>[],
  keyOf: (row: T) => string,
  join?: (row: T, other: T) => T,
): Dump<T> {
  const sorted = byAuthority(parts);
  const [first, ...others] = sorted;
  if (first === undefined) return absent;
  const state = first.complete ? 'complete' : 'partial';
  const sources = parts.map((part) => part.source);
  if (others.length === 0 || (first.complete && join === undefined)) return { state, rows: first.rows, sources };
  const rows = new Map<string, T>();
  for (const part of sorted) {
    const mayAdd = part === first || !first.complete;
    let repeated = 0;
    const seen = new Set<string>();
    for (const row of part.rows) {
      let key = keyOf(row);
      // Rows that one dump prints twice are two rows.
      if (seen.has(key)) key = `${key}#${++repeated}`;
      seen.add(key);
      const present = rows.get(key);
      if (present === undefined) {
        if (mayAdd) rows.set(key, row);
      } else rows.set(key, prefer(present, row, join));
    }
  }
  return { state, rows: [...rows.values()], sources };
}

function prefer<T extends Row>(present: T, other: T, join: ((row: T, other: T) => T) | undefined): T {
  if (other.trust === 'claimed') return present;
  if (present.trust === 'claimed') return other;
  return join === undefined ? present : join(present, other);
}

/** Everything that a row says, without where it stands. */
export function contentKey(row: Row): string {
  return JSON.stringify(row, (name, value: unknown) => (name === 'span' || name === 'trust' ? undefined : value));
}
