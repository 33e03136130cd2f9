/** Folds the tree of forks into one answer: chance keeps its exact shares, a question that changes no field of any answer is settled. */
import type { Choice } from '../path/world.js';
import { mergeReasons, type Reason } from '../tri.js';
import { type Fraction, formatFraction, plus, sameFraction } from '../verdict/fraction.js';
import type { Answer, OpenAnswer, ProbeAnswer } from './answer.js';

/** How one world ends: answered, or open for reasons (`either`: what is possible then; null: that cannot be listed). */
export type Ended =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'open'; readonly because: readonly Reason[]; readonly either: readonly Answer[] | null };

export interface Leaf {
  /** Forks behind it, newest first. */
  readonly choices: Choice | null;
  readonly weight: Fraction;
  readonly ended: Ended;
  readonly assumptions: readonly Reason[];
}

/** A leaf among others: its forks oldest first. */
interface Share {
  readonly choices: readonly Choice[];
  readonly weight: Fraction;
  readonly ended: Ended;
  readonly assumptions: readonly Reason[];
  /** What tells its end from another one, made when first asked for. In a WeakMap it would outlive the end until all memory is searched. */
  key: string | null;
}

/** The answer, its branches not yet one object each. */
export type Folded =
  | { readonly kind: 'one'; readonly answer: ProbeAnswer }
  | {
      readonly kind: 'branches';
      readonly branches: readonly { readonly probability: string; readonly told: Answer | OpenAnswer }[];
    };

export function answerOf(folded: Folded): ProbeAnswer {
  if (folded.kind === 'one') return folded.answer;
  return { branches: folded.branches.map(({ probability, told }) => ({ probability, ...told })) };
}

export function foldLeaves(leaves: readonly Leaf[]): Folded {
  const [only] = leaves;
  if (only !== undefined && leaves.length === 1) return { kind: 'one', answer: told(only) };
  const shares = merged(branchesOf(leaves.map(shareOf)));
  const [first, second] = shares;
  if (first === undefined)
    return { kind: 'one', answer: { outcome: 'unknown', because: ['the packet was lost from sight'] } };
  if (second === undefined) return { kind: 'one', answer: told(first) };
  const branches = shares.map((share) => ({ probability: formatFraction(share.weight), told: told(share) }));
  return { kind: 'branches', branches };
}

function told({ ended, assumptions }: Pick<Leaf, 'ended' | 'assumptions'>): Answer | OpenAnswer {
  if (ended.kind === 'answer')
    return assumptions.length === 0 ? ended.answer : { ...ended.answer, assumptions: texts(assumptions) };
  const because = texts(ended.because);
  const either = ended.either ?? [];
  if (assumptions.length === 0)
    return either.length === 0 ? { outcome: 'unknown', because } : { outcome: 'unknown', because, either };
  const assumed = { assumptions: texts(assumptions) };
  return { outcome: 'unknown', because, ...(either.length === 0 ? {} : { either }), ...assumed };
}

function texts(reasons: readonly Reason[]): readonly string[] {
  return reasons.map(({ text }) => text);
}

function shareOf({ choices, weight, ended, assumptions }: Leaf): Share {
  const path: Choice[] = [];
  for (let choice = choices; choice !== null; choice = choice.before) path.push(choice);
  return { choices: path.reverse(), weight, ended, assumptions, key: null };
}

/** Only ends that look alike are asked for it. */
function keyOf(share: Share): string {
  share.key ??= textOf(share.ended);
  return share.key;
}

function textOf(ended: Ended): string {
  if (ended.kind === 'answer') return JSON.stringify(ended.answer);
  return JSON.stringify([texts(ended.because), ended.either]);
}

/** So many shares are compared with each other before their keys are made. */
const mostCompared = 256;

function areDifferent(shares: readonly Share[]): boolean {
  if (shares.length > mostCompared) return false;
  return shares.every((share, at) => {
    for (let before = 0; before < at; before++) if (mayBeAlike(share.ended, shares[before]?.ended)) return false;
    return true;
  });
}

/** What is cheap to compare. */
function mayBeAlike(left: Ended, right: Ended | undefined): boolean {
  const [x, y] = [exampleOf(left), exampleOf(right)];
  if (x === undefined || y === undefined) return x === y;
  if (x.outcome !== y.outcome || x.dst !== y.dst || x.sport !== y.sport || x.dport !== y.dport) return false;
  if (x.hits?.length !== y.hits?.length) return false;
  // The answers to the packets of one Service differ in nothing but where its connection leads.
  const [one, other] = [x.conntrack?.reply, y.conntrack?.reply];
  if (one?.src !== other?.src || one?.sport !== other?.sport || one?.dport !== other?.dport) return false;
  // The last rules are mostly those of POSTROUTING, which all ways meet.
  const [late, later] = [x.hits?.at(-3), y.hits?.at(-3)];
  return late?.[1] === later?.[1] && late?.[2] === later?.[2];
}

