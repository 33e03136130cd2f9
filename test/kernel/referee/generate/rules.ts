/** A random ruleset over all tables, with user chains several deep. iptables(8). */
import { builtinChains, type TableName } from '@coldtrace/core';
import type { Prng } from '../../../bench/prng.js';
import type { Line } from '../case.js';
import { moreMatches } from './more-matches.js';
import type { Pool } from './pool.js';
import { headerPart, matchPart, protoPart, type RulePlace } from './rule-parts.js';
import { targetPart } from './rule-targets.js';
import type { SetMade } from './sets.js';

export interface RulesTaste {
  readonly variant: 'legacy' | 'nft';
  readonly tables: readonly TableName[];
  readonly sets: readonly SetMade[];
  /** No rule that needs conntrack: fragments then pass as they are. */
  readonly untracked: boolean;
  /** Matches of every kind, not only those that are common. */
  readonly more: boolean;
}

export function ruleLines(pool: Pool, taste: RulesTaste, random: Prng): readonly Line[] {
  return taste.tables.flatMap((table) => tableLines(pool, taste, table, random));
}

function tableLines(pool: Pool, taste: RulesTaste, table: TableName, random: Prng): readonly Line[] {
  const { variant: tool, sets } = taste;
  const lines: Line[] = [];
  const hooks = builtinChains[table];
  const chains = hooks.flatMap((hook) => chainsOf(hook, random).map((name) => ({ hook, name })));
  for (const hook of hooks) {
    if (table !== 'nat' && random.chance(0.05)) lines.push({ tool, table, text: `:${hook} DROP [0:0]` });
  }
  lines.push(...chains.map(({ name }): Line => ({ tool, table, text: `:${name} - [0:0]` })));
  for (const hook of hooks) {
    const place: RulePlace = { pool, table, hooks: [hook], sets, random };
    const own = chains.filter((chain) => chain.hook === hook).map(({ name }) => name);
    lines.push(...chainRules(place, hook, own, taste));
    own.forEach((chain, at) => {
      lines.push(...chainRules(place, chain, own.slice(at + 1), taste));
    });
  }
  return lines.filter(({ text }) => !taste.untracked || !/conntrack|state|connmark|CONNMARK|NOTRACK|CT /.test(text));
}

/** Names by hook, so that a chain is reached from one hook and may use what that hook allows. */
function chainsOf(hook: string, random: Prng): readonly string[] {
  return Array.from({ length: random.below(4) }, (_, at) => `${hook.slice(0, 4)}-${at}`);
}

function chainRules(
  place: RulePlace,
  chain: string,
  deeper: readonly string[],
  { variant: tool, more }: RulesTaste,
): readonly Line[] {
  const { random, table } = place;
  return Array.from({ length: 1 + random.below(6) }, (): Line => {
    const { proto, words } = protoPart(place);
    const matches = Array.from({ length: random.pick([0, 0, 1, 1, 2]) }, () =>
      more && random.chance(0.4) ? moreMatches(place, proto) : matchPart(place, proto),
    );
    const target = targetPart(place, proto, deeper);
    const parts = [`-A ${chain}`, headerPart(place), words, ...matches, target];
    return { tool, table, text: parts.filter((part) => part !== '').join(' ') };
  });
}
