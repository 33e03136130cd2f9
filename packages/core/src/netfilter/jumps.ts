/** Which chains the rules of one chain jump to, and which chains of a table nobody enters. net/ipv4/netfilter/ip_tables.c. */
import type { Chain, Rows, Rule, Table } from '../snapshot/xtables.js';

/** Rules do not change, so each list is looked through once. */
const known = new WeakMap<Rows<Rule>, ReadonlySet<string>>();

export function jumpsOf({ rules }: Pick<Chain, 'rules'>): ReadonlySet<string> {
  const before = known.get(rules);
  if (before !== undefined) return before;
  const names = new Set<string>();
  for (let at = 0; at < rules.length; at++) {
    const target = rules.at(at)?.target;
    if (target?.kind === 'jump') names.add(target.chain);
  }
  known.set(rules, names);
  return names;
}

const stranded = new WeakMap<Table, Chain | null>();

/** The first chain with rules that no captured rule of the table leads to: those that lead there are missing, and maybe with the chains that hold them. */
export function strandedChain(table: Table): Chain | null {
  let found = stranded.get(table);
  if (found === undefined) {
    const { chains } = table;
    const entered = new Set(chains.flatMap((chain) => [...jumpsOf(chain)]));
    found = chains.find(({ name, builtin, rules }) => !builtin && rules.length > 0 && !entered.has(name)) ?? null;
    stranded.set(table, found);
  }
  return found;
}
