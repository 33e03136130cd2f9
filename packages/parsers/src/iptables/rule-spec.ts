/** One rule from its words: header, matches, target. Shared by every dialect that spells rules as options. iptables(8). */
import {
  type Counters,
  type Diagnostic,
  type Family,
  findMatch,
  lostInNft,
  type MatchDef,
  protocolMatch,
  type Rule,
  type RuleHeader,
  type Span,
  type Target,
  type TargetDef,
  type XtablesVariant,
} from '@coldtrace/core';
import { iptablesProblem } from './codes.js';
import { buildMatch, buildTarget, type Extension, newExtension, opaqueText, takeOption } from './extension-words.js';
import { lostOfHeader, refusedTogether } from './header-rules.js';
import { type HeaderLists, newHeader, productOf, takeHeaderOption } from './header-words.js';
import { endOfUnknown, readJump, refusedVerdict } from './jump-words.js';
import { type AnyExtension, type NamedOption, namedOption, type RuleOption } from './rule-options.js';
import type { Words } from './words.js';

/** What is known around the rule. */
export interface RuleContext {
  readonly family: Family;
  /** Whose rules they are; absent or null: the text does not say. */
  readonly variant?: XtablesVariant | null;
  readonly table: string | null;
  readonly chain: string | null;
  readonly file: number;
  readonly source: string;
  /** Is there a chain of this name? `null`: the text does not say (a fragment). */
  readonly hasChain: (name: string) => boolean | null;
  /** A tool has printed the text: hardly anything but quotes can have been lost since. */
  readonly printed?: boolean;
}

export interface RuleReading {
  /**
   * One rule, the product of address lists such as `-s 10.0.0.1,10.0.0.2`, or none: a rule with `-4` or `-6` for the other family is passed over.
   */
  readonly rules: readonly Rule[];
  readonly diagnostics: readonly Diagnostic[];
  /** Every part was understood. */
  readonly modelled: boolean;
  /** What was not, by the word where it shows. */
  readonly problems: readonly RuleProblem[];
}

type ProblemCode = Parameters<typeof iptablesProblem>[0];

export interface RuleProblem {
  readonly code: ProblemCode;
  readonly word: number;
}

interface State {
  readonly cx: RuleContext;
  readonly words: Words;
  readonly header: HeaderLists;
  readonly matches: Extension<MatchDef>[];
  /** Every extension in the order of loading. */
  readonly loaded: AnyExtension[];
  target: Target | null;
  targetWords: Extension<TargetDef> | null;
  /** Index of the word that named the target; -1 before. */
  jumpAt: number;
  otherFamily: boolean;
  next: number;
  invert: boolean;
  modelled: boolean;
  repaired: boolean;
  readonly problems: RuleProblem[];
  readonly diagnostics: Diagnostic[];
}

/** Reads the words from `from` on as the options of one rule; `span` is the rule's place. */
export function readRuleSpec(words: Words, from: number, span: Span, cx: RuleContext): RuleReading {
  const state: State = {
    cx,
    words,
    header: newHeader(),
    matches: [],
    loaded: [],
    target: null,
    targetWords: null,
    jumpAt: -1,
    otherFamily: false,
    next: from,
    invert: false,
    modelled: true,
    repaired: false,
    problems: [],
    diagnostics: [],
  };
  while (state.next < words.text.length && !state.otherFamily) readOption(state);
  if (state.otherFamily)
    return { rules: [], diagnostics: state.diagnostics, modelled: state.modelled, problems: state.problems };
  return finish(state, span);
}

function finish(state: State, span: Span): RuleReading {
  const { header } = state;
  const shared = scope(state);
  if (state.invert) refuse(state, state.words.text.length - 1, '"!"', 'nothing follows it');
  for (const { word, option, why } of header.badAddresses) shared.report('bad-value', word, { option, why });
  for (const [what, why] of refusedTogether(shared)) refuse(state, 0, what, why);
  const verdict = refusedVerdict(shared, state.target);
  if (verdict !== null) refuse(state, state.jumpAt, 'the target', verdict);
  const lost = lostOfHeader(shared);
  if (lost !== null) shared.report('print-loses', 0, { what: lost });
  const matches = state.matches.map((extension) => buildMatch(extension, shared));
  for (const opaque of header.opaque) matches.push(opaque);
  const merged = state.cx.variant === 'legacy' ? null : lostInNft(matches, state.cx.family);
  if (merged !== null) shared.report('print-loses', 0, { what: merged });
  if (state.targetWords !== null) state.target = buildTarget(state.targetWords, shared, matches);
  const opaque = matches.some((match) => match.kind === 'opaque') || state.target?.kind === 'opaque';
  const { target } = state;
  const counters: Counters | null = header.counters;
  const rule = (header: RuleHeader): Rule =>
    state.repaired
      ? { span, header, matches, target, counters, trust: 'repaired' }
      : { span, header, matches, target, counters };
  return {
    rules: productOf(header).map(rule),
    diagnostics: state.diagnostics,
    modelled: state.modelled && !opaque,
    problems: state.problems,
  };
}

/** The part of the state that option readers share. */
export interface Scope {
  readonly cx: RuleContext;
  readonly words: Words;
  readonly header: HeaderLists;
  readonly report: (code: ProblemCode, word: number, data?: Record<string, string | number>) => void;
}

