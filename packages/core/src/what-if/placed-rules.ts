/**
 * Matches and targets that work in some hooks only, and the built-in chains from which a packet may come to them. The kernel looks at all of them whenever a
 * rule is added. net/netfilter/x_tables.c xt_check_target, net/ipv4/netfilter/ip_tables.c mark_source_chains, net/netfilter/nft_compat.c.
 */
import type { Family } from '../inet/ip.js';
import type { Hook } from '../netfilter/hook.js';
import { findMatch, findTarget } from '../netfilter/registry.js';
import type { Chain, Rows, Rule, Ruleset, Table, XtablesVariant } from '../snapshot/xtables.js';

type Hooks = readonly Hook[];

interface Reach {
  readonly jumps: ReadonlySet<string>;
  /** Each of them must have the hook. */
  readonly limits: ReadonlySet<Hooks>;
}

/** Rules do not change, so each list is looked through once. */
const known = { legacy: new WeakMap<Rows<Rule>, Reach>(), nft: new WeakMap<Rows<Rule>, Reach>() };

function reachOf({ rules }: Pick<Chain, 'rules'>, family: Family, variant: XtablesVariant): Reach {
  const before = known[variant].get(rules);
  if (before !== undefined) return before;
  const jumps = new Set<string>();
  const limits = new Set<Hooks>();
  for (let at = 0; at < rules.length; at++) {
    const rule = rules.at(at);
    if (rule === undefined) continue;
    if (rule.target?.kind === 'jump') jumps.add(rule.target.chain);
    for (const hooks of limitsOf(rule, family)) limits.add(hooks);
    if (variant === 'legacy' && isLast(rule)) break;
  }
  const made = { jumps, limits };
  known[variant].set(rules, made);
  return made;
}

function limitsOf({ matches, target }: Rule, family: Family): readonly Hooks[] {
  const named =
    target?.kind === 'known' || target?.kind === 'opaque' ? findTarget(target.name, family)?.hooks : undefined;
  return [named, ...matches.map(({ name }) => findMatch(name, family)?.hooks)].filter((hooks) => hooks !== undefined);
}

/** Behind a verdict for every packet legacy looks at no rule. */
function isLast({ header, matches, target }: Rule): boolean {
  return target?.kind === 'standard' && matches.length === 0 && Object.values(header).every((part) => part === null);
}

/** After rules were added to `changed`: does a built-in chain that leads there lead to one that does not work in it? */
export function isMisplaced(ruleset: Ruleset, table: Table, changed: string, added: readonly Rule[]): boolean {
  const { family } = ruleset;
  const variant = ruleset.variant ?? 'legacy';
  if (added.every((rule) => rule.target?.kind !== 'jump' && limitsOf(rule, family).length === 0)) return false;
  const byName = new Map(table.chains.map((chain) => [chain.name, chain]));
  return table.chains.some((start) => {
    if (!start.builtin) return false;
    const reached = new Set([start.name]);
    let works = true;
    for (const name of reached) {
      const chain = byName.get(name);
      if (chain === undefined) continue;
      const { jumps, limits } = reachOf(chain, family, variant);
      for (const jump of jumps) reached.add(jump);
      for (const hooks of limits) works &&= hooks.some((hook) => hook === start.name);
    }
    return !works && reached.has(changed);
  });
}
