/**
 * A tree over the rules of a chain: each node tells its rules apart by one dimension, and those that do not pin it stand beside. A packet meets the
 * rules of its own key and the ones beside; what it passes over certainly fails.
 */
import type { Skb } from '../../packet/skb.js';
import { type Dimension, type Key, readKey, unreadable } from './dimension.js';

export interface RuleNode {
  /** All rules of the node by index, in order. */
  readonly rules: Int32Array;
  readonly split: Split | null;
}

export interface Split {
  readonly dimension: Dimension;
  readonly parts: Parts;
  /** Rules that do not pin the dimension. */
  readonly beside: RuleNode | null;
}

export type Parts =
  | { readonly kind: 'keys'; readonly byKey: ReadonlyMap<Key, RuleNode> }
  /** Part `i` holds the numbers from `starts[i]` up to the next start. */
  | { readonly kind: 'intervals'; readonly starts: Int32Array; readonly nodes: readonly (RuleNode | null)[] };

/** The first rule from `from` on that the packet may meet; `none` if there is none. */
export function firstIn(root: RuleNode, from: number, skb: Skb, none: number): number {
  let best = none;
  for (let node: RuleNode | null = root; node !== null; ) {
    const split: Split | null = node.split;
    if (split === null) return Math.min(best, firstFrom(node.rules, from, best));
    const key = readKey(split.dimension, skb);
    if (key === unreadable) return Math.min(best, firstFrom(node.rules, from, best));
    const part = partOf(split.parts, key);
    if (part !== null) best = part.split === null ? firstFrom(part.rules, from, best) : firstIn(part, from, skb, best);
    node = split.beside;
  }
  return best;
}

function partOf(parts: Parts, key: Key): RuleNode | null {
  if (parts.kind === 'keys') return parts.byKey.get(key) ?? null;
  if (typeof key !== 'number') return null;
  const { starts, nodes } = parts;
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= key) low = middle + 1;
    else high = middle;
  }
  return nodes[low - 1] ?? null;
}

/** The smallest of the sorted rules that is at least `from` and below `best`; else `best`. */
function firstFrom(rules: Int32Array, from: number, best: number): number {
  let low = 0;
  let high = rules.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rules[middle] ?? 0) < from) low = middle + 1;
    else high = middle;
  }
  return low < rules.length ? Math.min(best, rules[low] ?? best) : best;
}
