/** `iptables-save` and `ip6tables-save`, legacy and nft, with and without counters; several tables and several dumps in one text. */
import {
  builtinChains,
  type Diagnostic,
  type Facts,
  type Family,
  INERT,
  isBuiltinChain,
  MODELLED,
  type Ruleset,
  type Table,
  tableNames,
  UNRECOGNIZED,
  type XtablesVariant,
} from '@coldtrace/core';
import type { Format, Parsed, Section } from '../format.js';
import { isBlank } from '../text/lines.js';
import { iptablesProblem } from './codes.js';
import { type DumpIdentity, familyOfContent, identityOf, isOfOneTable, readHeader } from './dump-identity.js';
import { lineEnd, readCounters } from './rule-rows.js';
import type { RuleContext } from './rule-spec.js';
import { parseIptablesRules } from './rules.js';
import { extentOf, judgeLine } from './save-lines.js';
import { addChain, chainsOf, checkRules, newTable, type OpenTable, sharedCounters } from './save-table.js';

interface OpenDump {
  readonly family: Family;
  readonly variant: XtablesVariant | null;
  readonly tables: Table[];
  readonly start: number;
  /** Its tables behind the last line that says that one is completed; null before the first such line. */
  sinceCompleted: number | null;
  /** A table was announced that has not begun. */
  announced: boolean;
  /** Its first table has the line above it that the tools print above each. */
  readonly headed: boolean;
}

interface State {
  readonly section: Section;
  readonly diagnostics: Diagnostic[];
  readonly ledger: Uint8Array;
  readonly dumps: OpenDump[];
  dump: OpenDump | null;
  table: OpenTable | null;
  /** Lines of a table stand outside of any: where that one began was not captured. */
  strays: boolean;
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
    strays: false,
  };
  let line = 0;
  for (let start = section.start; start < section.end; line++) {
    const end = Math.min(lineEnd(text, start), section.end);
    state.ledger[line] = readLine(state, start, end, line);
    // What follows a rule and is nothing may be the rest of it, or another one.
    if (state.ledger[line] === UNRECOGNIZED && end < text.length && (state.table?.lines.length ?? 0) > 0)
      markDamaged(state);
    start = end + 1;
  }
  if (state.table !== null) closeTable(state, section.end, false);
  const facts = state.dumps.map((dump): Facts => ({ kind: 'ruleset', ruleset: rulesetOf(state, dump) }));
  return { value: facts, diagnostics: state.diagnostics, ledger: state.ledger };
}

function markDamaged({ table }: State): void {
  if (table !== null) table.damaged = true;
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
      if (text.startsWith('COMMIT', start)) state.strays = true;
      return isBlank(text.slice(start, end)) ? INERT : UNRECOGNIZED;
  }
}

function readComment(state: State, start: number, end: number): number {
  const comment = state.section.file.text.slice(start, end);
  const identity = readHeader(comment);
  if (identity !== null && state.table === null) {
    const { dump } = state;
    const same =
      dump !== null && dump.family === identity.family && (dump.variant ?? identity.variant) === identity.variant;
    // Each table has a header: one that was seen already begins another dump (see openTable).
    if (!same) state.dump = newDump(state, identity, start, true);
    else if (dump.variant === null) adopt(state, dump, identity.variant);
    if (same && !dump.headed) state.strays = true;
    if (state.dump !== null) state.dump.announced = true;
  } else if (state.table === null && state.dump !== null && comment.startsWith('# Completed')) {
    state.dump.sinceCompleted = 0;
  } else if (state.dump !== null && end === state.section.file.text.length) {
    // Cut off within a header.
    state.dump.announced = true;
  } else if (comment.includes('legacy tables present')) {
    state.diagnostics.push(iptablesProblem('legacy-present', { file: state.section.file.id, start, end }));
  }
  return INERT;
}

function newDump(state: State, { family, variant }: DumpIdentity, start: number, headed: boolean): OpenDump {
  const dump = { family, variant, tables: [], start, sinceCompleted: null, announced: false, headed };
  state.dumps.push(dump);
  return dump;
}

/** The beginning of a dump, header and all, was not captured: a later header speaks for it. */
function adopt(state: State, dump: OpenDump, variant: XtablesVariant | null): void {
  state.dump = { ...dump, variant };
  state.dumps[state.dumps.indexOf(dump)] = state.dump;
}

