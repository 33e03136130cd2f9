/** `iptables -S`, command lines (`iptables -t nat -A …`), iptables-restore input and fragments of dumps without headers. iptables(8). */
import {
  type Diagnostic,
  type Facts,
  type Family,
  INERT,
  MODELLED,
  OPAQUE,
  type Rule,
  UNRECOGNIZED,
} from '@coldtrace/core';
import type { Format, LineVerdict, Parsed, Section } from '../format.js';
import { iptablesProblem } from './codes.js';
import { familyOfContent, identityOf, readHeader } from './dump-identity.js';
import { repairWords } from './repair/words.js';
import { readCounters } from './rule-rows.js';
import { type RuleContext, readRuleSpec } from './rule-spec.js';
import { draftChain, draftTable, finishDraft, newDraft, type RulesetDraft } from './ruleset-draft.js';
import { cutStatements, isCommand, isTool, type Statement } from './statements.js';
import type { Words } from './words.js';

interface State {
  readonly section: Section;
  readonly draft: RulesetDraft;
  readonly ledger: Uint8Array;
  readonly diagnostics: Diagnostic[];
  /** `*nat` before, or `-t nat` of the command that printed the text; null: the text does not say. */
  table: string | null;
  /** `[KUBE-SVC-X]` before: rule bodies that follow belong to it. */
  chain: string | null;
}

export function parseIptablesRules(section: Section): Parsed<readonly Facts[]> {
  const { list, lineCount } = cutStatements(section, section.freeForm);
  const hint = identityOf(section);
  const family = hint.family ?? familyOfContent(section.file.text, section.start, section.end);
  const listing = listingOf(section.command);
  const state: State = {
    section,
    draft: newDraft(toolFamily(list) ?? family, hint.variant),
    ledger: new Uint8Array(lineCount),
    diagnostics: [],
    table: listing?.table ?? null,
    chain: null,
  };
  markBlank(state);
  for (const statement of list) claim(state, statement, readStatement(state, statement));
  if (listing !== null) completeness(state.draft, listing);
  const source = {
    span: { file: section.file.id, start: section.start, end: section.end },
    format: 'iptables-rules',
    command: section.command,
    takenAt: null,
  };
  const ruleset = finishDraft(state.draft, source);
  for (const table of ruleset.tables) {
    if (table.inferred === true)
      state.diagnostics.push(iptablesProblem('table-inferred', table.span, { table: table.name }));
  }
  const value: Facts[] = ruleset.tables.length === 0 ? [] : [{ kind: 'ruleset', ruleset }];
  return { value, diagnostics: state.diagnostics, ledger: state.ledger };
}

function toolFamily(list: readonly Statement[]): Family | null {
  const tool = list.map(({ words }) => words.text.find(isTool)).find((word) => word !== undefined);
  return tool === undefined ? null : tool.includes('ip6tables') ? 6 : 4;
}

interface Listing {
  readonly table: string;
  /** `-S CHAIN`: only this one. */
  readonly chain: string | null;
  /** Nothing (grep, head) took lines away. */
  readonly unfiltered: boolean;
}

/** What `iptables [-t T] -S [CHAIN]` or `iptables-save -t T` prints. */
function listingOf(command: string | null): Listing | null {
  if (command === null) return null;
  const [typed = '', ...pipes] = command.split('|');
  const words = typed.trim().split(/\s+/);
  if (!/ip6?tables/.test(words[0] ?? '')) return null;
  const option = (...names: readonly string[]) => {
    const at = words.findIndex((word) => names.includes(word));
    return at < 0 ? null : (words[at + 1] ?? '');
  };
  const table = option('-t', '--table');
  const listed = option('-S', '--list-rules');
  if (listed === null) return table === null ? null : { table, chain: null, unfiltered: false };
  const chain = listed === '' || listed.startsWith('-') || listed.startsWith('2>') ? null : listed;
  return { table: table ?? 'filter', chain, unfiltered: pipes.length === 0 };
}

function completeness(draft: RulesetDraft, { table, chain, unfiltered }: Listing): void {
  const drafted = draft.tables.get(table);
  if (drafted === undefined || !unfiltered) return;
  if (chain === null) drafted.whole = true;
  else if (drafted.chains.has(chain)) draftChain(drafted, chain).whole = true;
}

function markBlank(state: State): void {
  const { text } = state.section.file;
  let line = 0;
  for (let start = state.section.start; start < state.section.end; line++) {
    const feed = text.indexOf('\n', start);
    const end = feed < 0 ? state.section.end : feed;
    if (text.slice(start, end).trim() === '') state.ledger[line] = INERT;
    start = end + 1;
  }
}

