/**
 * Elements of bitmap:ip,mac without a hardware address take that of the first packet that is looked for, the sender's or the receiver's as the rule asks.
 * Where rules ask for both, what such an element holds by then is not known. net/netfilter/ipset/ip_set_bitmap_ipmac.c, ip_set_core.c ip_set_test.
 */
import { matchData } from '../netfilter/extension.js';
import { set as setMatch } from '../netfilter/match/set.js';
import type { IpSet } from '../snapshot/ipset.js';
import type { Rule } from '../snapshot/xtables.js';
import { ipsetsOf, type Place } from './place.js';

const filling = 'bitmap:ip,mac';

/** The captured sets by name, less such elements: a set that lacks one is not complete. */
export function settledSets(place: Place): ReadonlyMap<string, IpSet> {
  const sets = ipsetsOf(place);
  const unfilled = [...sets.values()].filter(
    ({ type, elements }) => type === filling && elements.some(({ parts }) => parts.length < 2),
  );
  if (unfilled.length === 0) return sets;
  const asked = sidesAsked(place);
  const settled = new Map(sets);
  for (const set of unfilled) {
    const names = [set.name, ...listsWith(sets, set.name)];
    const sides = new Set(names.flatMap((name) => [...(asked.get(name) ?? [])]));
    if (sides.size < 2) continue;
    settled.set(set.name, { ...set, complete: false, elements: set.elements.filter(({ parts }) => parts.length >= 2) });
  }
  return settled;
}

function listsWith(sets: ReadonlyMap<string, IpSet>, member: string): readonly string[] {
  const holds = ({ elements }: IpSet) =>
    elements.some(({ parts }) => parts.some((part) => part.kind === 'set' && part.name === member));
  return [...sets.values()].filter(holds).map(({ name }) => name);
}

/** Whose hardware address the rules ask each set for. */
function sidesAsked({ ns }: Place): ReadonlyMap<string, ReadonlySet<string>> {
  const sides = new Map<string, Set<string>>();
  for (const { tables } of ns.rulesets) {
    for (const { rules } of tables.flatMap(({ chains }) => chains)) {
      if (rules.lacks?.(0, 'match-set', rules.length) === true) continue;
      for (let at = 0; at < rules.length; at++) addSides(sides, rules.at(at));
    }
  }
  return sides;
}

function addSides(sides: Map<string, Set<string>>, rule: Rule | undefined): void {
  for (const match of rule?.matches ?? []) {
    const data = matchData(match, setMatch);
    const side = data?.directions[1];
    if (data !== null && side !== undefined) sides.set(data.set, (sides.get(data.set) ?? new Set()).add(side));
  }
}
