/** Which IP sets rules and list:set members name: such a set can be neither destroyed nor renamed. net/netfilter/ipset/ip_set_core.c. */
import { matchData, targetData } from '../netfilter/extension.js';
import { set as setMatch } from '../netfilter/match/set.js';
import { set as setTarget } from '../netfilter/target/set.js';
import type { IpSet } from '../snapshot/ipset.js';
import type { Rows, Rule, Ruleset } from '../snapshot/xtables.js';

/** The sets that a rule names. */
export function setsOfRule(rule: Rule): readonly string[] {
  const names = rule.matches.flatMap((match) => matchData(match, setMatch)?.set ?? []);
  const target = targetData(rule.target, setTarget);
  if (target === null) return names;
  return [...names, ...[target.add, target.del, target.map].flatMap((one) => one?.set ?? [])];
}

const known = new WeakMap<Rows<Rule>, ReadonlySet<string>>();

function setsOfRules(rules: Rows<Rule>): ReadonlySet<string> {
  const before = known.get(rules);
  if (before !== undefined) return before;
  const names = new Set<string>();
  for (let at = 0; at < rules.length; at++) {
    const rule = rules.at(at);
    if (rule !== undefined) for (const name of setsOfRule(rule)) names.add(name);
  }
  known.set(rules, names);
  return names;
}

export function isReferenced(name: string, sets: readonly IpSet[], rulesets: readonly Ruleset[]): boolean {
  const listed = (set: IpSet) => set.elements.some(({ parts: [part] }) => part?.kind === 'set' && part.name === name);
  if (sets.some((set) => set.type === 'list:set' && listed(set))) return true;
  return rulesets.some(({ tables }) =>
    tables.some(({ chains }) => chains.some(({ rules }) => setsOfRules(rules).has(name))),
  );
}
