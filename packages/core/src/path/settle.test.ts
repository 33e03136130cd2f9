/** Folding the tree of forks: chance keeps its shares, questions that make no difference vanish, others leave the branch open. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ip4 } from '../inet/ip.js';
import { packet } from '../netfilter/match/testing.js';
import type { Disposition } from '../verdict/disposition.js';
import { formatFraction, fraction, plus, zero } from '../verdict/fraction.js';
import type { Outcome } from './outcome.js';
import { choicesOf, type Leaf, settle } from './settle.js';
import { assume, forkByChance, forkOpen, newWorld, type World } from './world.js';

const start = newWorld(packet().skb);
const why = (text: string) => [{ dump: null, text }];

function leaf(world: World, disposition: Disposition, port = 80, reply: Disposition | null = null): Leaf {
  const outcome: Outcome = {
    probability: world.weight,
    assumptions: world.assumptions,
    because: [],
    disposition,
    rejectWith: null,
    final: { node: 'n', iface: 'eth0', src: ip4(1), dst: ip4(2), sport: 1, dport: port, mark: 0 },
    steps: [],
    reply: reply === null ? null : { disposition: reply, steps: [] },
  };
  return { choices: choicesOf(world), outcome };
}

const told = (leaves: readonly Leaf[]) =>
  settle(leaves).map(
    ({ probability, disposition, final }) => `${formatFraction(probability)} ${disposition} ${final.dport}`,
  );

describe('settling', () => {
  it('one way is the outcome', () => {
    expect(told([leaf(start, 'delivered')])).toEqual(['1 delivered 80']);
  });

  it('keeps branches of chance apart, even where they end alike', () => {
    const [left, right] = forkByChance(start, [fraction(1, 3), fraction(2, 3)]) as [World, World];
    expect(told([leaf(right, 'dropped'), leaf(left, 'delivered')])).toEqual(['1/3 delivered 80', '2/3 dropped 80']);
  });

  it('a question that makes no difference vanishes', () => {
    const [yes, no] = forkOpen(start, why('unknown match'));
    expect(told([leaf(yes, 'dropped'), leaf(no, 'dropped')])).toEqual(['1 dropped 80']);
  });

  it('what either side assumed is kept', () => {
    const [yes, no] = forkOpen(start, why('unknown match'));
    const [outcome] = settle([leaf(assume(yes, why('a')), 'dropped'), leaf(assume(no, why('b')), 'dropped')]);
    expect(outcome?.assumptions.map(({ text }) => text)).toEqual(['a', 'b']);
  });

  it('a question that matters leaves the way open, and says why', () => {
    const [yes, no] = forkOpen(start, why('unknown match'));
    const [outcome, ...more] = settle([leaf(yes, 'dropped'), leaf(no, 'delivered')]);
    expect(more).toEqual([]);
    expect(outcome).toMatchObject({ disposition: 'undetermined', because: [{ text: 'unknown match' }], reply: null });
  });

  it('another port is another end', () => {
    const [yes, no] = forkOpen(start, why('unknown match'));
    expect(told([leaf(yes, 'delivered', 80), leaf(no, 'delivered', 81)])).toEqual(['1 undetermined 80']);
  });

  it('where only the answer is in question, the way there stands', () => {
    const [yes, no] = forkOpen(start, why('unknown match'));
    const [outcome] = settle([leaf(yes, 'delivered', 80, 'delivered'), leaf(no, 'delivered', 80, 'dropped')]);
    expect(outcome).toMatchObject({ disposition: 'delivered', reply: { disposition: 'undetermined' } });
  });

  it('chance on one side of a question is folded with it', () => {
    const [yes, no] = forkOpen(start, why('unknown match'));
    const [left, right] = forkByChance(yes, [fraction(1, 2), fraction(1, 2)]) as [World, World];
    expect(told([leaf(left, 'dropped'), leaf(right, 'delivered'), leaf(no, 'dropped')])).toEqual(['1 undetermined 80']);
  });

  it('a question on one side of chance leaves the other alone', () => {
    const [left, right] = forkByChance(start, [fraction(1, 4), fraction(3, 4)]) as [World, World];
    const [yes, no] = forkOpen(left, why('unknown match'));
    expect(told([leaf(yes, 'dropped'), leaf(no, 'delivered'), leaf(right, 'dropped')])).toEqual([
      '1/4 undetermined 80',
      '3/4 dropped 80',
    ]);
  });

  const endings = fc.constantFrom<Disposition>('delivered', 'dropped', 'undetermined');
  type Plan = Disposition | { readonly open: boolean; readonly left: Plan; readonly right: Plan };
  const { plan } = fc.letrec<{ plan: Plan }>((tie) => ({
    plan: fc.oneof(
      { maxDepth: 6, depthSize: 'small' },
      endings,
      fc.record({ open: fc.boolean(), left: tie('plan'), right: tie('plan') }),
    ),
  }));

  function grow(world: World, tree: Plan): readonly Leaf[] {
    if (typeof tree === 'string') return [leaf(world, tree)];
    const sides = tree.open ? forkOpen(world, why('open')) : forkByChance(world, [fraction(1, 3), fraction(2, 3)]);
    const [left, right] = sides;
    return left === undefined || right === undefined ? [] : [...grow(left, tree.left), ...grow(right, tree.right)];
  }

  it('shares sum to 1 for any tree, in any order of its leaves', () => {
    fc.assert(
      fc.property(plan, (tree) => {
        const leaves = grow(start, tree);
        const outcomes = settle([...leaves].reverse());
        expect(formatFraction(outcomes.reduce((sum, { probability }) => plus(sum, probability), zero))).toBe('1');
        expect(told([...leaves].reverse())).toEqual(told(leaves));
      }),
    );
  });
});
