/** The shares that kube-proxy's chains give to each endpoint, read from the rules alone: for text that does not show how packets come to the chains. */
import {
  type Chain,
  comment,
  complement,
  dnat,
  type Fraction,
  fraction,
  matchData,
  one,
  plus,
  type Rule,
  statistic,
  type Table,
  targetData,
  times,
  zero,
} from '@coldtrace/core';

/** By the rule that translates; null: some rule on the way asks for more than chance. */
export function sharesOf(table: Table, entry: Rule): ReadonlyMap<Rule, Fraction> | null {
  const chains = new Map(table.chains.map((chain) => [chain.name, chain]));
  const shares = new Map<Rule, Fraction>();
  const first = entry.target?.kind === 'jump' ? chains.get(entry.target.chain) : undefined;
  return first !== undefined && share(chains, first, one, shares, 0) ? shares : null;
}

const deepest = 8;

/** False: what the chain does is not told by chance alone. */
function share(
  chains: ReadonlyMap<string, Chain>,
  { rules }: Chain,
  weight: Fraction,
  shares: Map<Rule, Fraction>,
  depth: number,
): boolean {
  let left = weight;
  for (let index = 0; index < rules.length && left.numerator > 0n; index++) {
    const rule = rules.at(index);
    if (rule === undefined || depth > deepest) return false;
    const next = rule.target?.kind === 'jump' ? chains.get(rule.target.chain) : undefined;
    const translates = targetData(rule.target, dnat) !== null;
    // Rules that mark packets, or lead nowhere that is known, take nothing away.
    if (!translates && (next === undefined || !leadsOn(chains, next, depth))) continue;
    const chance = chanceOf(rule);
    if (chance === null) return false;
    const taken = times(left, chance);
    left = times(left, complement(chance));
    if (translates) shares.set(rule, plus(shares.get(rule) ?? zero, taken));
    else if (next !== undefined && !share(chains, next, taken, shares, depth + 1)) return false;
  }
  return true;
}

/** Does the chain translate, or lead to one that does? */
function leadsOn(chains: ReadonlyMap<string, Chain>, { rules }: Chain, depth: number): boolean {
  if (depth > deepest) return false;
  for (let index = 0; index < rules.length; index++) {
    const target = rules.at(index)?.target ?? null;
    if (targetData(target, dnat) !== null) return true;
    const next = target?.kind === 'jump' ? chains.get(target.chain) : undefined;
    if (next !== undefined && leadsOn(chains, next, depth + 1)) return true;
  }
  return false;
}

/** The kernel draws 31 random bits. */
const draws = 0x80000000;
const harmless: ReadonlySet<string> = new Set(['comment', 'tcp', 'udp', 'statistic']);

/** One where the rule takes everything; null where it asks for something else. */
function chanceOf({ matches, header }: Rule): Fraction | null {
  if (header.src !== null || header.iif !== null || header.oif !== null) return null;
  let chance = one;
  for (const match of matches) {
    if (!harmless.has(match.name)) return null;
    if (match.name !== 'statistic') continue;
    const data = matchData(match, statistic);
    if (data === null || data.mode !== 'random') return null;
    const share = fraction(data.threshold, draws);
    chance = times(chance, data.invert ? complement(share) : share);
  }
  return chance;
}

/** kube-proxy's comment names the Service: `default/kubernetes:https cluster IP`. */
export function serviceNameOf({ matches }: Rule): string | null {
  for (const match of matches) {
    const name = /^([^\s:/]+\/[^\s:/]+)(?::\S*)?(?: |$)/.exec(matchData(match, comment)?.comment ?? '')?.[1];
    if (name !== undefined) return name;
  }
  return null;
}
