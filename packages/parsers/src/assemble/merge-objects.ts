/** API objects that several outputs show: the fuller one stays (`-o yaml` knows more than a table). */
import type { KubeObject } from '@coldtrace/core';

export function mergeObjects(rows: readonly KubeObject[]): readonly KubeObject[] {
  const byName = new Map<string, KubeObject>();
  for (const row of rows) {
    const kind = row.kind === 'Other' ? row.apiKind : row.kind;
    const key = `${kind} ${row.meta.namespace ?? ''} ${row.meta.name}`;
    const present = byName.get(key);
    if (present === undefined || (present.trust === 'claimed' && row.trust !== 'claimed') || fuller(row, present)) {
      byName.set(key, row);
    }
  }
  return [...byName.values()];
}

/** A table's row is one line; the object itself has its labels and fields. */
function fuller(row: KubeObject, present: KubeObject): boolean {
  if (isCells(row) !== isCells(present)) return isCells(present);
  return knownFields(row) > knownFields(present);
}

function knownFields(row: KubeObject): number {
  let count = Object.keys(row.meta.labels).length > 0 ? 1 : 0;
  for (const value of Object.values(row)) {
    if (value !== null && !(Array.isArray(value) && value.length === 0)) count++;
  }
  return count;
}

/** A row of a kind that is kept as its cells: the object itself has metadata among its values. */
function isCells(row: KubeObject): boolean {
  if (row.kind !== 'Other' || row.body.kind !== 'map') return false;
  return !row.body.entries.some((entry) => entry.key === 'metadata');
}
