/** `iptables-save` and `ip6tables-save`, legacy and nft, with and without counters; several tables and several dumps in one text. */
import {
  type Chain,
  type Diagnostic,
  type Facts,
  type Family,
  INERT,
  isBuiltinChain,
  MODELLED,
  OPAQUE,
  type Ruleset,
  type Table,
  UNRECOGNIZED,
  type XtablesVariant,
} from '@coldtrace/core';
import type { Format, LineVerdict, Parsed, Section } from '../format.js';
import { isBlank } from '../text/lines.js';
import { iptablesProblem } from './codes.js';
import { familyOfContent, identityOf, isOfOneTable, readHeader } from './dump-identity.js';
import { kindOfLine } from './familiar-lines.js';
import { repeatRows } from './repeat-rows.js';
import { lineEnd, readAppendLine, readCounters, ruleRows } from './rule-rows.js';
import type { RuleContext } from './rule-spec.js';
import { parseIptablesRules } from './rules.js';

interface OpenChain {
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

interface OpenTable {
  readonly name: string;
  readonly start: number;
  readonly chains: Map<string, OpenChain>;
  readonly order: OpenChain[];
  /** Line offsets of the rules in order, and the chain of each as index into `order`. */
  readonly offsets: number[];
  readonly owners: number[];
  /** Ledger index of each rule's line. */
  readonly lines: number[];
}

interface OpenDump {
  readonly family: Family;
  readonly variant: XtablesVariant | null;
  readonly tables: Table[];
  readonly start: number;
}

interface State {
  readonly section: Section;
  readonly diagnostics: Diagnostic[];
  readonly ledger: Uint8Array;
  readonly dumps: OpenDump[];
  dump: OpenDump | null;
  table: OpenTable | null;
}

export function parseIptablesSave(section: Section): Parsed<readonly Facts[]> {
  // Without a table line it is a fragment (`iptables-save | grep …`), and pasted text may be wrapped: both are read statement by statement.
  if (section.freeForm || !hasTableLine(section)) return parseIptablesRules(section);
  const { text } = section.file;
  const state: State = {
    section,
    diagnostics: [],
    ledger: new Uint8Array(countLines(section)),
    dumps: [],
    dump: null,
    table: null,
  };
  let line = 0;
  for (let start = section.start; start < section.end; line++) {
    const end = Math.min(lineEnd(text, start), section.end);
    state.ledger[line] = readLine(state, start, end, line);
    start = end + 1;
  }
  if (state.table !== null) closeTable(state, section.end, false);
  const facts = state.dumps.map((dump): Facts => ({ kind: 'ruleset', ruleset: rulesetOf(state, dump) }));
  return { value: facts, diagnostics: state.diagnostics, ledger: state.ledger };
}

function hasTableLine({ file: { text }, start, end }: Section): boolean {
  for (let at = start; at < end && at >= 0; at = text.indexOf('\n', at) + 1 || end)
    if (text.charCodeAt(at) === 42) return true;
  return false;
}

function countLines(section: Section): number {
  const { text } = section.file;
  let count = 0;
  for (let at = section.start; at < section.end; count++) {
    const feed = text.indexOf('\n', at);
    at = feed < 0 ? section.end : feed + 1;
  }
  return count;
}

/** Reads one line and returns its state for the ledger; a rule's state is settled when its table ends. */
function readLine(state: State, start: number, end: number, line: number): number {
  const { text } = state.section.file;
  switch (text.charCodeAt(start)) {
    case 35: // #
      return readComment(state, start, end);
    case 42: // *
      openTable(state, start, end);
      return MODELLED;
    case 58: // :
      return readChain(state, start, end);
    case 91: // [
    case 45: // -
      return readRuleLine(state, start, end, line);
    default:
      if (state.table !== null && text.slice(start, end).trimEnd() === 'COMMIT') {
        closeTable(state, end, true);
        return MODELLED;
      }
      return isBlank(text.slice(start, end)) ? INERT : UNRECOGNIZED;
  }
}

function readComment(state: State, start: number, end: number): number {
  const comment = state.section.file.text.slice(start, end);
  const identity = readHeader(comment);
  if (identity !== null && state.table === null) {
    const { dump } = state;
    const same = dump !== null && dump.family === identity.family && dump.variant === identity.variant;
    // nft prints one header per dump, legacy one per table: a table seen twice begins another dump (see openTable).
    if (!same) state.dump = newDump(state, identity.family, identity.variant, start);
  } else if (comment.includes('legacy tables present')) {
    state.diagnostics.push(iptablesProblem('legacy-present', { file: state.section.file.id, start, end }));
  }
  return INERT;
}

function newDump(state: State, family: Family, variant: XtablesVariant | null, start: number): OpenDump {
  const dump = { family, variant, tables: [], start };
  state.dumps.push(dump);
  return dump;
}

function openTable(state: State, start: number, end: number): void {
  if (state.table !== null) closeTable(state, start, false);
  const name = state.section.file.text.slice(start + 1, end).trim();
  const { dump } = state;
  if (dump === null) {
    const hint = identityOf(state.section);
    const family = hint.family ?? familyOfContent(state.section.file.text, start, state.section.end);
    state.dump = newDump(state, family, hint.variant, start);
  } else if (dump.tables.some((table) => table.name === name)) {
    state.dump = newDump(state, dump.family, dump.variant, start);
  }
  state.table = { name, start, chains: new Map(), order: [], offsets: [], owners: [], lines: [] };
}

/** `:CHAIN POLICY [packets:bytes]` */
function readChain(state: State, start: number, end: number): number {
  const { text } = state.section.file;
  const { table } = state;
  const [name, policy, counters] = text.slice(start + 1, end).split(' ');
  const known = policy === 'ACCEPT' || policy === 'DROP' ? policy : null;
  if (table === null || name === undefined || name === '' || (known === null && policy?.trimEnd() !== '-')) {
    const at = { file: state.section.file.id, start, end };
    state.diagnostics.push(iptablesProblem('bad-chain-line', at, { line: text.slice(start, end) }));
    return UNRECOGNIZED;
  }
  const count = counters === undefined ? null : readCounters(counters.trimEnd(), 0, counters.length);
  addChain(table, {
    name,
    policy: known,
    counters: sharedCounters(count?.value ?? null),
    start,
    end,
    declared: true,
    index: table.order.length,
    count: 0,
  });
  return MODELLED;
}

const none = { packets: 0, bytes: 0 };

/** Most chains of a dump without -c count nothing: they share one object. */
function sharedCounters(counters: Chain['counters']): Chain['counters'] {
  return counters !== null && counters.packets === 0 && counters.bytes === 0 ? none : counters;
}

function addChain(table: OpenTable, chain: OpenChain): void {
  if (table.chains.has(chain.name)) return;
  table.chains.set(chain.name, chain);
  table.order.push(chain);
}

function readRuleLine(state: State, start: number, end: number, line: number): number {
  const { text } = state.section.file;
  const dash = text.charCodeAt(start) === 45 ? start : text.indexOf('] -A ', start) + 2;
  if (dash < start + 2 && dash !== start) return UNRECOGNIZED;
  if (dash >= end || !text.startsWith('-A ', dash)) return UNRECOGNIZED;
  const { table } = state;
  const at = { file: state.section.file.id, start, end };
  if (table === null) {
    state.diagnostics.push(iptablesProblem('no-table', at));
    return UNRECOGNIZED;
  }
  const blank = text.indexOf(' ', dash + 3);
  const name = text.slice(dash + 3, blank < 0 || blank > end ? end : blank).trimEnd();
  let chain = table.chains.get(name);
  if (chain === undefined) {
    // Text for iptables-restore leaves out the chains that are always there.
    if (!isBuiltinChain(table.name, name))
      state.diagnostics.push(iptablesProblem('undeclared-chain', at, { chain: name }));
    chain = {
      name,
      policy: null,
      counters: null,
      start,
      end: start,
      declared: false,
      index: table.order.length,
      count: 0,
    };
    addChain(table, chain);
  }
  chain.count++;
  table.offsets.push(start);
  table.owners.push(chain.index);
  table.lines.push(line);
  return MODELLED;
}

function closeTable(state: State, end: number, complete: boolean): void {
  const { table, dump, section } = state;
  if (table === null || dump === null) return;
  state.table = null;
  if (!complete) {
    const at = { file: section.file.id, start: table.start, end: lineEnd(section.file.text, table.start) };
    state.diagnostics.push(iptablesProblem('truncated', at, { table: table.name }));
  }
  const cx = contextOf(state, dump, table, complete);
  checkRules(state, table, cx);
  const span = { file: section.file.id, start: table.start, end };
  dump.tables.push({ name: table.name, chains: chainsOf(state, table, cx), complete, span });
}

function contextOf(state: State, dump: OpenDump, table: OpenTable, complete: boolean): RuleContext {
  const { file } = state.section;
  // A set of its own, so that what was kept while reading is let go.
  const names = new Set(table.chains.keys());
  return {
    family: dump.family,
    variant: dump.variant,
    table: table.name,
    chain: null,
    file: file.id,
    source: file.text,
    hasChain: (name) => names.has(name) || (complete ? false : null),
  };
}

/** Reads the rules once for their diagnostics and their states, one of each kind; the rows read a rule again when somebody asks. */
function checkRules(state: State, table: OpenTable, cx: RuleContext): void {
  const { text } = state.section.file;
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
    if (!reading.modelled) state.ledger[table.lines[index] ?? 0] = OPAQUE;
    else if (key !== null && reading.diagnostics.length === 0 && reading.rules.length === 1) familiar.add(key);
    if (reading.rules.length !== 1) uneven.set(index, reading.rules.length);
  }
  if (uneven.size > 0) repeatRows(table, uneven);
}

