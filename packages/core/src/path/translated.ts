/** Addresses that nobody holds and that rules make others of, as those of Services are. iptables-extensions(8) DNAT, REDIRECT, NETMAP. */
import { type Ip, ipKey, sameIp } from '../inet/ip.js';
import { formatIp } from '../inet/ip-text.js';
import { bitsOf, maskLength } from '../inet/mask.js';
import type { Chain, Rule, Table, Target } from '../snapshot/xtables.js';
import { type Place, rulesetsOf } from './place.js';
import { oncePerPlaces } from './places.js';

const answers = oncePerPlaces(() => new Map<string | number, Place | null>());

/** The first namespace that sends what is for this one address elsewhere. */
export function translatorOf(places: readonly Place[], ip: Ip): Place | null {
  const known = answers(places);
  const before = known.get(ipKey(ip));
  if (before !== undefined) return before;
  const found = places.find((place) => translates(place, ip)) ?? null;
  known.set(ipKey(ip), found);
  return found;
}

function translates(place: Place, ip: Ip): boolean {
  return rulesetsOf(place, ip.family).some(({ tables }) =>
    tables.some((table) => table.name === 'nat' && table.chains.some((chain) => chainTranslates(table, chain, ip))),
  );
}

/** Most chains do not name the address, which their text tells. */
function chainTranslates(table: Table, { rules }: Chain, ip: Ip): boolean {
  const word = formatIp(ip);
  if (rules.lacks?.(0, word, rules.length) === true) return false;
  for (let at = 0; at < rules.length; at++) {
    if (rules.lacks?.(at, word) === true) continue;
    const rule = rules.at(at);
    if (rule !== undefined && isFor(rule, ip) && leadsElsewhere(table, rule.target, new Set())) return true;
  }
  return false;
}

function isFor({ header: { dst } }: Rule, ip: Ip): boolean {
  return dst !== null && !dst.invert && maskLength(dst.masked.mask) === bitsOf(ip.family) && sameIp(dst.masked.ip, ip);
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
