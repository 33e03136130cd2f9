/** When a snapshot was captured, so that dates in it are judged by its own clock and not by the reader's. */
import type { Snapshot } from '@coldtrace/core';

/** Milliseconds since the epoch of the latest dump whose time is known; null when none is. */
export function capturedAt(snapshot: Pick<Snapshot, 'nodes' | 'read'>): number | null {
  const times = [
    ...snapshot.nodes.flatMap(({ date }) => date?.at ?? []),
    ...snapshot.read.flatMap(({ sections }) => sections.flatMap(({ takenAt }) => takenAt ?? [])),
  ];
  return times.length === 0 ? null : times.reduce((latest, time) => Math.max(latest, time));
}
