/** Whole rulesets as iptables-save prints them, without counters and `#` lines. */
import type { Chain, Ruleset, Table, XtablesVariant } from '../snapshot/xtables.js';
import { printRule } from './print-rule.js';

/** Every table in the order it stands in; each ends with COMMIT. */
export function printTables(ruleset: Ruleset, variant: XtablesVariant): string {
  return ruleset.tables.map((table) => printTable(table, ruleset, variant)).join('');
}

/** One table, from `*NAME` to `COMMIT`, with line feeds. Chains that the input only mentions are left out; counters of chains are printed as 0. */
export function printTable(table: Table, ruleset: Ruleset, variant: XtablesVariant): string {
  const lines = [`*${table.name}`];
  const chains = table.chains.filter((chain) => chain.collected || chain.span !== null);
  for (const chain of chains) lines.push(`:${chain.name} ${policyOf(chain)} [0:0]`);
  for (const chain of chains) {
    for (let index = 0; index < chain.rules.length; index++) {
      const rule = chain.rules.at(index);
      if (rule !== undefined) lines.push(printRule(rule, chain.name, ruleset.family, variant));
    }
  }
  return `${lines.join('\n')}\nCOMMIT\n`;
}

/** A built-in chain whose policy was not captured prints the policy it starts with. */
function policyOf(chain: Chain): string {
  return chain.policy ?? (chain.builtin ? 'ACCEPT' : '-');
}
