/**
 * The index that accelerates `walk`: which rule of a chain may apply next, without a look at those that certainly do not. Made for a chain when the
 * first packet enters it. What it leaves to look at is what `walk` would have found by itself; a property test holds both equal.
 */
import type { Family } from '../../inet/ip.js';
import type { Chain } from '../../snapshot/xtables.js';
import type { Pin } from '../pin.js';
import type { ReadyChain } from '../ready.js';
import type { NextRule } from '../walk-state.js';
import { gripsOf, growTree } from './grow-tree.js';
import { pinsOf } from './rule-pins.js';
import { firstIn, type RuleNode } from './rule-tree.js';

/** Chains as short as most of kube-proxy's are gone through rule by rule. */
const shortChain = 6;

const trees = new WeakMap<Chain, RuleNode>();

export const linked: NextRule = (chain, from, { skb, indexed }) => {
  return chain.length > shortChain && indexed ? firstIn(treeIn(chain), from, skb, chain.length) : from;
};

function treeIn(ready: ReadyChain): RuleNode {
  ready.tree ??= treeOf(ready.chain, ready.table.family);
  return ready.tree;
}

/** The tree over the rules of a chain. */
function treeOf(chain: Chain, family: Family): RuleNode {
  let tree = trees.get(chain);
  if (tree === undefined) {
    tree = treeOfLike(chain) ?? linkChain(chain, family);
    trees.set(chain, tree);
  }
  return tree;
}

/** A chain is looked for among those that were linked last: the nodes of a cluster mostly have the same rules. */
const mostRecent = 32;
const recent: WeakRef<Chain>[] = [];

/** A tree knows rules by their number alone, so that one serves all chains whose rules are alike. */
function treeOfLike(chain: Chain): RuleNode | undefined {
  const { rules, name } = chain;
  if (rules.isLike === undefined) return undefined;
  for (const one of recent) {
    const other = one.deref();
    if (other?.name === name && rules.isLike(other.rules)) return trees.get(other);
  }
  if (recent.unshift(new WeakRef(chain)) > mostRecent) recent.pop();
  return undefined;
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
