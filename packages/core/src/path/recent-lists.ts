/** The lists of `-m recent` of a namespace, as far as rules agree on what their entries are. net/netfilter/xt_recent.c recent_mt_check. */
import { sameIp } from '../inet/ip.js';
import { bitsOf, maskOf } from '../inet/mask.js';
import { matchData } from '../netfilter/extension.js';
import { type RecentMatch, recent } from '../netfilter/match/recent.js';
import type { NetNs } from '../snapshot/node.js';
import type { RecentEntry } from '../snapshot/recent-list.js';
import type { Chain } from '../snapshot/xtables.js';
import { type Unknown, unknown } from '../tri.js';
import { missing, type Place } from './place.js';

export function recentList(place: Place, name: string): readonly RecentEntry[] | Unknown {
  const { rows } = place.ns.recentLists;
  if (!masksOf(place.ns).has(name))
    return unknown(`rules mask the addresses of list "${name}" in several ways, and only one of them counts`);
  const found = rows.find((row) => row.name === name);
  if (found?.complete === true) return found.entries;
  return { because: [missing(place, 'xt-recent', `which addresses are in list "${name}" is not known`)] };
}

const known = new WeakMap<NetNs, ReadonlySet<string>>();

/** The lists of which all rules mask addresses alike: the kernel goes by the rule that made the list. */
function masksOf(ns: NetNs): ReadonlySet<string> {
  const before = known.get(ns);
  if (before !== undefined) return before;
  const first = new Map<string, RecentMatch>();
  const other = new Set<string>();
  for (const data of ns.rulesets.flatMap(({ tables }) => tables.flatMap(({ chains }) => chains.flatMap(listsOf)))) {
    const one = first.get(data.list);
    if (one === undefined) first.set(data.list, data);
    else if (!sameIp(one.mask, data.mask) && !(isWhole(one) && isWhole(data))) other.add(data.list);
  }
  const alike = new Set([...first.keys()].filter((name) => !other.has(name)));
  known.set(ns, alike);
  return alike;
}

function isWhole({ mask }: RecentMatch): boolean {
  return sameIp(mask, maskOf(mask.family, bitsOf(mask.family)));
}

function listsOf({ rules }: Chain): readonly RecentMatch[] {
  const lists: RecentMatch[] = [];
  if (rules.lacks?.(0, 'recent', rules.length) === true) return lists;
  for (let at = 0; at < rules.length; at++) {
    if (rules.lacks?.(at, 'recent') === true) continue;
    for (const match of rules.at(at)?.matches ?? []) {
      const data = matchData(match, recent);
      if (data !== null) lists.push(data);
    }
  }
  return lists;
}
