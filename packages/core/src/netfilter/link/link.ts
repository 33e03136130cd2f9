/**
 * The index that accelerates `walk`: which rule of a chain may apply next, without a look at those that certainly do not. Made for a chain when the
 * first packet enters it. What it leaves to look at is what `walk` would have found by itself; a property test holds both equal.
 */
import type { Family } from '../../inet/ip.js';
import { isIndexed } from '../../packet/extension-headers.js';
import type { Chain } from '../../snapshot/xtables.js';
import type { Pin } from '../pin.js';
import type { NextRule } from '../walk-state.js';
import { gripsOf, growTree } from './grow-tree.js';
import { pinsOf } from './rule-pins.js';
import { firstIn, type RuleNode } from './rule-tree.js';

/** Chains as short as most of kube-proxy's are gone through rule by rule. */
const shortChain = 6;

const trees = new WeakMap<Chain, RuleNode>();

export const linked: NextRule = (chain, from, { skb }) => {
  return isLong(chain) && isIndexed(skb) ? firstIn(treeOf(chain, skb.family), from, skb, chain.rules.length) : from;
};

/** Only such chains have a tree. */
export function isLong({ rules }: Chain): boolean {
  return rules.length > shortChain;
}

/** The tree over the rules of a chain. */
export function treeOf(chain: Chain, family: Family): RuleNode {
  let tree = trees.get(chain);
  if (tree === undefined) {
    tree = linkChain(chain, family);
    trees.set(chain, tree);
  }
  return tree;
}

function linkChain({ rules }: Chain, family: Family): RuleNode {
  const pins: (readonly Pin[])[] = [];
  for (let index = 0; index < rules.length; index++) {
    const rule = rules.at(index);
    pins.push(rule === undefined ? [] : pinsOf(rule, family));
  }
  return growTree(
    Int32Array.from(pins, (_, index) => index),
    gripsOf(pins),
  );
}
