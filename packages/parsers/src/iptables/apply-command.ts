/** What one command does to the rules shown so far; what it does to others is said, and not done. iptables(8). */
import { INERT, MODELLED, OPAQUE, printRule, type Rule, UNRECOGNIZED } from '@coldtrace/core';
import type { Head } from './repair/command.js';
import type { Mend } from './repair/mend.js';
import { openRule, type RuleOrigin, readRules } from './rule-statement.js';
import { draftOf, type RulesState, report, reportMends, spanOf } from './rules-state.js';
import { type DraftChain, draftChain, draftTable } from './ruleset-draft.js';
import type { Statement } from './statements.js';

interface Applied {
  readonly state: RulesState;
  readonly statement: Statement;
  readonly head: Head;
  readonly origin: RuleOrigin;
  readonly mends: readonly Mend[];
}

const aliases: Readonly<Record<string, string>> = {
  '--append': '-A',
  '--insert': '-I',
  '--new': '-N',
  '--new-chain': '-N',
  '--policy': '-P',
  '--flush': '-F',
  '--delete': '-D',
  '--list': '-L',
  '--list-rules': '-S',
  '--check': '-C',
};

/** The state of the statement's lines. */
export function applyCommand(state: RulesState, statement: Statement, head: Head): number {
  const command = aliases[head.command] ?? head.command;
  if (command === '-S' || command === '-L' || command === '-C') return INERT;
  const chain = head.words.text[1];
  if (chain === undefined || chain.startsWith('-') || chain === '!')
    return withoutChain(state, statement, head, command);
  const table = head.table ?? state.table ?? (head.tool === null ? null : 'filter');
  const draft = draftOf(state, head.tool);
  const applied = {
    state,
    statement,
    head,
    origin: { draft, table, chain },
    mends: [...statement.mends, ...head.mends],
  };
  switch (command) {
    case '-A':
      return append(applied);
    case '-I':
      return insert(applied);
    case '-N':
      return create(applied);
    case '-P':
      return setPolicy(applied);
    case '-F':
      return flush(applied);
    case '-D':
      return remove(applied);
    default:
      return notApplied(applied);
  }
}

function withoutChain(state: RulesState, statement: Statement, head: Head, command: string): number {
  if (command === '-F' || command === '-X' || command === '-Z')
    report(state, 'not-applied', statement, { command: head.command });
  else report(state, 'no-chain', statement);
  return OPAQUE;
}

function notApplied({ state, statement, head }: Applied): number {
  report(state, 'not-applied', statement, { command: head.command });
  return OPAQUE;
}

function draftedChain({ origin: { draft, table, chain } }: Applied): DraftChain {
  return draftChain(draftTable(draft, table ?? ''), chain);
}

/** A chain that a command makes is empty; a line of a listing says only that there is one. */
function create(applied: Applied): number {
  const { state, statement, head, mends } = applied;
  const chain = draftedChain(applied);
  chain.span ??= spanOf(state, statement);
  if (head.tool !== null && chain.rules.length === 0) chain.gap = null;
  reportMends(state, mends);
  return MODELLED;
}

function append(applied: Applied): number {
  const { state, statement, head, origin, mends } = applied;
  const read = readRules(state, statement, origin, head.words, 2, mends);
  const { rules } = draftedChain(applied);
  if (!isCutOff(applied, read.rules)) {
    rules.push(...read.rules);
    return read.modelled ? MODELLED : OPAQUE;
  }
  state.cutOff = true;
  report(state, 'cut-line', statement);
  rules.push({ ...openRule(state, statement, head.words, 2), trust: 'repaired' });
  return OPAQUE;
}

/** The last words of a paste that a tool printed, without a target or the end of a line: the paste may end within them, and more rules may have followed. */
function isCutOff({ state: { section, chains }, statement, head }: Applied, rules: readonly Rule[]): boolean {
  if (chains === null || head.tool !== null || rules.length === 0 || rules.some(({ target }) => target !== null))
    return false;
  const behind = section.file.text.slice(statement.end);
  return behind.trim() === '' && !behind.includes('\n');
}

/** `-I CHAIN [number]`: before that rule, the first one by default. Behind rules that the text does not show it cannot be placed. */
function insert(applied: Applied): number {
  const { state, statement, head, origin, mends } = applied;
  const number = head.words.text[2] ?? '';
  const numbered = /^[1-9]\d*$/.test(number);
  const chain = draftedChain(applied);
  const place = numbered ? Number(number) - 1 : 0;
  if (place > chain.rules.length) return notApplied(applied);
  const read = readRules(state, statement, origin, head.words, numbered ? 3 : 2, mends);
  chain.rules.splice(place, 0, ...read.rules);
  if (chain.gap !== null && place <= chain.gap) chain.gap += read.rules.length;
  return read.modelled ? MODELLED : OPAQUE;
}

function setPolicy(applied: Applied): number {
  const { state, statement, head, mends } = applied;
  const typed = head.words.text[2] ?? '';
  const policy = state.chains === null ? typed : typed.toUpperCase();
  if (policy !== 'ACCEPT' && policy !== 'DROP') return UNRECOGNIZED;
  const chain = draftedChain(applied);
  chain.policy = policy;
  chain.span ??= spanOf(state, statement);
  reportMends(state, mends);
  if (policy !== typed) {
    const start = head.words.start[2] ?? 0;
    const end = head.words.end[2] ?? 0;
    reportMends(state, [{ code: 'repaired-case', start, end, was: typed, read: policy }]);
  }
  return MODELLED;
}

/** An emptied chain holds what is added afterwards, whatever it held before. */
function flush(applied: Applied): number {
  const { origin } = applied;
  const known = origin.draft.tables.get(origin.table ?? '')?.chains.get(origin.chain);
  if (known === undefined) return notApplied(applied);
  known.rules.length = 0;
  known.gap = null;
  return MODELLED;
}

/** Takes away a rule that the text shows, by its words; numbers count rules that it may not show. */
function remove(applied: Applied): number {
  const { state, statement, head, origin } = applied;
  if (/^\d+$/.test(head.words.text[2] ?? '')) return notApplied(applied);
  const said = state.diagnostics.length;
  const { rules, modelled } = readRules(state, statement, origin, head.words, 2, []);
  const [rule] = rules;
  const chain = origin.draft.tables.get(origin.table ?? '')?.chains.get(origin.chain);
  const print = (one: Rule) => printRule(one, origin.chain, origin.draft.family, origin.draft.variant ?? 'legacy');
  const wanted = rule !== undefined && modelled && rules.length === 1 ? print(rule) : null;
  const at = chain === undefined || wanted === null ? -1 : chain.rules.findIndex((one) => print(one) === wanted);
  if (at < 0 || chain === undefined) {
    state.diagnostics.length = said;
    return notApplied(applied);
  }
  chain.rules.splice(at, 1);
  if (chain.gap !== null && at < chain.gap) chain.gap--;
  return MODELLED;
}
