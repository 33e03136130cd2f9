/** Addresses that nobody holds and that rules make others of, as those of Services are. iptables-extensions(8) DNAT, REDIRECT, NETMAP. */
import { type Family, type Ip, ipKey } from '../inet/ip.js';
import { bitsOf, maskLength } from '../inet/mask.js';
import type { Rows, Rule, Table, Target } from '../snapshot/xtables.js';
import { type Place, rulesetsOf } from './place.js';
import { oncePerPlaces } from './places.js';

const answers = oncePerPlaces(() => new Map<string | number, Place | null>());

/** A rule for one address, and where it stands: kube-proxy writes the same chains to every node. */
interface Entry {
  readonly rule: Rule;
  readonly holders: readonly Holder[];
}

interface Holder {
  readonly place: Place;
  readonly table: Table;
}

const entriesOf = {
  4: oncePerPlaces((places) => entriesByAddress(places, 4)),
  6: oncePerPlaces((places) => entriesByAddress(places, 6)),
};

/** The first namespace that sends what is for this one address elsewhere. */
export function translatorOf(places: readonly Place[], ip: Ip): Place | null {
  const known = answers(places);
  const before = known.get(ipKey(ip));
  if (before !== undefined) return before;
  let found: Place | null = null;
  for (const { rule, holders } of entriesOf[ip.family](places).get(ipKey(ip)) ?? [])
    found ??= holders.find(({ table }) => leadsElsewhere(table, rule.target, new Set()))?.place ?? null;
  known.set(ipKey(ip), found);
  return found;
}

function entriesByAddress(places: readonly Place[], family: Family): ReadonlyMap<string | number, readonly Entry[]> {
  const found = new Map<string | number, Entry[]>();
  for (const { rules, holders } of sharedChains(places, family)) {
    for (let at = 0; at < rules.length; at++) {
      const rule = namesNone(rules, at, at + 1) ? undefined : rules.at(at);
      const ip = rule === undefined ? null : oneAddress(rule);
      if (rule === undefined || ip === null) continue;
      const same = found.get(ipKey(ip));
      if (same === undefined) found.set(ipKey(ip), [{ rule, holders }]);
      else same.push({ rule, holders });
    }
  }
  return found;
}

interface SharedChain {
  readonly rules: Rows<Rule>;
  readonly holders: Holder[];
}

/** Beyond so many kinds of a chain of one name, each node has its own. */
const mostKinds = 4;

/** What is true of a cluster so many of its nodes show: an answer that rests on nobody's translating names that anyhow. */
const mostPlaces = 16;

/** Those that name a destination at all. */
function sharedChains(places: readonly Place[], family: Family): readonly SharedChain[] {
  const byName = new Map<string, SharedChain[]>();
  const translating = places.filter((place) => rulesetsOf(place, family).length > 0);
  for (const place of translating.slice(0, mostPlaces))
    for (const { tables } of rulesetsOf(place, family))
      for (const table of tables) {
        if (table.name !== 'nat') continue;
        for (const { name, rules } of table.chains) {
          if (rules.length === 0 || namesNone(rules, 0, rules.length)) continue;
          const kinds = byName.get(name) ?? [];
          byName.set(name, kinds);
          const like = kinds.slice(-mostKinds).find((one) => one.rules.isLike?.(rules) === true);
          if (like !== undefined) like.holders.push({ place, table });
          else kinds.push({ rules, holders: [{ place, table }] });
        }
      }
  return [...byName.values()].flat();
}

/** `-d`, `--dst`, `--destination`: one word, since each that a text lacks is looked for to its end. */
function namesNone(rules: Rows<Rule>, from: number, to: number): boolean {
  return rules.lacks?.(from, '-d', to) === true;
}

function oneAddress({ header: { dst } }: Rule): Ip | null {
  if (dst === null || dst.invert) return null;
  const { ip, mask } = dst.masked;
  return maskLength(mask) === bitsOf(ip.family) ? ip : null;
}

const changing: ReadonlySet<string> = new Set(['DNAT', 'REDIRECT', 'NETMAP']);

function leadsElsewhere(table: Table, target: Target | null, seen: Set<string>): boolean {
  if (target?.kind === 'known') return changing.has(target.name);
  if (target?.kind !== 'jump' || seen.has(target.chain)) return false;
  seen.add(target.chain);
  const rules = table.chains.find(({ name }) => name === target.chain)?.rules;
  for (let at = 0; at < (rules?.length ?? 0); at++)
    if (leadsElsewhere(table, rules?.at(at)?.target ?? null, seen)) return true;
  return false;
}
