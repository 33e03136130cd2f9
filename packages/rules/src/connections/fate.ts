/** What becomes of a connection, and how sure that is: only what the captured nodes themselves decide is certain. */
import type { Disposition, Evidence, Outcome, Step, Trace } from '@coldtrace/core';

/** `lost`: nothing that was captured brings it back, but somebody who was not captured might. */
export type Fate = 'works' | 'fails' | 'lost' | 'open';

export function fateOf(trace: Trace): Fate {
  if (trace.verdict === 'works') return 'works';
  if (trace.verdict !== 'fails' || trace.outcomes.some(isOpen)) return 'open';
  return trace.outcomes.every(failsHere) ? 'fails' : 'lost';
}

/** It fails whichever way it goes, and which way that is nobody can show. */
function isOpen({ disposition, reply }: Outcome): boolean {
  return disposition === 'undetermined' || reply?.disposition === 'undetermined';
}

const failures: readonly Disposition[] = [
  'dropped',
  'rejected',
  'no-route',
  'unreachable',
  'martian',
  'rp-filtered',
  'neighbour-unresolved',
  'looped',
];

/** A captured node ends it: on the way there, or on the way back. */
function failsHere({ disposition, reply }: Outcome): boolean {
  if (failures.includes(disposition)) return true;
  if (reply === null || !failures.includes(reply.disposition)) return false;
  // The answer of a host that was not captured is nowhere seen to fail: it is not seen at all.
  return reply.steps.at(-1)?.stage !== 'reply';
}

export interface Failure {
  readonly steps: readonly Step[];
  /** The step that ends it. */
  readonly last: Step | null;
  /** Lines that the end rests on. */
  readonly evidence: readonly Evidence[];
  readonly direction: 'there' | 'back';
}

/** How an outcome fails. */
export function failureOf(outcome: Outcome): Failure {
  const direction = failures.includes(outcome.disposition) ? 'there' : 'back';
  const way = direction === 'there' ? outcome.steps : (outcome.reply?.steps ?? []);
  const last = way.at(-1) ?? null;
  const decisive = way.findLast(({ evidence }) => evidence.length > 0) ?? null;
  const steps = direction === 'there' ? way : [...outcome.steps, ...way];
  return { steps, last, evidence: decisive?.evidence ?? [], direction };
}
