/** The policies at the head of what `iptables -S` prints name the built-in chains of one table, and so the table. iptables(8) -S. */
import { builtinChains, type TableName, tableNames } from '@coldtrace/core';
import type { Statement } from './statements.js';

/** undefined: no listing begins at this statement; null: one begins, and its policies fit no table. */
export function tableOfListing(list: readonly Statement[], at: number): TableName | null | undefined {
  if (policyOf(list[at]) === null || policyOf(list[at - 1]) !== null) return undefined;
  const chains = new Set<string>();
  for (let next = at; ; next++) {
    const chain = policyOf(list[next]);
    if (chain === null) break;
    chains.add(chain);
  }
  return tableNames.find((table) => holds(table, chains)) ?? null;
}

/** Table nat had no INPUT before Linux 2.6.36. */
function holds(table: TableName, chains: ReadonlySet<string>): boolean {
  const own: readonly string[] = builtinChains[table];
  const lacks = own.filter((chain) => !chains.has(chain));
  const former = table === 'nat' && lacks.join() === 'INPUT';
  return chains.size === own.length - lacks.length && (lacks.length === 0 || former);
}

function policyOf(statement: Statement | undefined): string | null {
  const [command, chain = null, policy] = statement?.words.text ?? [];
  return command === '-P' && policy !== undefined ? chain : null;
}