/** Problems of a rule that is understood all the same. */
const understood: ReadonlySet<string> = new Set(['intraposed', 'glued', 'print-loses', 'repaired-quotes']);

function scope(state: State): Scope {
  const { cx, words, header } = state;
  return {
    cx,
    words,
    header,
    report: (code, word, data) => {
      if (!understood.has(code)) {
        state.modelled = false;
        state.problems.push({ code, word });
      }
      if (code === 'repaired-quotes') state.repaired = true;
      state.diagnostics.push(iptablesProblem(code, wordSpan(state, word), data));
    },
  };
}

function refuse(state: State, word: number, what: string, why: string): void {
  scope(state).report('refused', word, { what, why });
}

function wordSpan(state: State, word: number): Span {
  const { words, cx } = state;
  const last = Math.max(words.text.length - 1, 0);
  const at = Math.min(word, last);
  return { file: cx.file, start: words.start[at] ?? 0, end: words.end[at] ?? 0 };
}

function readOption(state: State): void {
  const at = state.next;
  const word = state.words.text[at] ?? '';
  if (word === '!') {
    if (state.invert) refuse(state, at, '"! !"', 'one "!" is enough');
    state.invert = !state.invert;
    state.next++;
    return;
  }
  const invert = state.invert;
  state.invert = false;
  const named = namedOption(word, state.loaded, state.cx) ?? withProtocolMatch(state, word);
  if (named === null) keepVerbatim(state, at, invert);
  else if (named.kind === 'extension')
    state.next = takeOption(scope(state), named.extension, named.found, at, named.inline, invert);
  else readRuleOption(state, named, named.option, invert);
}

function readRuleOption(state: State, named: NamedOption, option: RuleOption, invert: boolean): void {
  const at = state.next;
  const word = state.words.text[at] ?? '';
  switch (option) {
    case 'm':
    case 'j':
    case 'g': {
      if (invert) refuse(state, at - 1, `"!" before ${word}`, 'only tests can be negated');
      const name = named.inline ?? state.words.text[at + 1];
      const place = named.inline === null ? at + 1 : at;
      state.next = place + 1;
      if (name === undefined) scope(state).report('missing-value', at, { option: word });
      else if (option === 'm') loadMatch(state, name, place);
      else jump(state, name, place, option === 'g');
      if (named.inline !== null && option === 'j')
        scope(state).report('glued', at, { option: '-j', value: named.inline });
      return;
    }
    case '4':
    case '6':
      state.otherFamily ||= option !== `${state.cx.family}`;
      state.next++;
      return;
    case 'v':
      if (invert) refuse(state, at - 1, `"!" before ${word}`, 'only tests can be negated');
      state.next++;
      return;
    default:
      state.next = takeHeaderOption(scope(state), option, named, at, invert);
  }
}

function jump(state: State, name: string, at: number, goto: boolean): void {
  if (state.jumpAt >= 0) scope(state).report('repeated-option', at, { option: goto ? '-g' : '-j' });
  state.jumpAt = at;
  const read = readJump(scope(state), name, at, goto);
  state.target = read.target;
  state.targetWords = read.extension;
  state.next = read.next;
  if (read.extension !== null) state.loaded.push(read.extension);
}

function loadMatch(state: State, name: string, at: number): void {
  const def = findMatch(name, state.cx.family);
  const extension = newExtension(name, def ?? null, at + 1);
  state.matches.push(extension);
  state.loaded.push(extension);
  if (def !== undefined) return;
  scope(state).report('unknown-match', at, { name });
  const from = state.next;
  state.next = endOfUnknown(state.words.text, from);
  for (let word = from; word < state.next; word++) extension.own.push(word);
}

/** `-p tcp --dport 80`: the protocol's own match is loaded when an option needs it. */
function withProtocolMatch(state: State, word: string): NamedOption | null {
  const { protoWord } = state.header;
  if (protoWord === null || !word.startsWith('--')) return null;
  const def = protocolMatch(protoWord, state.cx.family);
  if (def === undefined || state.matches.some((match) => match.def === def)) return null;
  const extension = newExtension(def.name, def, state.next);
  const named = namedOption(word, [...state.loaded, extension], state.cx);
  if (named === null) return null;
  state.matches.push(extension);
  state.loaded.push(extension);
  return named;
}

/** A word that nobody owns makes the extension before it opaque: its meaning may depend on it. */
function keepVerbatim(state: State, at: number, invert: boolean): void {
  const words = state.words.text;
  const word = words[at] ?? '';
  const code = word.startsWith('-') ? 'unknown-option' : 'stray-word';
  scope(state).report(code, at, code === 'stray-word' ? { word } : { option: word });
  let end = at + 1;
  while (end < words.length && !(words[end] ?? '').startsWith('-') && words[end] !== '!') end++;
  const own = Array.from({ length: end - at }, (_, index) => at + index);
  if (invert) own.unshift(at - 1);
  const extension = state.targetWords ?? state.matches.at(-1);
  if (extension === undefined) {
    // A stray word has no option's name: all of it is text.
    const named = invert || code === 'unknown-option';
    state.header.opaque.push({
      kind: 'opaque',
      name: invert ? '!' : named ? word : '',
      text: opaqueText(state.cx.source, state.words, named ? own.slice(1) : own),
    });
  } else {
    extension.broken = true;
    extension.own.push(...own);
  }
  state.next = end;
}
