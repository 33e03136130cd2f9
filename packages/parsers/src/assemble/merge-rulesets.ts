/** One ruleset per family and variant: the best whole dump of each table, else what fragments together show. iptables(8). */
import {
  type Chain,
  type Family,
  type Provenance,
  printRule,
  type Rule,
  type Ruleset,
  type Table,
  type XtablesVariant,
} from '@coldtrace/core';

/** `-save` loses nothing, `-S` only counters, `-L` names and interfaces. */
function losslessness(source: Provenance | undefined): number {
  const format = source?.format ?? '';
  if (format.includes('save')) return 2;
  return /list|-L/.test(format) ? 0 : 1;
}

export function mergeRulesets(rulesets: readonly Ruleset[]): readonly Ruleset[] {
  const merged: Ruleset[] = [];
  for (const family of [4, 6] as const) {
    const mine = withEmptiesNamed(rulesets.filter((ruleset) => ruleset.family === family));
    const variants = variantsOf(mine);
    // What does not say its variant belongs to the only one there is.
    const [sole] = variants.length === 1 ? variants : [];
    const groups: readonly (XtablesVariant | null)[] = [...variants, ...(sole === undefined ? [null] : [])];
    for (const variant of groups) {
      const group = mine.filter((one) => one.variant === variant || (one.variant === null && variant === sole));
      if (group.length > 0) merged.push(mergeGroup(group, family, variant));
    }
    const unasked = variantNotAsked(mine);
    if (unasked !== null) merged.push({ family, variant: unasked, tables: [], complete: false, sources: [] });
  }
  return merged;
}

/** `iptables-legacy-save` prints nothing: that this variant has no rules says nothing of the other, of which there is no dump. */
function variantNotAsked(rulesets: readonly Ruleset[]): XtablesVariant | null {
  const [first] = rulesets;
  if (first === undefined || first.variant === null) return null;
  if (rulesets.some(({ variant, tables }) => variant !== first.variant || tables.length > 0)) return null;
  return first.variant === 'legacy' ? 'nft' : 'legacy';
}

const variantsOf = (rulesets: readonly Ruleset[]) =>
  (['legacy', 'nft'] as const).filter((variant) => rulesets.some((one) => one.variant === variant));

/** A dump without a table has no header to say its variant. Beside one that has rules it is that of the other tool: it does not say that those are gone. */
function withEmptiesNamed(rulesets: readonly Ruleset[]): readonly Ruleset[] {
  const [sole, another] = variantsOf(rulesets);
  if (sole === undefined || another !== undefined) return rulesets;
  const commands = new Set(rulesets.filter(({ variant }) => variant === sole).flatMap(commandsOf));
  return rulesets.map((one) => {
    const isOther =
      one.variant === null &&
      one.complete &&
      one.tables.length === 0 &&
      !commandsOf(one).some((command) => commands.has(command));
    return isOther ? { ...one, variant: sole === 'legacy' ? 'nft' : 'legacy' } : one;
  });
}

const commandsOf = ({ sources }: Ruleset) => sources.flatMap(({ command }) => command ?? []);

function mergeGroup(group: readonly Ruleset[], family: Family, variant: XtablesVariant | null): Ruleset {
  const [only] = group;
  if (only !== undefined && group.length === 1) return only.variant === variant ? only : { ...only, variant };
  const ranked = [...group].sort((left, right) => rank(right) - rank(left) || takenAt(right) - takenAt(left));
  const best = ranked[0];
  const tables: Table[] = [];
  for (const [name, [first, ...others]] of tablesByName(ranked)) {
    // A table that the best whole dump lacks was empty then, but a file may be called after more than it holds.
    if (best?.complete === true && !best.tables.some((table) => table.name === name) && !hasRules(name, ranked, best))
      continue;
    const whole = [first, ...others].find((table) => table.complete);
    tables.push(whole ?? joinTables(first, others, family, variant ?? 'legacy'));
  }
  const sources = ranked.flatMap((ruleset) => ruleset.sources);
  return { family, variant, tables, complete: best?.complete === true, sources };
}

/** Whether a dump shows rules of the table that the whole one does not say, by its time, to be gone. */
function hasRules(name: string, rulesets: readonly Ruleset[], whole: Ruleset): boolean {
  return rulesets.some((ruleset) => {
    const [earlier, later] = [takenAt(ruleset), takenAt(whole)];
    const table = ruleset.tables.find((one) => one.name === name);
    const emptied = earlier > 0 && earlier < later;
    return !emptied && table !== undefined && table.chains.some((chain) => chain.rules.length > 0);
  });
}

function tablesByName(rulesets: readonly Ruleset[]): ReadonlyMap<string, [Table, ...Table[]]> {
  const tables = new Map<string, [Table, ...Table[]]>();
  for (const table of rulesets.flatMap((ruleset) => ruleset.tables)) {
    const known = tables.get(table.name);
    if (known === undefined) tables.set(table.name, [table]);
    else known.push(table);
  }
  return tables;
}

function rank(ruleset: Ruleset): number {
  return (ruleset.complete ? 10 : 0) + losslessness(ruleset.sources[0]);
}

function takenAt(ruleset: Ruleset): number {
  return ruleset.sources[0]?.takenAt ?? 0;
}

/** Fragments of one table: chains by name, each as its fullest fragment shows it plus what others add. */
function joinTables(first: Table, others: readonly Table[], family: Family, variant: XtablesVariant): Table {
  if (others.length === 0) return first;
  const candidates = [first, ...others];
  const byName = new Map<string, Chain>();
  for (const table of candidates) {
    for (const chain of table.chains) {
      const present = byName.get(chain.name);
      byName.set(chain.name, present === undefined ? chain : joinChains(present, chain, family, variant));
    }
  }
  const inferred = candidates.every((table) => table.inferred === true);
  const unread = candidates.flatMap((table) => table.unread ?? []);
  const joined: Table = {
    name: first.name,
    chains: [...byName.values()],
    complete: false,
    span: first.span,
    ...(unread.length > 0 ? { unread } : {}),
  };
  return inferred ? { ...joined, inferred } : joined;
}

function joinChains(left: Chain, right: Chain, family: Family, variant: XtablesVariant): Chain {
  const head = {
    policy: left.policy ?? right.policy,
    counters: left.counters ?? right.counters,
    span: left.span ?? right.span,
    collected: left.collected || right.collected,
  };
  if (right.rules.length === 0 || !right.collected) return { ...left, ...head };
  if (left.rules.length === 0 || !left.collected) return { ...right, ...head };
  const whole = [left, right].find((chain) => chain.partial !== true);
  if (whole !== undefined) return { ...whole, ...head };
  const [full, part] = right.rules.length > left.rules.length ? [right, left] : [left, right];
  const rules = rulesOf(full);
  const known = new Set(rules.map((rule) => printRule(rule, full.name, family, variant)));
  const more = rulesOf(part).filter((rule) => !known.has(printRule(rule, part.name, family, variant)));
  // In what order the rules of both stand, neither tells.
  return more.length === 0 ? { ...full, ...head } : { ...full, ...head, rules: [...rules, ...more], gaps: [0] };
}

function rulesOf(chain: Chain): readonly Rule[] {
  const rules: Rule[] = [];
  for (let at = 0; at < chain.rules.length; at++) {
    const rule = chain.rules.at(at);
    if (rule !== undefined) rules.push(rule);
  }
  return rules;
}
