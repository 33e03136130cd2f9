/** The rules that one statement makes: read as it stands, or mended where it was pasted and exactly one reading is valid. */
import type { Rule } from '@coldtrace/core';
import type { Mend, PastedWords } from './repair/mend.js';
import { type Outcome, readPasted } from './repair/search.js';
import { readCounters } from './rule-rows.js';
import { type RuleContext, readRuleSpec } from './rule-spec.js';
import { type RulesState, report, reportMends, spanOf } from './rules-state.js';
import type { RulesetDraft } from './ruleset-draft.js';
import type { Statement } from './statements.js';

export interface RuleOrigin {
  readonly draft: RulesetDraft;
  readonly table: string | null;
  readonly chain: string;
}

export interface ReadRules {
  readonly rules: readonly Rule[];
  readonly modelled: boolean;
}

/** Reads words[from…] as a rule and says what was wrong with it, or what was mended. `mends`: what was mended before its body. */
export function readRules(
  state: RulesState,
  statement: Statement,
  origin: RuleOrigin,
  words: PastedWords,
  from: number,
  mends: readonly Mend[],
): ReadRules {
  const outcome = outcomeOf(state, statement, origin, words, from);
  const { section } = state;
  const { reading } = outcome;
  const repairs = [...mends, ...(outcome.kind === 'mended' ? outcome.mends : [])];
  reportMends(state, repairs);
  if (outcome.kind === 'ambiguous')
    report(state, 'ambiguous', statement, { readings: outcome.prints.slice(0, 3).join(' or ') });
  if (statement.openQuote) report(state, 'open-quote', statement);
  state.diagnostics.push(...reading.diagnostics);
  const counters = readCounters(section.file.text, statement.start, statement.end)?.value ?? null;
  const readable = statement.openQuote ? [openRule(state, statement, words, from)] : reading.rules;
  const rules = readable.map((rule): Rule => {
    const counted = counters === null ? rule : { ...rule, counters };
    return repairs.length === 0 ? counted : { ...counted, trust: 'repaired' };
  });
  return { rules, modelled: reading.modelled && !statement.openQuote };
}

const nothingTested = { src: null, dst: null, iif: null, oif: null, proto: null, fragment: null } as const;

/** A rule of which nothing is sure: its words are kept, what it tests and does is open. */
export function openRule(state: RulesState, statement: Statement, words: PastedWords, from: number): Rule {
  const { text } = state.section.file;
  const jump = words.text.findIndex((word, at) => at >= from && (word === '-j' || word === '-g'));
  const between = (first: number, last: number) =>
    first >= last ? '' : text.slice(words.start[first] ?? 0, words.end[last - 1] ?? 0).replace(/\s+/g, ' ');
  const name = words.text[from] ?? '';
  const end = words.text.length;
  const split = jump < 0 ? end : jump;
  return {
    span: spanOf(state, statement),
    header: nothingTested,
    matches: split > from && name.startsWith('-') ? [{ kind: 'opaque', name, text: between(from + 1, split) }] : [],
    target: { kind: 'opaque', name: words.text[split + 1] ?? '?', text: between(split + 2, end) },
    counters: null,
  };
}

/** How the rule reads, without saying anything yet. */
export function outcomeOf(
  state: RulesState,
  statement: Statement,
  { draft, table, chain }: RuleOrigin,
  words: PastedWords,
  from: number,
): Outcome {
  const { section, chains } = state;
  const context: RuleContext = {
    family: draft.family,
    variant: draft.variant,
    table,
    chain,
    file: section.file.id,
    source: section.file.text,
    hasChain: (name) => (draft.tables.get(table ?? '')?.chains.has(name) === true ? true : null),
    printed: chains === null,
  };
  const span = spanOf(state, statement);
  if (chains === null || statement.openQuote) {
    const reading = readRuleSpec(words, from, span, context);
    return { kind: reading.modelled ? 'sound' : 'unread', reading };
  }
  return readPasted({ words, from, family: draft.family, table, chain, chains }, span, context);
}
