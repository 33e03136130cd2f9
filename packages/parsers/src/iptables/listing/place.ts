/** Which table a listing shows: the command, the file's name, a heading, the built-in chains, or at last what the rules hold. iptables(8). */
import { type Family, isBuiltinChain, type Rule } from '@coldtrace/core';
import { inferTables } from '../infer-table.js';
import { type Block, type ListedChain, tableOfChains } from './blocks.js';
import type { Invocation } from './invocation.js';

export interface Placed {
  readonly table: string;
  /** Concluded, not read. */
  readonly inferred: boolean;
  /** Every rule of the table is here. */
  readonly whole: boolean;
}

/** `before`: the tables that the same text has shown so far. */
export function placeBlock(
  block: Block,
  rules: ReadonlyMap<ListedChain, readonly Rule[]>,
  family: Family,
  invocation: Invocation,
  before: readonly string[],
): Placed {
  const byChains = tableOfChains(block);
  const said = block.table ?? saidTable(block, invocation, before);
  const whole = byChains !== null && invocation.chain === null && !invocation.filtered;
  if (said !== null) return { table: said, inferred: false, whole: whole && fits(block, said) };
  if (byChains === null) return { table: inferred(block, rules, family), inferred: true, whole: false };
  // A text that goes through all tables comes to `security` after `filter`, which has the same chains.
  const security = byChains === 'filter' && before.includes('filter') && before.length > 1;
  return { table: security ? 'security' : byChains, inferred: true, whole };
}

function saidTable(block: Block, { table }: Invocation, before: readonly string[]): string | null {
  return table !== null && fits(block, table) && (before.length === 0 || !before.includes(table)) ? table : null;
}

const builtin = /^(?:PREROUTING|INPUT|FORWARD|OUTPUT|POSTROUTING)$/;

function fits(block: Block, table: string): boolean {
  return [...block.names].every((name) => !builtin.test(name) || isBuiltinChain(table, name));
}

function inferred(block: Block, rules: ReadonlyMap<ListedChain, readonly Rule[]>, family: Family): string {
  const chains = block.chains.map((chain) => ({ name: chain.head.name, rules: rules.get(chain) ?? [] }));
  const votes = new Map<string, number>();
  for (const { table } of inferTables(chains, family)) votes.set(table, (votes.get(table) ?? 0) + 1);
  // `filter` is also what stands for "nothing tells".
  votes.delete('filter');
  const [best] = [...votes].sort(([, left], [, right]) => right - left);
  return best?.[0] ?? 'filter';
}