function exampleOf(ended: Ended | undefined): Answer | undefined {
  return ended?.kind === 'answer' ? ended.answer : ended?.either?.[0];
}

/** Where nothing is open, and each share has a way of its own in the order of sides, the shares are the branches. */
function branchesOf(shares: readonly Share[]): readonly Share[] {
  const isPlain = shares.every(
    ({ choices }, at) =>
      choices.every(({ kind }) => kind === 'chance') && (at === 0 || isBefore(shares[at - 1], choices)),
  );
  return isPlain ? shares : fold(shares, 0);
}

function isBefore(share: Share | undefined, choices: readonly Choice[]): boolean {
  const before = share?.choices ?? [];
  const at = choices.findIndex(({ side }, depth) => side !== before[depth]?.side);
  const [left, right] = [before[at], choices[at]];
  return left !== undefined && right !== undefined && left.side < right.side;
}

function fold(shares: readonly Share[], depth: number): readonly Share[] {
  const fork = shares.find(({ choices }) => choices.length > depth)?.choices[depth];
  if (fork === undefined) return shares.slice(0, 1);
  const sides = new Map<number, Share[]>();
  for (const share of shares) {
    const side = share.choices[depth]?.side ?? 0;
    const group = sides.get(side);
    if (group === undefined) sides.set(side, [share]);
    else group.push(share);
  }
  const folded = [...sides].sort(([x], [y]) => x - y).map(([, group]) => merged(fold(group, depth + 1)));
  return fork.kind === 'chance' ? folded.flat() : closeOpen(folded, fork);
}

/** Branches with one answer are one branch. */
function merged(shares: readonly Share[]): readonly Share[] {
  if (shares.length < 2 || areDifferent(shares)) return shares;
  const byKey = new Map<string, Share>();
  for (const share of shares) {
    const key = keyOf(share);
    const before = byKey.get(key);
    byKey.set(key, before === undefined ? share : together(before, share, plus(before.weight, share.weight)));
  }
  return [...byKey.values()];
}

function together(x: Share, y: Share, weight: Fraction): Share {
  return { ...x, weight, assumptions: mergeReasons(x.assumptions, y.assumptions) };
}

/** All sides alike: the question did not matter. Otherwise it is open, with all that could be. */
function closeOpen(sides: readonly (readonly Share[])[], fork: Choice): readonly Share[] {
  const [first, ...others] = sides;
  if (first === undefined) return [];
  const settled = first.every(({ ended }) => ended.kind === 'answer');
  if (settled && others.every((side) => alike(first, side))) {
    return first.map((share) => others.flat().reduce((sum, other) => assumedToo(sum, other), share));
  }
  const all = sides.flat();
  const because = all.reduce<readonly Reason[]>(
    (sum, { ended }) => (ended.kind === 'open' ? mergeReasons(sum, ended.because) : sum),
    fork.because,
  );
  const assumptions = all.reduce<readonly Reason[]>((sum, share) => mergeReasons(sum, share.assumptions), []);
  const ended: Ended = { kind: 'open', because, either: possible(all) };
  return [{ choices: first[0]?.choices ?? [], weight: fork.weight, ended, assumptions, key: null }];
}

function assumedToo(share: Share, other: Share): Share {
  return keyOf(share) === keyOf(other) ? together(share, other, share.weight) : share;
}

function alike(x: readonly Share[], y: readonly Share[]): boolean {
  if (x.length !== y.length) return false;
  const weights = new Map(y.map((share) => [keyOf(share), share.weight]));
  return x.every((share) => {
    const other = weights.get(keyOf(share));
    return other !== undefined && sameFraction(share.weight, other);
  });
}

const mostListed = 32;

/** Every answer that is possible; null where one of the ways is open itself, or where they are too many. */
function possible(shares: readonly Share[]): readonly Answer[] | null {
  const found = new Map<string, Answer>();
  for (const { ended } of shares) {
    const answers = ended.kind === 'answer' ? [ended.answer] : ended.either;
    if (answers === null) return null;
    for (const answer of answers) found.set(JSON.stringify(answer), answer);
  }
  return found.size > mostListed ? null : [...found.values()];
}
