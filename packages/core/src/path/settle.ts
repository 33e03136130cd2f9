/** Folds the tree of forks into outcomes: chance keeps its branches, and what was open is settled where it made no difference. */
import { formatIp } from '../inet/ip-text.js';
import type { Reason } from '../tri.js';
import { mergeReasons } from '../tri.js';
import { alterOutcome, type Outcome, replyWith } from './outcome.js';
import type { Choice, World } from './world.js';

export interface Leaf {
  /** Oldest first. */
  readonly choices: readonly Choice[];
  readonly outcome: Outcome;
}

export function choicesOf(world: World): readonly Choice[] {
  const choices: Choice[] = [];
  for (let choice = world.choices; choice !== null; choice = choice.before) choices.push(choice);
  return choices.reverse();
}

/** The outcomes of all worlds; their probabilities sum to 1. */
export function settle(leaves: readonly Leaf[], depth = 0): readonly Outcome[] {
  const fork = leaves.find((leaf) => leaf.choices.length > depth)?.choices[depth];
  if (fork === undefined) return leaves.slice(0, 1).map((leaf) => leaf.outcome);
  const sides = new Map<number, Leaf[]>();
  for (const leaf of leaves) {
    const side = leaf.choices[depth]?.side ?? 0;
    const group = sides.get(side);
    if (group === undefined) sides.set(side, [leaf]);
    else group.push(leaf);
  }
  const settled = [...sides.entries()].sort(([x], [y]) => x - y).map(([, group]) => settle(group, depth + 1));
  return fork.kind === 'chance' ? settled.flat() : closeOpen(settled, fork);
}

/** All sides alike: the question did not matter. Otherwise the branch is undetermined, for the reasons of all its open ends. */
function closeOpen(sides: readonly (readonly Outcome[])[], fork: Choice): readonly Outcome[] {
  const [first] = sides;
  const [example] = first ?? [];
  if (first === undefined || example === undefined) return [];
  const alike = sides.every((side) => sameOutcomes(side, first));
  if (alike && first.every((outcome) => outcome.disposition !== 'undetermined')) {
    return first.map((outcome, index) => alterOutcome(outcome, { assumptions: assumedBy(sides, index) }));
  }
  const all = sides.flat();
  const because = all.reduce<readonly Reason[]>((sum, outcome) => mergeReasons(sum, outcome.because), fork.because);
  const assumptions = all.reduce<readonly Reason[]>((sum, outcome) => mergeReasons(sum, outcome.assumptions), []);
  const whole = alterOutcome(example, { probability: fork.weight, because, assumptions });
  const { reply } = example;
  if (reply !== null && all.every((outcome) => wayThere(outcome) === wayThere(example)))
    return [alterOutcome(whole, { reply: replyWith('undetermined', () => reply.steps) })];
  return [alterOutcome(whole, { disposition: 'undetermined', rejectWith: null, reply: null })];
}

function assumedBy(sides: readonly (readonly Outcome[])[], index: number): readonly Reason[] {
  return sides.reduce<readonly Reason[]>((sum, side) => mergeReasons(sum, side[index]?.assumptions ?? []), []);
}

function sameOutcomes(x: readonly Outcome[], y: readonly Outcome[]): boolean {
  return x.length === y.length && x.every((outcome, index) => endKey(outcome) === endKey(y[index]));
}

function endKey(outcome: Outcome | undefined): string {
  if (outcome === undefined) return '';
  const { reply, probability } = outcome;
  return [wayThere(outcome), reply?.disposition, `${probability.numerator}/${probability.denominator}`].join(' ');
}

/** How and where the packet ends, whatever becomes of its answer. */
function wayThere({ final, disposition, rejectWith }: Outcome): string {
  const packet = [
    final.node,
    final.iface,
    formatIp(final.src),
    formatIp(final.dst),
    final.sport,
    final.dport,
    final.mark,
  ];
  return [disposition, rejectWith, ...packet].join(' ');
}
