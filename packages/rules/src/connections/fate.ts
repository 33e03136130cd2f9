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
  /** The step that ends it; whether its sender is told comes behind it. */
  readonly last: Step | null;
  /** Lines that the end rests on. */
  readonly evidence: readonly Evidence[];
  /** The route that led there, where the end is none of the rules'. */
  readonly route: readonly Evidence[];
  readonly direction: 'there' | 'back';
}

/** How an outcome fails. */
export function failureOf(outcome: Outcome): Failure {
  const direction = failures.includes(outcome.disposition) ? 'there' : 'back';
  const way = direction === 'there' ? outcome.steps : (outcome.reply?.steps ?? []);
  const last = way.findLast(({ stage }) => stage !== 'error') ?? way.at(-1) ?? null;
  const steps = direction === 'there' ? way : [...outcome.steps, ...way];
  if (last === null) return { steps, last, evidence: [], route: [], direction };
  // A step without lines of its own rests on what chose the way, not on the rules that the packet passed.
  const decisive = last.evidence.length > 0 ? last : (way.findLast(isDecision) ?? way.findLast(hasLines) ?? last);
  const routed =
    last.stage === 'neighbour'
      ? way.findLast(({ node, stage }) => node === last.node && stage === 'routing')
      : undefined;
  const route = routed === undefined || routed === decisive ? [] : routed.evidence;
  return { steps, last, evidence: decisive.evidence, route, direction };
}

const hasLines = ({ evidence }: Step) => evidence.length > 0;

/** Steps of tables are named by table and hook. */
const isDecision = (step: Step) => hasLines(step) && !step.stage.includes('/');
