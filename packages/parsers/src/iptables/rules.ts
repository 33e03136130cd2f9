/** `iptables -S`, command lines (`iptables -t nat -A …`), iptables-restore input and fragments of dumps without headers. iptables(8). */
import {
  type Facts,
  type Family,
  findTarget,
  INERT,
  MODELLED,
  OPAQUE,
  type Rule,
  type Ruleset,
  UNRECOGNIZED,
} from '@coldtrace/core';
import type { Format, Parsed, Section } from '../format.js';
import { applyCommand } from './apply-command.js';
import { iptablesProblem } from './codes.js';
import { familyOfContent, identityOf, readHeader } from './dump-identity.js';
import { listedBy, markCutOff, markWhole } from './listed-command.js';
import { tableOfListing } from './policy-run.js';
import { readHead } from './repair/command.js';
import { chainsNamedIn } from './repair/names.js';
import { placeholdersIn } from './repair/placeholder.js';
import { isVerdict } from './repair/vocabulary.js';
import { judgeLine, ruleGoesOn } from './rule-lines.js';
import { readCounters } from './rule-rows.js';
import { outcomeOf, readRules } from './rule-statement.js';
import { draftOf, type RulesState, report, reportMends, spanOf } from './rules-state.js';
import { draftChain, draftTable, finishDraft } from './ruleset-draft.js';
import { headingOf, isTool } from './statement-words.js';
import { cutStatements, joinStatements, type Statement } from './statements.js';

export function parseIptablesRules(section: Section): Parsed<readonly Facts[]> {
  const { list, lineCount } = cutStatements(section, section.freeForm);
  const hint = identityOf(section);
  const family = toolFamily(list) ?? hint.family ?? familyOfContent(section, section.start);
  const listed = listedBy(section.command);
  const state: RulesState = {
    section,
    drafts: new Map(),
    family,
    variant: hint.variant,
    chains: section.freeForm ? chainsNamedIn(list) : null,
    ledger: new Uint8Array(lineCount),
    diagnostics: [],
    table: listed?.table ?? null,
    chain: null,
    cutOff: false,
    depth: 0,
  };
  markBlank(state);
  for (let at = 0; at < list.length; at++) {
    const statement = list[at];
    if (statement === undefined) continue;
    let read = statement;
    for (let joins = 0; joins < mostJoins; joins++) {
      const whole = joinedWithNext(state, read, list[at + 1]);
      if (whole === null) break;
      read = whole;
      at++;
    }
    const begun = listed === null ? tableOfListing(list, at) : undefined;
    if (begun !== undefined) state.table = begun;
    claim(state, read, readStatement(state, read));
  }
  const rulesets = [...state.drafts.values()].map((draft) => {
    if (listed !== null) markWhole(draft, listed);
    if (state.cutOff) markCutOff(draft);
    return finishDraft(draft, sourceOf(section));
  });
  return { value: factsOf(state, rulesets), diagnostics: state.diagnostics, ledger: state.ledger };
}

function sourceOf({ file, start, end, command, freeForm }: Section): Ruleset['sources'][number] {
  const source = { span: { file: file.id, start, end }, format: 'iptables-rules', command, takenAt: null };
  return freeForm ? { ...source, pasted: true } : source;
}

function factsOf(state: RulesState, rulesets: readonly Ruleset[]): readonly Facts[] {
  const facts: Facts[] = [];
  for (const ruleset of rulesets) {
    for (const table of ruleset.tables) {
      if (table.inferred === true)
        state.diagnostics.push(iptablesProblem('table-inferred', table.span, { table: table.name }));
    }
    if (ruleset.tables.length > 0) facts.push({ kind: 'ruleset', ruleset });
  }
  return facts;
}

function toolFamily(list: readonly Statement[]): Family | null {
  const tool = list.map(({ words }) => words.text.find(isTool)).find((word) => word !== undefined);
  return tool === undefined ? null : tool.includes('ip6tables') ? 6 : 4;
}

