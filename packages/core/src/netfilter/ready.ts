/**
 * The chains of a table as a walk goes through them: what each rule asks and where it jumps is looked up when the first packet meets it, not for every
 * packet. It only remembers; what a rule means is said by `questions.ts` and `walk-target.ts`.
 */
import type { Family } from '../inet/ip.js';
import type { Chain, JumpTarget, Rule, Table } from '../snapshot/xtables.js';
import type { RuleNode } from './link/rule-tree.js';
import { type Questions, questionsOf } from './questions.js';

export interface ReadyRule {
  readonly rule: Rule;
  readonly questions: Questions;
  /** Where its jump leads, once a packet has taken it; null: there is no such chain. */
  leadsTo: ReadyChain | null | undefined;
}

export interface ReadyChain {
  readonly chain: Chain;
  readonly length: number;
  /** By index; made when first asked for. */
  readonly rules: (ReadyRule | undefined)[];
  readonly table: ReadyTable;
  /** The index over its rules, once `link` has made one. */
  tree: RuleNode | null;
}

export interface ReadyTable {
  readonly family: Family;
  readonly byName: ReadonlyMap<string, Chain>;
  /** Those that were asked for by name; null: there is none. */
  readonly asked: Map<string, ReadyChain | null>;
}

const known = { 4: new WeakMap<Table, ReadyTable>(), 6: new WeakMap<Table, ReadyTable>() };

export function readyTable(table: Table, family: Family): ReadyTable {
  let ready = known[family].get(table);
  if (ready === undefined) {
    ready = { family, byName: chainsByName(table), asked: new Map() };
    known[family].set(table, ready);
  }
  return ready;
}

/** null: the table shows no chain of that name. */
export function readyChain(table: ReadyTable, name: string): ReadyChain | null {
  const known = table.asked.get(name);
  if (known !== undefined) return known;
  const chain = table.byName.get(name);
  const ready = chain === undefined ? null : entered(table, chain);
  table.asked.set(name, ready);
  return ready;
}

/** The list has its length from the beginning, so that all lists are of one kind. */
function entered(table: ReadyTable, chain: Chain): ReadyChain {
  const { length } = chain.rules;
  return { chain, length, rules: new Array<ReadyRule | undefined>(length), table, tree: null };
}

export function readyRule({ chain, rules, table }: ReadyChain, index: number): ReadyRule | undefined {
  const ready = rules[index];
  if (ready !== undefined) return ready;
  const rule = chain.rules.at(index);
  if (rule === undefined) return undefined;
  const made: ReadyRule = { rule, questions: questionsOf(rule, table.family), leadsTo: undefined };
  rules[index] = made;
  return made;
}

/** Where a rule of the table jumps; null: the table shows no chain of that name. */
export function leadsTo(ready: ReadyRule, { chain: name }: JumpTarget, table: ReadyTable): ReadyChain | null {
  if (ready.leadsTo === undefined) ready.leadsTo = readyChain(table, name);
  return ready.leadsTo;
}

const chainIndexes = new WeakMap<Table, ReadonlyMap<string, Chain>>();

export function chainsByName(table: Table): ReadonlyMap<string, Chain> {
  let index = chainIndexes.get(table);
  if (index === undefined) {
    const made = new Map<string, Chain>();
    for (const chain of table.chains) made.set(chain.name, chain);
    index = made;
    chainIndexes.set(table, index);
  }
  return index;
}
