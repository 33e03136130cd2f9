/** A ruleset while statements are read one after another: chains with their rules, tables known or not. */
import {
  type Chain,
  type Counters,
  type Family,
  isBuiltinChain,
  type Provenance,
  type Rule,
  type Ruleset,
  type Span,
  type Table,
  type XtablesVariant,
} from '@coldtrace/core';
import { inferTables } from './infer-table.js';

export interface DraftChain {
  readonly name: string;
  readonly rules: Rule[];
  policy: 'ACCEPT' | 'DROP' | null;
  counters: Counters | null;
  span: Span | null;
  /** Every rule of it is here: listed by itself, without a filter. */
  whole: boolean;
  /** The number of the rule before which the chain may have had others; null where the text shows it empty before the first. */
  gap: number | null;
}

export interface DraftTable {
  readonly chains: Map<string, DraftChain>;
  whole: boolean;
  span: Span | null;
}

export interface RulesetDraft {
  readonly family: Family;
  readonly variant: XtablesVariant | null;
  /** By name; `''` holds what no text places. */
  readonly tables: Map<string, DraftTable>;
}

export function newDraft(family: Family, variant: XtablesVariant | null): RulesetDraft {
  return { family, variant, tables: new Map() };
}

export function draftTable(draft: RulesetDraft, name: string): DraftTable {
  const known = draft.tables.get(name);
  if (known !== undefined) return known;
  const table: DraftTable = { chains: new Map(), whole: false, span: null };
  draft.tables.set(name, table);
  return table;
}

export function draftChain(table: DraftTable, name: string): DraftChain {
  const known = table.chains.get(name);
  if (known !== undefined) return known;
  const chain: DraftChain = { name, rules: [], policy: null, counters: null, span: null, whole: false, gap: 0 };
  table.chains.set(name, chain);
  return chain;
}

/** The finished ruleset; a table that was concluded from its rules says so. */
export function finishDraft(draft: RulesetDraft, source: Provenance): Ruleset {
  const known = [...draft.tables].filter(([name]) => name !== '').map(([name, table]) => tableOf(name, table, source));
  const loose = draft.tables.get('');
  const inferred = loose === undefined ? [] : placed(loose, draft.family, source);
  const tables: Table[] = [...known];
  for (const table of inferred) {
    const index = tables.findIndex((other) => other.name === table.name);
    const present = tables[index];
    if (present === undefined) tables.push(table);
    else tables[index] = { ...present, chains: besides(present.chains, table.chains) };
  }
  return { family: draft.family, variant: draft.variant, tables, complete: false, sources: [source] };
}

/** Chains of a table, with what text that names no table adds: rules of a chain that both show stand behind each other. */
function besides(chains: readonly Chain[], others: readonly Chain[]): readonly Chain[] {
  const byName = new Map(chains.map((chain) => [chain.name, chain]));
  for (const other of others) {
    const known = byName.get(other.name);
    if (known === undefined || !known.collected) byName.set(other.name, other);
    else if (other.collected)
      byName.set(other.name, { ...known, rules: [...rowsOf(known), ...rowsOf(other)], partial: true, gaps: [0] });
  }
  return [...byName.values()];
}

function rowsOf({ rules }: Chain): readonly Rule[] {
  return Array.from({ length: rules.length }, (_, at) => rules.at(at)).filter((rule) => rule !== undefined);
}

function placed(loose: DraftTable, family: Family, source: Provenance): readonly Table[] {
  const byTable = new Map<string, Map<string, DraftChain>>();
  const chains = inferTables([...loose.chains.values()], family);
  const tables = new Map<string, number>();
  for (const { name } of chains) tables.set(name, (tables.get(name) ?? 0) + 1);
  for (const { table, name, rules } of chains) {
    const own = byTable.get(table) ?? new Map<string, DraftChain>();
    const chain = draftChain(loose, name);
    // Of which of its tables a built-in chain's policy is, the text does not tell.
    const policy = tables.get(name) === 1 ? chain.policy : null;
    byTable.set(table, own.set(name, { ...chain, policy, rules: [...rules] }));
  }
  return [...byTable].map(([name, own]) => ({
    ...tableOf(name, { ...loose, chains: own, whole: false }, source),
    inferred: true,
  }));
}

function tableOf(name: string, table: DraftTable, source: Provenance): Table {
  const chains = [...table.chains.values()].map((chain) => chainOf(name, chain, table.whole));
  const known = new Set(chains.map((chain) => chain.name));
  const mentioned = chains.flatMap((chain) => jumpsOf(chain)).filter((target) => !known.has(target));
  const absent = [...new Set(mentioned)].map((target) => uncollected(name, target));
  return { name, chains: [...chains, ...absent], complete: table.whole, span: table.span ?? source.span };
}

function chainOf(table: string, chain: DraftChain, whole: boolean): Chain {
  const { name, policy, counters, rules, span, gap } = chain;
  const collected = whole || chain.whole || rules.length > 0;
  const base: Chain = { name, policy, builtin: isBuiltinChain(table, name), counters, rules, span, collected };
  if (whole || chain.whole || !collected) return base;
  return gap === null ? { ...base, partial: true } : { ...base, partial: true, gaps: [gap] };
}

function jumpsOf(chain: Chain): readonly string[] {
  const names: string[] = [];
  for (let index = 0; index < chain.rules.length; index++) {
    const target = chain.rules.at(index)?.target;
    if (target?.kind === 'jump') names.push(target.chain);
  }
  return names;
}

/** A jump leads there, and the text does not show it: not collected, which is not the same as empty. */
function uncollected(table: string, name: string): Chain {
  return {
    name,
    policy: null,
    builtin: isBuiltinChain(table, name),
    counters: null,
    rules: [],
    span: null,
    collected: false,
  };
}