/** Past `[counters] -A CHAIN `. */
function specStart(text: string, start: number, end: number): number {
  const dash = text.charCodeAt(start) === 45 ? start : text.indexOf('] -A ', start) + 2;
  const blank = text.indexOf(' ', dash + 3);
  return blank < 0 || blank > end ? end : blank + 1;
}

function chainsOf(state: State, table: OpenTable, cx: RuleContext): readonly Chain[] {
  const { offsets, starts } = offsetsByChain(table);
  const file = state.section.file.id;
  return table.order.map((chain, index) => ({
    name: chain.name,
    policy: chain.policy,
    builtin: isBuiltinChain(table.name, chain.name),
    counters: chain.counters,
    rules: ruleRows(offsets, starts[index] ?? 0, starts[index + 1] ?? 0, cx),
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

function rulesetOf(state: State, dump: OpenDump): Ruleset {
  const { section } = state;
  const complete = dump.tables.length > 0 && dump.tables.every((table) => table.complete) && !isOfOneTable(section);
  const last = dump.tables.at(-1);
  const span = { file: section.file.id, start: dump.start, end: last?.span.end ?? dump.start };
  const source = { span, format: 'iptables-save', command: section.command, takenAt: null };
  return { family: dump.family, variant: dump.variant, tables: dump.tables, complete, sources: [source] };
}

function judgeLine(text: string): LineVerdict {
  if (text.startsWith('# Generated by ip') || /^\*(filter|nat|mangle|raw|security)\s*$/.test(text)) return 'opens';
  const first = text.charCodeAt(0);
  if (first === 58) return /^:\S+ (ACCEPT|DROP|-) \[\d+:\d+\]\s*$/.test(text) ? 'continues' : null;
  if (first === 91) return /^\[\d+:\d+\] -A /.test(text) ? 'continues' : null;
  if (text.startsWith('-A ')) return 'continues';
  return /^(COMMIT\s*$|# Completed on |# Warning: ip6?tables-legacy tables present)/.test(text) ? 'continues' : null;
}

/** A dump is taken in one gulp: nothing but its own lines stands between the first table and the last COMMIT. */
function extentOf(text: string, start: number): number | null {
  if (text.charCodeAt(start) !== 42) return null;
  const commit = text.indexOf('\nCOMMIT', start);
  return commit < 0 ? null : Math.min(lineEnd(text, commit + 1) + 1, text.length);
}

export const iptablesSave: Format = {
  id: 'iptables-save',
  title: 'iptables-save',
  commands: [/^ip6?tables(-legacy|-nft)?-save\b/],
  fileNames: [/^ip6?tables.*save/, /^iptablessave$/],
  line: judgeLine,
  extent: extentOf,
  parse: parseIptablesSave,
};
