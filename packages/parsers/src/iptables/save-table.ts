/** One table of a dump while its lines are read, and what becomes of it: chains whose rules are read when somebody asks. */
import { type Chain, type Diagnostic, isBuiltinChain, OPAQUE } from '@coldtrace/core';
import { kindOfLine } from './familiar-lines.js';
import { repeatRows } from './repeat-rows.js';
import { lineEnd, readAppendLine, ruleRows } from './rule-rows.js';
import type { RuleContext, RuleReading } from './rule-spec.js';

export interface OpenChain {
  readonly name: string;
  readonly policy: 'ACCEPT' | 'DROP' | null;
  readonly counters: Chain['counters'];
  readonly start: number;
  readonly end: number;
  readonly declared: boolean;
  /** Place in the table's order. */
  readonly index: number;
  count: number;
}

export interface OpenTable {
  readonly name: string;
  readonly start: number;
  readonly chains: Map<string, OpenChain>;
  readonly order: OpenChain[];
  /** Line offsets of the rules in order, and the chain of each as index into `order`. */
  readonly offsets: number[];
  readonly owners: number[];
  /** Ledger index of each rule's line. */
  readonly lines: number[];
  /** A line among its rules is nothing that the tools print. */
  damaged: boolean;
}

/** Where the check of a table's rules leaves what it finds. */
export interface Findings {
  readonly diagnostics: Diagnostic[];
  readonly ledger: Uint8Array;
}

export function newTable(name: string, start: number): OpenTable {
  return { name, start, chains: new Map(), order: [], offsets: [], owners: [], lines: [], damaged: false };
}

const none = { packets: 0, bytes: 0 };

/** Most chains of a dump without -c count nothing: they share one object. */
export function sharedCounters(counters: Chain['counters']): Chain['counters'] {
  return counters !== null && counters.packets === 0 && counters.bytes === 0 ? none : counters;
}

export function addChain(table: OpenTable, chain: OpenChain): void {
  if (table.chains.has(chain.name)) return;
  table.chains.set(chain.name, chain);
  table.order.push(chain);
}

/** Reads the rules once for their diagnostics and their states, one of each kind; the rows read a rule again when somebody asks. */
export function checkRules(table: OpenTable, cx: RuleContext, state: Findings): void {
  const text = cx.source;
  const familiar = new Set<string>();
  const uneven = new Map<number, number>();
  const isChain = (name: string) => table.chains.has(name);
  for (let index = 0; index < table.offsets.length; index++) {
    const start = table.offsets[index] ?? 0;
    const end = lineEnd(text, start);
    const kind = cx.family === 4 ? kindOfLine(text, specStart(text, start, end), end, isChain) : null;
    // Where a target may stand depends on the built-in chain.
    const chain = table.order[table.owners[index] ?? 0]?.name ?? '';
    const key = kind === null ? null : isBuiltinChain(table.name, chain) ? `${chain} ${kind}` : kind;
    if (key !== null && familiar.has(key)) continue;
    const reading = readAppendLine(start, end, cx);
    for (const diagnostic of reading.diagnostics) state.diagnostics.push(diagnostic);
    if (lostTarget(reading)) table.damaged = true;
    if (!reading.modelled) state.ledger[table.lines[index] ?? 0] = OPAQUE;
    else if (key !== null && reading.diagnostics.length === 0 && reading.rules.length === 1) familiar.add(key);
    if (reading.rules.length !== 1) uneven.set(index, reading.rules.length);
  }
  if (uneven.size > 0) repeatRows(table, uneven);
}

/** `--ctstate RELATED,-j ACCEPT`: a word that belongs to nothing, in a rule that does nothing as it stands. */
function lostTarget({ rules, problems }: RuleReading): boolean {
  return problems.some(({ code }) => code === 'stray-word') && rules.some(({ target }) => target === null);
}

/** Past `[counters] -A CHAIN `. */
function specStart(text: string, start: number, end: number): number {
  const dash = text.charCodeAt(start) === 45 ? start : text.indexOf('] -A ', start) + 2;
  const blank = text.indexOf(' ', dash + 3);
  return blank < 0 || blank > end ? end : blank + 1;
}

/** The finished chains of a table; of one that was cut off, those that may have had more say so. */
export function chainsOf(table: OpenTable, cx: RuleContext, complete: boolean): readonly Chain[] {
  const chains = allChains(table, cx);
  if (complete) return chains;
  const whole = table.damaged ? 0 : chainsBeforeCut(table);
  return chains.map((chain, index) => {
    if (index < whole) return chain;
    if (chain.rules.length === 0) return { ...chain, collected: false };
    return table.damaged ? { ...chain, partial: true, gaps: [0] } : { ...chain, partial: true };
  });
}

/** The tools print the rules of chain after chain, as these are declared: those before the last one that shows a rule are whole. */
function chainsBeforeCut({ owners }: OpenTable): number {
  const isSorted = owners.every((owner, at) => at === 0 || owner >= (owners[at - 1] ?? 0));
  return isSorted ? (owners.at(-1) ?? 0) : 0;
}

function allChains(table: OpenTable, cx: RuleContext): readonly Chain[] {
  const { offsets, starts } = offsetsByChain(table);
  const { file } = cx;
  const lines = { offsets, cx, found: new Map() };
  return table.order.map((chain, index) => ({
    name: chain.name,
    policy: chain.policy,
    builtin: isBuiltinChain(table.name, chain.name),
    counters: chain.counters,
    rules: ruleRows(lines, starts[index] ?? 0, starts[index + 1] ?? 0),
    span: chain.declared ? { file, start: chain.start, end: chain.end } : null,
    collected: true,
  }));
}

/** The rules sorted by chain, their order kept: chain `i` has offsets[starts[i], starts[i + 1]). */
function offsetsByChain(table: OpenTable): { readonly offsets: Int32Array; readonly starts: readonly number[] } {
  const offsets = new Int32Array(table.offsets.length);
  const starts: number[] = [0];
  for (const chain of table.order) starts.push((starts.at(-1) ?? 0) + chain.count);
  const next = [...starts];
  table.owners.forEach((owner, index) => {
    const place = next[owner] ?? 0;
    offsets[place] = table.offsets[index] ?? 0;
    next[owner] = place + 1;
  });
  return { offsets, starts };
}
