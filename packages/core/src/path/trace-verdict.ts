/** Whether a connection works, by all its ways, and what that rests on. */
import { mergeReasons, type Reason } from '../tri.js';
import { alterOutcome, type Outcome } from './outcome.js';
import type { Leaf } from './settle.js';
import type { Origin, TraceQuestion, TraceVerdict } from './trace-question.js';

/** The ways with what they rest on: what fails anyway does not rest on what only a success needs, and what works rests on what is taken of the client. */
export function weighed(leaves: readonly Leaf[], question: TraceQuestion): readonly Leaf[] {
  const lenient = question.assume === 'defaults';
  const taken = takenOf(question.from);
  const sure = leaves.map((leaf) => unlessFailing(leaf, lenient));
  return (lenient ? sure : sure.map((leaf) => unlessTaken(leaf, taken))).map((leaf) => ofClient(leaf, question));
}

/** What fails does so whether that holds or not; what works is open without it. */
function unlessFailing(leaf: Leaf, lenient: boolean): Leaf {
  const needed = leaf.outcome.assumptions.filter(({ unlessFails }) => unlessFails);
  if (needed.length === 0) return leaf;
  const fails = verdictOfOne(leaf.outcome) === 'fails';
  if (!fails) return lenient ? leaf : unlessTaken(leaf, needed);
  const assumptions = leaf.outcome.assumptions.filter((one) => !needed.includes(one));
  return { ...leaf, outcome: alterOutcome(leaf.outcome, { assumptions }) };
}

function ofClient(leaf: Leaf, { from, assume: mode }: TraceQuestion): Leaf {
  if (from.kind !== 'entering') return leaf;
  if (verdictOfOne(leaf.outcome) === 'fails' && from.beside !== undefined) {
    const assumptions = mergeReasons(leaf.outcome.assumptions, [from.beside]);
    if (mode === 'none') return unlessTaken(alterLeaf(leaf, { disposition: 'undetermined' }), [from.beside]);
    return alterLeaf(leaf, { assumptions });
  }
  if (verdictOfOne(leaf.outcome) !== 'works' || from.client === undefined) return leaf;
  const assumptions = mergeReasons(leaf.outcome.assumptions, [from.client]);
  return { ...leaf, outcome: alterOutcome(leaf.outcome, { assumptions }) };
}

function alterLeaf(leaf: Leaf, changed: Parameters<typeof alterOutcome>[1]): Leaf {
  return { ...leaf, outcome: alterOutcome(leaf.outcome, changed) };
}

export function takenOf(from: Origin): readonly Reason[] {
  return from.kind === 'entering' ? (from.taken ?? []) : [];
}

/** A packet that does not come in is not answered either: only what fails anyway is known. */
function unlessTaken(leaf: Leaf, taken: readonly Reason[]): Leaf {
  if (taken.length === 0 || verdictOfOne(leaf.outcome) === 'fails') return leaf;
  const because = mergeReasons(leaf.outcome.because, taken);
  return { ...leaf, outcome: alterOutcome(leaf.outcome, { disposition: 'undetermined', because, reply: null }) };
}

/** Which way it goes may be open while all ways end alike: then the verdict is not. */
export function verdictOf(outcomes: readonly Outcome[], leaves: readonly Leaf[]): TraceVerdict {
  const kinds = new Set(outcomes.map(verdictOfOne));
  if (kinds.size === 1 && !kinds.has('unknown')) return [...kinds][0] ?? 'unknown';
  if (!kinds.has('unknown')) return 'depends';
  const [common = 'unknown', another] = new Set(leaves.map(({ outcome }) => verdictOfOne(outcome)));
  return another === undefined ? common : 'unknown';
}

function verdictOfOne(outcome: Outcome): TraceVerdict {
  if (outcome.disposition === 'undetermined') return 'unknown';
  if (outcome.disposition !== 'delivered' && outcome.disposition !== 'forwarded') return 'fails';
  if (outcome.reply === null || outcome.reply.disposition === 'undetermined') return 'unknown';
  return outcome.reply.disposition === 'delivered' ? 'works' : 'fails';
}
