/** The chain by which a hook comes to the rules of another one, or that no rule leads to: then what stands behind it is never asked. iptables(8), `-j CHAIN`. */
import type { Chain, Span, Table } from '@coldtrace/core';
import { rulesOf } from '../facts/table-rules.js';

export interface Entry {
  readonly chain: string;
  readonly span: Span | null;
  /** A rule of a built-in chain leads to it. */
  readonly led: boolean;
}

/** Of the way from a hook to the chain, its first user chain; null: the chain is a built-in one. */
export function entryTo(table: Table, name: string): Entry | null {
  const asked = new Set<string>();
  let unled: Chain | null = null;
  for (let wanted = [name]; wanted.length > 0; ) {
    const [next = '', ...rest] = wanted;
    wanted = rest;
    const chain = table.chains.find((one) => one.name === next);
    if (asked.has(next) || chain === undefined || chain.builtin) continue;
    asked.add(next);
    const callers = callersOf(table, next);
    if (callers.some(({ builtin }) => builtin)) return { chain: next, span: chain.span, led: true };
    if (callers.length === 0) unled = chain;
    wanted.push(...callers.map((caller) => caller.name));
  }
  return unled === null ? null : { chain: unled.name, span: unled.span, led: false };
}

function callersOf(table: Table, name: string): readonly Chain[] {
  return [...rulesOf(table, name)].flatMap(({ chain, rule: { target } }) =>
    target?.kind === 'jump' && target.chain === name ? [chain] : [],
  );
}