/** A statement's lines share its state; where two statements stand on one line the graver one counts. */
function claim(state: State, { firstLine, lastLine }: Statement, verdict: number): void {
  for (let line = firstLine; line <= lastLine; line++) {
    const present = state.ledger[line];
    if (present !== OPAQUE)
      state.ledger[line] = verdict === UNRECOGNIZED && present !== undefined && present !== 0 ? present : verdict;
  }
}

function readStatement(state: State, statement: Statement): number {
  const first = statement.words.text[0] ?? '';
  if (first.startsWith('#')) return readRemark(state, statement);
  if (/^\*[a-z]+$/.test(first)) {
    state.table = first.slice(1);
    draftTable(state.draft, state.table).span ??= spanOf(state, statement);
    return MODELLED;
  }
  if (first === 'COMMIT') {
    if (state.table !== null && !/[|]/.test(state.section.command ?? ''))
      draftTable(state.draft, state.table).whole = true;
    state.table = null;
    return MODELLED;
  }
  if (first.startsWith(':')) return readDeclaration(state, statement);
  const bracketed = /^\[([A-Za-z0-9_.-]+)\]$/.exec(first);
  if (bracketed?.[1] !== undefined && statement.words.text.length === 1) {
    state.chain = bracketed[1];
    return MODELLED;
  }
  return readCommand(state, statement);
}

function readRemark(state: State, statement: Statement): number {
  const { text } = state.section.file;
  const line = text.slice(statement.start, statement.end);
  if (readHeader(line) === null && line.includes('legacy tables present'))
    state.diagnostics.push(iptablesProblem('legacy-present', spanOf(state, statement)));
  return INERT;
}

function spanOf(state: State, { start, end }: Statement) {
  return { file: state.section.file.id, start, end };
}

/** `:CHAIN POLICY [packets:bytes]` */
function readDeclaration(state: State, statement: Statement): number {
  const [name = '', policy, counters = ''] = statement.words.text;
  const chain = draftChain(draftTable(state.draft, state.table ?? ''), name.slice(1));
  if (policy === 'ACCEPT' || policy === 'DROP') chain.policy = policy;
  chain.counters = readCounters(counters, 0, counters.length)?.value ?? null;
  chain.span = spanOf(state, statement);
  return MODELLED;
}

interface Command {
  readonly name: string;
  /** Index of the command word. */
  readonly at: number;
  readonly table: string | null;
  readonly words: Words;
}

/** `[counters] [iptables] [-t T] -A CHAIN …`: the options of the tool itself may stand anywhere. */
function commandOf(state: State, statement: Statement): Command | null {
  const repaired = state.section.freeForm ? repairWords(statement.words) : statement.words;
  const words = withoutOptions(repaired);
  const tool = words.text.some(isTool);
  const at = words.text.findIndex(isCommand);
  if (at < 0) return null;
  const table = tableOption(repaired) ?? state.table ?? (tool ? 'filter' : null);
  return { name: words.text[at] ?? '', at, table, words };
}

function tableOption(words: Words): string | null {
  const at = words.text.findIndex((word) => word === '-t' || word === '--table');
  const joined = words.text.find((word) => word.startsWith('--table='));
  return joined?.slice(8) ?? (at < 0 ? null : (words.text[at + 1] ?? null));
}

const toolFlags = new Set(['-w', '--wait', '-n', '--numeric', '-v', '--verbose', '-x', '--exact', '--line-numbers']);

/** The words without `-t T`, `-w [N]` and the like, which are the tool's and not the rule's. */
function withoutOptions(words: Words): Words {
  const keep: number[] = [];
  for (let at = 0; at < words.text.length; at++) {
    const word = words.text[at] ?? '';
    if (word === '-t' || word === '--table') at++;
    else if (word.startsWith('--table=') || word === '\\') continue;
    else if (toolFlags.has(word)) {
      if ((word === '-w' || word === '--wait') && /^\d+$/.test(words.text[at + 1] ?? '')) at++;
    } else keep.push(at);
  }
  if (keep.length === words.text.length) return words;
  const pick = <T>(list: readonly T[]): T[] => keep.flatMap((at) => list[at] ?? []);
  return { text: pick(words.text), start: pick(words.start), end: pick(words.end) };
}