function markBlank(state: RulesState): void {
  const { text } = state.section.file;
  let line = 0;
  for (let start = state.section.start; start < state.section.end; line++) {
    const feed = text.indexOf('\n', start);
    const end = feed < 0 || feed > state.section.end ? state.section.end : feed;
    if (text.slice(start, end).trim() === '') state.ledger[line] = INERT;
    start = end + 1;
  }
}

/** A terminal breaks no rule into more lines. */
const mostJoins = 4;

/** A statement's lines share its state; where two statements stand on one line the graver one counts. */
function claim(state: RulesState, { firstLine, lastLine }: Statement, verdict: number): void {
  for (let line = firstLine; line <= lastLine; line++) {
    const present = state.ledger[line];
    if (present !== OPAQUE)
      state.ledger[line] = verdict === UNRECOGNIZED && present !== undefined && present !== 0 ? present : verdict;
  }
}

/** A rule and the line below it, which is nothing by itself: one statement when the line break cut a word and only the whole is a rule. */
function joinedWithNext(state: RulesState, first: Statement, next: Statement | undefined): Statement | null {
  const { chains, section } = state;
  if (chains === null || next === undefined || next.firstLine !== first.lastLine + 1) return null;
  const [word = ''] = next.words.text;
  if (!/^(?:[-A[]|sudo|\S*ip6?tables)/.test(first.words.text[0] ?? '')) return null;
  if (
    !/^[!-~]+$/.test(word) ||
    word.startsWith('#') ||
    headingOf(next.words, 0) !== null ||
    /^(?:COMMIT|EOF)$/.test(word)
  )
    return null;
  if (readHead(section.file.text, next.words, chains) !== null) return null;
  const head = readHead(section.file.text, first.words, chains);
  const chain = head?.words.text[1];
  if (head === null || chain === undefined || !/^(?:-A|-I|--append|--insert)$/.test(head.command)) return null;
  const joined = joinStatements(section.file.text, first, next);
  const whole = readHead(section.file.text, joined.words, chains);
  if (whole === null) return null;
  const table = head.table ?? state.table ?? (head.tool === null ? null : 'filter');
  const origin = { draft: draftOf(state, head.tool), table, chain };
  const from = /^\d+$/.test(head.words.text[2] ?? '') && head.command !== '-A' ? 3 : 2;
  const together = outcomeOf(state, joined, origin, whole.words, from);
  if (together.kind === 'ambiguous') return joined;
  if (together.kind === 'sound') return wrapped(joined, next);
  const wrap = together.kind === 'mended' ? together.mends.find(({ code }) => code === 'repaired-wrap') : undefined;
  // Options that no command begins are the rest of the rule above, read or not.
  if (wrap === undefined) return next.words.text.some((rest) => /^--?[a-z]/.test(rest)) ? joined : null;
  return isSentence(state, first, next, wrap.read) ? null : joined;
}

function wrapped(joined: Statement, { start, end }: Statement): Statement {
  const mend = {
    code: 'repaired-wrap' as const,
    start,
    end,
    was: 'a line of its own',
    read: 'the rest of the rule above',
  };
  return { ...joined, mends: [...joined.mends, mend] };
}

/** `-j ACCEPT` and below it `thanks`: whoever reads a chain ACCEPTthanks reads too much. */
function isSentence({ chains }: RulesState, { words }: Statement, next: Statement, read: string): boolean {
  const last = words.text.length - 1;
  const name = words.text[last] ?? '';
  if (next.words.text.length > 1 || !/^-[jg]$/.test(words.text[last - 1] ?? '') || chains?.present.has(read))
    return false;
  const known = isVerdict(name) || findTarget(name, 4) !== undefined || chains?.present.has(name) === true;
  return known && !/^[A-Z0-9-]+$/.test(next.words.text[0] ?? '');
}

function readStatement(state: RulesState, statement: Statement): number {
  const first = statement.words.text[0] ?? '';
  if (first.startsWith('#')) return readRemark(state, statement);
  if (/^\*[a-z]+$/.test(first)) {
    state.table = first.slice(1);
    draftTable(draftOf(state, null), state.table).span ??= spanOf(state, statement);
    return MODELLED;
  }
  if (first === 'COMMIT') {
    if (state.table !== null && !/[|]/.test(state.section.command ?? ''))
      draftTable(draftOf(state, null), state.table).whole = true;
    state.table = null;
    return MODELLED;
  }
  if (first.startsWith(':')) return readDeclaration(state, statement);
  const heading = headingOf(statement.words, 0);
  if (heading !== null) {
    state.chain = heading;
    const { start, end } = statement;
    const was = state.section.file.text.slice(start, end).trim();
    reportMends(state, [{ code: 'repaired-heading', start, end, was, read: `-A ${heading}` }]);
    return MODELLED;
  }
  return isShell(state, first) ? INERT : readCommand(state, statement);
}

/** Lines of a script around commands, and the call that a here-document feeds. */
function isShell(state: RulesState, first: string): boolean {
  if (/^(?:for|while|until|if|case)$/.test(first)) state.depth++;
  else if (/^(?:done|fi|esac);?$/.test(first)) state.depth = Math.max(0, state.depth - 1);
  else return /^(?:(?:ip6?tables(?:-legacy|-nft)?-(?:restore|save))|EOF|EOT|set|then|do|else)$/.test(first);
  return true;
}

function readRemark(state: RulesState, statement: Statement): number {
  const { text } = state.section.file;
  const line = text.slice(statement.start, statement.end);
  if (readHeader(line) === null && line.includes('legacy tables present')) report(state, 'legacy-present', statement);
  if (state.chains === null || !/^#\s*-(?:A|I)\s\S/.test(line)) return INERT;
  report(state, 'commented-out', statement);
  return OPAQUE;
}

/** `:CHAIN POLICY [packets:bytes]` */
function readDeclaration(state: RulesState, statement: Statement): number {
  const [name = '', policy, counters = ''] = statement.words.text;
  const chain = draftChain(draftTable(draftOf(state, null), state.table ?? ''), name.slice(1));
  if (policy === 'ACCEPT' || policy === 'DROP') chain.policy = policy;
  chain.counters = readCounters(counters, 0, counters.length)?.value ?? null;
  chain.span = spanOf(state, statement);
  reportMends(state, statement.mends);
  return MODELLED;
}

function readCommand(state: RulesState, statement: Statement): number {
  const { section, chains } = state;
  const { words } = statement;
  const first = words.text[0] ?? '';
  const bare = state.chain !== null && /^[-!]/.test(first);
  const head = readHead(section.file.text, words, chains);
  const isBody =
    bare && (head === null || (head.tool === null && head.command !== first && head.words.start[0] !== words.start[0]));
  if (head === null && !isBody) return UNRECOGNIZED;
  if (chains !== null && reportPlaceholders(state, statement)) return OPAQUE;
  if (isBody && state.chain !== null) {
    const origin = { draft: draftOf(state, null), table: state.table, chain: state.chain };
    const read = readRules(state, statement, origin, words, 0, statement.mends);
    const rules = read.rules.map((rule): Rule => ({ ...rule, trust: 'repaired' }));
    draftChain(draftTable(origin.draft, origin.table ?? ''), origin.chain).rules.push(...rules);
    return read.modelled ? MODELLED : OPAQUE;
  }
  if (head === null) return UNRECOGNIZED;
  if (state.depth > 0) {
    report(state, 'in-shell-block', statement);
    return OPAQUE;
  }
  return applyCommand(state, statement, head);
}

function reportPlaceholders(state: RulesState, statement: Statement): boolean {
  const { words } = statement;
  const found = placeholdersIn(words.text);
  for (const at of found.slice(0, 20)) {
    const place = { start: words.start[at] ?? 0, end: words.end[at] ?? 0 };
    report(state, 'placeholder', place, { part: words.text[at] ?? '' });
  }
  return found.length > 0;
}

export const iptablesRules: Format = {
  id: 'iptables-rules',
  title: 'iptables -S, iptables commands, fragments',
  commands: [/^ip6?tables(-legacy|-nft)?\s(?:.*\s)?(?:-S|--list-rules)\b/],
  fileNames: [/ip6?tables.*-S\b/, /ip6?tables.*(?:rules|restore)/],
  line: judgeLine,
  goesOn: ruleGoesOn,
  parse: parseIptablesRules,
};