function openTable(state: State, start: number, end: number): void {
  if (state.table !== null) closeTable(state, start, false);
  const name = state.section.file.text.slice(start + 1, end).trim();
  const { dump } = state;
  if (dump === null) {
    const hint = identityOf(state.section);
    const family = hint.family ?? familyOfContent(state.section, start);
    state.dump = newDump(state, { family, variant: hint.variant }, start, false);
  } else if (dump.tables.some((table) => table.name === name)) {
    // The header above was that of the other dump, and this one had no more tables.
    dump.announced = false;
    state.dump = newDump(state, dump, start, dump.headed);
  }
  state.table = newTable(name, start);
  if (state.dump !== null) state.dump.announced = false;
}

/** `:CHAIN POLICY [packets:bytes]` */
function readChain(state: State, start: number, end: number): number {
  const { text } = state.section.file;
  const [name, policy, counters] = text.slice(start + 1, end).split(' ');
  const known = policy === 'ACCEPT' || policy === 'DROP' ? policy : null;
  if (name !== undefined && isOfAnotherTable(state, name, known !== null)) closeTable(state, start, false);
  const { table } = state;
  if (table === null || name === undefined || name === '' || (known === null && policy?.trimEnd() !== '-')) {
    if (table === null) state.strays = true;
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

/** The tools declare all chains of a table before its rules, and each once: where the end of one and the beginning of the next are lost, what follows is of the next. */
function isOfAnotherTable({ table, dump }: State, name: string, hasPolicy: boolean): boolean {
  if (table === null || dump?.headed !== true) return false;
  const foreign = hasPolicy && tableNames.some((known) => known === table.name) && !isBuiltinChain(table.name, name);
  return table.offsets.length > 0 || table.chains.has(name) || foreign;
}

function readRuleLine(state: State, start: number, end: number, line: number): number {
  const { text } = state.section.file;
  const dash = text.charCodeAt(start) === 45 ? start : text.indexOf('] -A ', start) + 2;
  if (dash < start + 2 && dash !== start) return UNRECOGNIZED;
  if (dash >= end || !text.startsWith('-A ', dash)) return UNRECOGNIZED;
  const { table } = state;
  const at = { file: state.section.file.id, start, end };
  if (end === text.length && table !== null) {
    // The tools end every line, and a dump with COMMIT: how the rule goes on is not known.
    state.diagnostics.push(iptablesProblem('cut-line', at));
    return UNRECOGNIZED;
  }
  if (table === null) {
    state.strays = true;
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
  if (lacksChains(table, dump)) table.damaged = true;
  const cx = contextOf(state, dump, table, complete && !table.damaged);
  checkRules(table, cx, state);
  const span = { file: section.file.id, start: table.start, end };
  const whole = complete && !table.damaged;
  dump.tables.push({ name: table.name, chains: chainsOf(table, cx, whole), complete: whole, span });
  if (dump.sinceCompleted !== null) dump.sinceCompleted++;
}

/** The tools declare each chain; what `grep` left of a dump may lack rules anywhere. Text for iptables-restore, which has no header, leaves out the chains that are always there. */
function lacksChains({ name, order, chains }: OpenTable, { headed }: OpenDump): boolean {
  if (order.some((chain) => !chain.declared && !isBuiltinChain(name, chain.name))) return true;
  return headed && alwaysShown(name).some((chain) => chains.get(chain)?.declared !== true);
}

/** Old kernels have no INPUT in nat. */
function alwaysShown(table: string): readonly string[] {
  const known = tableNames.find((name) => name === table);
  return known === undefined ? [] : builtinChains[known].filter((chain) => known !== 'nat' || chain !== 'INPUT');
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
    printed: true,
  };
}

function rulesetOf(state: State, dump: OpenDump): Ruleset {
  const { section } = state;
  // The tools say of each table that it is completed: a dump that did so once and then does not is cut off.
  const ends = !dump.announced && (dump.sinceCompleted ?? 0) === 0;
  const whole = dump.tables.length > 0 && dump.tables.every((table) => table.complete);
  // One that says of its last table that it is completed says above its first by which tool it was made.
  const begins = !state.strays && (dump.headed || dump.sinceCompleted === null);
  const complete = whole && begins && ends && !isOfOneTable(section);
  const last = dump.tables.at(-1);
  const span = { file: section.file.id, start: dump.start, end: last?.span.end ?? dump.start };
  const source = { span, format: 'iptables-save', command: section.command, takenAt: null };
  return { family: dump.family, variant: dump.variant, tables: dump.tables, complete, sources: [source] };
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
