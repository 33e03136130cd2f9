/** Counters that show which of two interfaces carries the traffic: they support a finding, they do not make one. */
import type { Evidence, Link, Observation, Snapshot } from '@coldtrace/core';
import { partOf } from '../facts/part-of.js';
import type { Misdirected } from './misdirected.js';

/** What the wrong interface received is many times what the right one did. */
const factor = 10;
const least = 100_000;

export function trafficEvidence(snapshot: Snapshot, { holder, right, wrong }: Misdirected): readonly Evidence[] {
  const [wrongBytes, rightBytes] = [received(wrong), received(right)];
  const counted =
    wrongBytes !== null && rightBytes !== null && wrongBytes >= least && wrongBytes >= factor * rightBytes
      ? [
          {
            span: partOf(snapshot, wrong.span, String(wrongBytes)),
            why: `${wrong.name} has received ${wrongBytes} bytes, ${right.name} ${rightBytes}`,
          },
        ]
      : [];
  if (wrongBytes !== null && rightBytes !== null) return counted;
  return holder.observations.flatMap((row) => seenTraffic(row, right, wrong));
}

function received({ counters }: Link): number | null {
  return counters?.rxBytes ?? null;
}

function seenTraffic(row: Observation, right: Link, wrong: Link): readonly Evidence[] {
  if (row.kind !== 'traffic' || row.rxBytes === null) return [];
  if (row.dev === wrong.name && row.rxBytes >= least) return [{ span: row.span, why: `${wrong.name} is busy` }];
  return row.dev === right.name && row.rxBytes < least ? [{ span: row.span, why: `${right.name} is idle` }] : [];
}
