/** Folds questions that made no difference as soon as a stage is over, so that they are not asked again at every later one. */
import { sameFraction } from '../verdict/fraction.js';
import type { Trail } from '../verdict/trail.js';
import { assume, type Choice, change, leaveOpen, type World } from './world.js';

/** A stage that is entered with so many open questions asks no more; each may double the ways to follow. */
export const mostOpen = 8;

/** The worlds of a stage that `from` entered: where all sides of an open fork are alike they are one again. */
export function mergeWorlds(from: World, worlds: readonly World[]): readonly World[] {
  if (worlds.length < 2 || worlds.every((world) => asksNothing(world, from))) return worlds;
  const base = depthOf(from.choices);
  return fold(
    worlds.map((world) => ({ world, choices: since(world.choices, base) })),
    0,
  );
}

/** Since `from` only chance has parted the ways, and those stay apart. */
function asksNothing({ choices }: World, from: World): boolean {
  for (let at = choices; at !== null && at !== from.choices; at = at.before) if (at.kind === 'open') return false;
  return true;
}

export function openQuestions(world: World): number {
  let count = 0;
  for (let at = world.choices; at !== null; at = at.before) if (at.kind === 'open') count++;
  return count;
}

interface Grown {
  readonly world: World;
  /** Made in this stage, oldest first. */
  readonly choices: readonly Choice[];
}

function depthOf(choices: Choice | null): number {
  let depth = 0;
  for (let at = choices; at !== null; at = at.before) depth++;
  return depth;
}

function since(choices: Choice | null, base: number): readonly Choice[] {
  const made: Choice[] = [];
  for (let at = choices; at !== null; at = at.before) made.push(at);
  return made.reverse().slice(base);
}

function fold(grown: readonly Grown[], depth: number): readonly World[] {
  const fork = grown.find(({ choices }) => choices.length > depth)?.choices[depth];
  if (fork === undefined) return grown.map(({ world }) => world);
  const sides = new Map<number, Grown[]>();
  for (const one of grown) {
    const side = one.choices[depth]?.side ?? 0;
    const group = sides.get(side);
    if (group === undefined) sides.set(side, [one]);
    else group.push(one);
  }
  const folded = [...sides.values()].map((group) => fold(group, depth + 1));
  const [first, second] = folded.map((side) => (side.length === 1 ? side[0] : undefined));
  const isQuestion = fork.kind === 'open' && sides.size === 2;
  if (!isQuestion || first === undefined || second === undefined || !alike(first, second)) return folded.flat();
  return [change(leaveOpen(assume(first, second.assumptions), second.because), { choices: fork.before })];
}

function alike(x: World, y: World): boolean {
  return (
    sameFraction(x.weight, y.weight) &&
    x.end?.disposition === y.end?.disposition &&
    x.end?.rejectWith === y.end?.rejectWith &&
    x.end?.instead === y.end?.instead &&
    x.choices?.before === y.choices?.before &&
    (!x.probed || sameCounters(x.trail, y.trail)) &&
    (x.skb === y.skb || JSON.stringify([x.skb, x.exit]) === JSON.stringify([y.skb, y.exit]))
  );
}

/** The same rules have counted the packet. What both have in common is at the end of both trails. */
function sameCounters(x: Trail | null, y: Trail | null): boolean {
  let left = nextRule(x);
  let right = nextRule(y);
  while (left !== null && right !== null && left !== right) {
    if (left.rule !== right.rule || left.from !== right.from || left.chain !== right.chain) return false;
    left = nextRule(left.before);
    right = nextRule(right.before);
  }
  return left === right;
}

function nextRule(trail: Trail | null): Trail | null {
  let at = trail;
  while (at !== null && at.kind !== 'applies') at = at.before;
  return at;
}
