/** Labels that rules of a namespace give to connections. net/netfilter/xt_connlabel.c. */
import { matchData } from '../netfilter/extension.js';
import { connlabel } from '../netfilter/match/connlabel.js';
import type { NetNs } from '../snapshot/node.js';
import type { Chain } from '../snapshot/xtables.js';

type Label = number | string;

const known = new WeakMap<NetNs, readonly Label[]>();

export function labelsGiven(ns: NetNs): readonly Label[] {
  let labels = known.get(ns);
  if (labels === undefined) {
    labels = ns.rulesets.flatMap(({ tables }) => tables.flatMap(({ chains }) => chains.flatMap(labelsOf)));
    known.set(ns, labels);
  }
  return labels;
}

function labelsOf({ rules }: Chain): readonly Label[] {
  const labels: Label[] = [];
  for (let at = 0; at < rules.length; at++) {
    for (const match of rules.at(at)?.matches ?? []) {
      const data = matchData(match, connlabel);
      if (data?.set === true) labels.push(data.label);
    }
  }
  return labels;
}