function readCommand(state: State, statement: Statement): number {
  const command = commandOf(state, statement);
  if (command === null) {
    if (state.chain !== null && (statement.words.text[0] ?? '').startsWith('-'))
      return append(state, statement, state.chain, statement.words, 0, null);
    return UNRECOGNIZED;
  }
  const { name, at, words } = command;
  const chain = words.text[at + 1];
  if (chain === undefined || chain.startsWith('-')) {
    if (name === '-S' || name === '-L' || name.startsWith('--list')) return INERT;
    state.diagnostics.push(iptablesProblem('no-chain', spanOf(state, statement)));
    return OPAQUE;
  }
  const table = draftTable(state.draft, command.table ?? '');
  switch (name) {
    case '-A':
    case '--append':
      return append(state, statement, chain, words, at + 2, command.table);
    case '-I':
    case '--insert':
      return insert(state, statement, command, chain);
    case '-N':
    case '--new':
    case '--new-chain':
      draftChain(table, chain).span ??= spanOf(state, statement);
      return MODELLED;
    case '-P':
    case '--policy':
      return setPolicy(state, statement, draftChain(table, chain), words.text[at + 2]);
    case '-F':
    case '--flush':
      draftChain(table, chain).rules.length = 0;
      return MODELLED;
    case '-S':
    case '-L':
    case '--list':
    case '--list-rules':
    case '-C':
    case '--check':
      return INERT;
    default:
      state.diagnostics.push(iptablesProblem('not-applied', spanOf(state, statement), { command: name }));
      return OPAQUE;
  }
}

function setPolicy(
  state: State,
  statement: Statement,
  chain: { policy: 'ACCEPT' | 'DROP' | null; span: unknown },
  policy: string | undefined,
): number {
  if (policy !== 'ACCEPT' && policy !== 'DROP') return UNRECOGNIZED;
  chain.policy = policy;
  chain.span ??= spanOf(state, statement);
  return MODELLED;
}

interface ReadRules {
  readonly rules: readonly Rule[];
  readonly modelled: boolean;
}

function readRules(
  state: State,
  statement: Statement,
  chain: string,
  words: Words,
  from: number,
  table: string | null,
): ReadRules {
  const { section, draft } = state;
  const context: RuleContext = {
    family: draft.family,
    variant: draft.variant,
    table,
    chain,
    file: section.file.id,
    source: section.file.text,
    hasChain: (name) => (draft.tables.get(table ?? '')?.chains.has(name) === true ? true : null),
  };
  const reading = readRuleSpec(words, from, spanOf(state, statement), context);
  state.diagnostics.push(...reading.diagnostics);
  const counters = readCounters(section.file.text, statement.start, statement.end)?.value ?? null;
  const rules = counters === null ? reading.rules : reading.rules.map((rule) => ({ ...rule, counters }));
  return { rules, modelled: reading.modelled };
}

function append(
  state: State,
  statement: Statement,
  chain: string,
  words: Words,
  from: number,
  table: string | null,
): number {
  const known = table ?? state.table;
  const read = readRules(state, statement, chain, words, from, known);
  draftChain(draftTable(state.draft, known ?? ''), chain).rules.push(...read.rules);
  return read.modelled ? MODELLED : OPAQUE;
}

/** `-I CHAIN [number]`: before that rule, the first one by default. */
function insert(state: State, statement: Statement, { at, words, table }: Command, chain: string): number {
  const number = words.text[at + 2] ?? '';
  const numbered = /^[1-9]\d*$/.test(number);
  const read = readRules(state, statement, chain, words, at + (numbered ? 3 : 2), table);
  draftChain(draftTable(state.draft, table ?? ''), chain).rules.splice(
    numbered ? Number(number) - 1 : 0,
    0,
    ...read.rules,
  );
  return read.modelled ? MODELLED : OPAQUE;
}

function judgeLine(text: string): LineVerdict {
  if (/^(?:sudo )?ip6?tables(?:-legacy|-nft)? (?:\S+ ){0,6}?-[AINPDRFX] ?\S/.test(text)) return 'opens';
  if (/^-(?:A|I) \S+ (?:! )?-\S/.test(text) || /^-N \S+\s*$/.test(text) || /^-P \S+ (?:ACCEPT|DROP)(?:\s|$)/.test(text))
    return 'opens';
  if (/^:\S+ (?:ACCEPT|DROP|-) \[\d+:\d+\]\s*$/.test(text)) return 'opens';
  if (/^\[[\w.-]+\]\s*$/.test(text) || text === 'COMMIT') return 'continues';
  // The rest of a rule that a terminal or a mail program broke.
  return /^\s*(?:! ?)?--?[a-z]/.test(text) || / -[jmg] [A-Za-z]/.test(text) ? 'continues' : null;
}

export const iptablesRules: Format = {
  id: 'iptables-rules',
  title: 'iptables -S, iptables commands, fragments',
  commands: [/^ip6?tables(-legacy|-nft)?\s(?:.*\s)?(?:-S|--list-rules)\b/],
  fileNames: [/ip6?tables.*-S\b/, /ip6?tables.*(?:rules|restore)/],
  line: judgeLine,
  parse: parseIptablesRules,
};
