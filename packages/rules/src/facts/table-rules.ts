/** Reading the rules of one table of a namespace, whichever variant holds them. */
import type { Chain, Family, NetNs, Rows, Rule, Ruleset, Table } from '@coldtrace/core';

export interface PlacedRule {
  readonly chain: Chain;
  readonly rule: Rule;
  /** From 0. */
  readonly index: number;
}

export function tablesNamed(
  ns: NetNs,
  family: Family,
  name: string,
): readonly { readonly ruleset: Ruleset; readonly table: Table }[] {
  return ns.rulesets
    .filter((ruleset) => ruleset.family === family)
    .flatMap((ruleset) => ruleset.tables.filter((table) => table.name === name).map((table) => ({ ruleset, table })));
}

/** `words`: only rules whose text may hold one of them; the others are not even read. */
export function* rulesOf(table: Table, ...words: readonly string[]): Generator<PlacedRule> {
  for (const chain of table.chains)
    if (!lacksAll(chain.rules, words, 0, chain.rules.length)) yield* placed(chain, words);
}

export function* rulesOfChain(chain: Chain, ...words: readonly string[]): Generator<PlacedRule> {
  if (!lacksAll(chain.rules, words, 0, chain.rules.length)) yield* placed(chain, words);
}

function* placed(chain: Chain, words: readonly string[]): Generator<PlacedRule> {
  const { rules } = chain;
  for (let index = 0; index < rules.length; index++) {
    if (lacksAll(rules, words, index, index + 1)) continue;
    const rule = rules.at(index);
    if (rule !== undefined) yield { chain, rule, index };
  }
}

function lacksAll(rules: Rows<Rule>, words: readonly string[], from: number, to: number): boolean {
  for (const word of words) if (rules.lacks?.(from, word, to) !== true) return false;
  return words.length > 0;
}

/** Does the snapshot hold every rule of the table, so that what it lacks is not there? */
export function isWhole(ns: NetNs, family: Family, name: string): boolean {
  const rulesets = ns.rulesets.filter((ruleset) => ruleset.family === family);
  // Rules that are known to be there and not which, or nothing of the variant that these tools may be (assemble/merge-rulesets.ts).
  const isOpen = rulesets.some(
    ({ complete, tables }) =>
      (!complete && tables.length === 0) || tables.some((table) => table.name === name && table.unread !== undefined),
  );
  return (
    !isOpen &&
    rulesets.some(
      (ruleset) => ruleset.complete || ruleset.tables.some((table) => table.name === name && table.complete),
    )
  );
}
