/** Grows the tree over a chain's rules: at each node the dimension that leaves a packet the fewest rules to look at. */
import type { Pin } from '../pin.js';
import { type Dimension, dimensionOf, type Key, keyOf, nameOf } from './dimension.js';
import { intervalParts } from './interval-parts.js';
import type { Parts, RuleNode } from './rule-tree.js';

/** One pin of a rule, ready to be compared. */
export interface Grip {
  readonly dimension: number;
  /** null: ranges. */
  readonly key: Key | null;
  readonly pin: Pin;
}

export interface Grips {
  /** By rule. */
  readonly ofRule: readonly (readonly Grip[])[];
  readonly dimensions: readonly Dimension[];
}

/** So few rules are looked at one by one. */
const fewRules = 6;

/** What a dimension would do to the rules of a node. */
interface Candidate {
  readonly dimension: number;
  /** How many rules a packet meets, were it made for one of the pinned rules. */
  readonly cost: number;
}

export function gripsOf(pins: readonly (readonly Pin[])[]): Grips {
  const numbers = new Map<string, number>();
  const dimensions: Dimension[] = [];
  const numberOf = (pin: Pin): number => {
    const name = nameOf(pin);
    const known = numbers.get(name);
    if (known !== undefined) return known;
    numbers.set(name, dimensions.length);
    return dimensions.push(dimensionOf(pin)) - 1;
  };
  const ofRule = pins.map((own) => {
    const grips: Grip[] = [];
    for (const pin of own) {
      const dimension = numberOf(pin);
      // Two pins of one dimension must both hold: either may stand for the rule.
      if (!grips.some((grip) => grip.dimension === dimension)) grips.push({ dimension, key: keyOf(pin), pin });
    }
    return grips;
  });
  return { ofRule, dimensions };
}

export function growTree(rules: Int32Array, grips: Grips): RuleNode {
  if (rules.length <= fewRules) return { rules, split: null };
  const best = bestDimension(rules, grips);
  if (best === null) return { rules, split: null };
  const dimension = grips.dimensions[best];
  if (dimension === undefined) return { rules, split: null };
  const held = rules.filter((rule) => gripOf(grips, rule, best) !== undefined);
  const beside = rules.filter((rule) => gripOf(grips, rule, best) === undefined);
  const parts = partsOf(held, grips, best);
  return {
    rules,
    split: { dimension, parts, beside: beside.length === 0 ? null : growTree(beside, grips) },
  };
}

function gripOf(grips: Grips, rule: number, dimension: number): Grip | undefined {
  const own = grips.ofRule[rule];
  if (own !== undefined) for (const grip of own) if (grip.dimension === dimension) return grip;
  return undefined;
}

function partsOf(held: Int32Array, grips: Grips, dimension: number): Parts {
  const keyed = new Map<Key, number[]>();
  for (const rule of held) {
    const key = gripOf(grips, rule, dimension)?.key ?? null;
    if (key === null)
      return intervalParts(
        held,
        (at) => gripOf(grips, at, dimension)?.pin,
        (some) => growTree(some, grips),
      );
    const group = keyed.get(key);
    if (group === undefined) keyed.set(key, [rule]);
    else group.push(rule);
  }
  const byKey = new Map<Key, RuleNode>();
  for (const [key, group] of keyed) byKey.set(key, growTree(Int32Array.from(group), grips));
  return { kind: 'keys', byKey };
}

function bestDimension(rules: Int32Array, grips: Grips): number | null {
  const counts = grips.dimensions.map(() => ({ keys: new Map<Key, number>(), held: 0, ranges: 0 }));
  for (const rule of rules) {
    const own = grips.ofRule[rule] ?? [];
    for (const { dimension, key } of own) {
      const count = counts[dimension];
      if (count === undefined) continue;
      count.held++;
      if (key === null) count.ranges++;
      else count.keys.set(key, (count.keys.get(key) ?? 0) + 1);
    }
  }
  let best: Candidate | null = null;
  for (const [dimension, { keys, held, ranges }] of counts.entries()) {
    if (held === 0) continue;
    let squares = ranges * ranges;
    for (const count of keys.values()) squares += count * count;
    const cost = squares / held + rules.length - held;
    if (best === null || cost < best.cost) best = { dimension, cost };
  }
  return best !== null && best.cost <= rules.length - Math.max(3, rules.length / 20) ? best.dimension : null;
}
