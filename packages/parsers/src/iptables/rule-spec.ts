/** One rule from its words: header, matches, target. Shared by every dialect that spells rules as options. iptables(8). */
import {
  type Diagnostic,
  type Family,
  findMatch,
  findTarget,
  type MatchDef,
  protocolMatch,
  type Rule,
  type RuleHeader,
  type Span,
  type Target,
  type TargetDef,
} from '@coldtrace/core';
import { iptablesProblem } from './codes.js';
import { buildMatch, buildTarget, type Extension, newExtension, opaqueText, takeOption } from './extension-words.js';
import { type HeaderLists, headerOption, newHeader, productOf, takeHeaderOption } from './header-words.js';
import { findAbbreviated, findOption } from './options.js';
import type { Words } from './words.js';

/** What is known around the rule. */
export interface RuleContext {
  readonly family: Family;
  readonly table: string | null;
  readonly chain: string | null;
  readonly file: number;
  readonly source: string;
  /** Is there a chain of this name? `null`: the text does not say (a fragment). */
  readonly hasChain: (name: string) => boolean | null;
}

export interface RuleReading {
  /** One rule, or the product of address lists such as `-s 10.0.0.1,10.0.0.2`. */
  readonly rules: readonly Rule[];
  readonly diagnostics: readonly Diagnostic[];
  /** Every part was understood. */
  readonly modelled: boolean;
}

interface State {
  readonly cx: RuleContext;
  readonly words: Words;
  readonly header: HeaderLists;
  readonly matches: Extension<MatchDef>[];
  target: Target | null;
  targetWords: Extension<TargetDef> | null;
  next: number;
  invert: boolean;
  modelled: boolean;
  readonly diagnostics: Diagnostic[];
}

/** Reads the words from `from` on as the options of one rule; `span` is the rule's place. */
export function readRuleSpec(words: Words, from: number, span: Span, cx: RuleContext): RuleReading {
  const state: State = {
    cx,
    words,
    header: newHeader(),
    matches: [],
    target: null,
    targetWords: null,
    next: from,
    invert: false,
    modelled: true,
    diagnostics: [],
  };
  while (state.next < words.text.length) readOption(state);
  const matches = state.matches.map((extension) => buildMatch(extension, scope(state)));
  for (const opaque of state.header.opaque) matches.push(opaque);
  if (state.targetWords !== null) state.target = buildTarget(state.targetWords, scope(state));
  const opaque = matches.some((match) => match.kind === 'opaque') || state.target?.kind === 'opaque';
  const rule = (header: RuleHeader): Rule => ({ span, header, matches, target: state.target, counters: null });
  return {
    rules: productOf(state.header).map(rule),
    diagnostics: state.diagnostics,
    modelled: state.modelled && !opaque,
  };
}

/** The part of the state that option readers share. */
export interface Scope {
  readonly cx: RuleContext;
  readonly words: Words;
  readonly header: HeaderLists;
  readonly report: (
    code: Parameters<typeof iptablesProblem>[0],
    word: number,
    data?: Record<string, string | number>,
  ) => void;
}

function scope(state: State): Scope {
  const { cx, words, header } = state;
  return {
    cx,
    words,
    header,
    report: (code, word, data) => {
      state.modelled = false;
      state.diagnostics.push(iptablesProblem(code, wordSpan(state, word), data));
    },
  };
}

function wordSpan(state: State, word: number): Span {
  const { words, cx } = state;
  const last = Math.max(words.text.length - 1, 0);
  const at = Math.min(word, last);
  return { file: cx.file, start: words.start[at] ?? 0, end: words.end[at] ?? 0 };
}

function readOption(state: State): void {
  const word = state.words.text[state.next] ?? '';
  if (word === '!') {
    state.invert = !state.invert;
    state.next++;
    return;
  }
  if (word === '-m' || word === '--match') loadMatch(state);
  else if (word === '-j' || word === '--jump' || word === '-g' || word === '--goto')
    readJump(state, word.startsWith('--g') || word === '-g');
  else if (headerOption(word) !== null) {
    state.next = takeHeaderOption(scope(state), state.next, state.invert);
    state.invert = false;
  } else readExtensionOption(state, word);
}

function loadMatch(state: State): void {
  const at = state.next;
  const name = state.words.text[at + 1];
  state.next += 2;
  if (name === undefined) {
    scope(state).report('missing-value', at, { option: '-m' });
    return;
  }
  const def = findMatch(name, state.cx.family);
  state.matches.push(newExtension(name, def ?? null, at + 2));
  if (def !== undefined) return;
  scope(state).report('unknown-match', at + 1, { name });
  state.next = skipOpaque(state, state.next);
}

/** An unknown extension owns every word up to the next one that certainly is not its own. */
function skipOpaque(state: State, from: number): number {
  let at = from;
  while (at < state.words.text.length && !startsPart(state.words.text[at] ?? '')) at++;
  const extension = state.matches.at(-1);
  if (extension !== undefined) for (let word = from; word < at; word++) extension.own.push(word);
  return at;
}

function startsPart(word: string): boolean {
  return (
    word === '-m' || word === '--match' || word === '-j' || word === '--jump' || word === '-g' || word === '--goto'
  );
}

function readJump(state: State, goto: boolean): void {
  const at = state.next;
  const name = state.words.text[at + 1];
  state.next += 2;
  if (name === undefined) {
    scope(state).report('missing-value', at, { option: goto ? '-g' : '-j' });
    return;
  }
  if (!goto && (name === 'ACCEPT' || name === 'DROP' || name === 'RETURN' || name === 'QUEUE')) {
    state.target = { kind: 'standard', verdict: name };
    return;
  }
  const known = state.cx.hasChain(name);
  const def = goto || known === true ? undefined : findTarget(name, state.cx.family);
  if (def !== undefined) {
    state.targetWords = newExtension(name, def, at + 2);
    return;
  }
  if (goto || known !== false) {
    state.target = { kind: 'jump', chain: name, goto };
    return;
  }
  scope(state).report('unknown-target', at + 1, { name });
  const from = state.next;
  while (state.next < state.words.text.length && !startsPart(state.words.text[state.next] ?? '')) state.next++;
  const own = Array.from({ length: state.next - from }, (_, index) => from + index);
  state.target = { kind: 'opaque', name, text: opaqueText(state.cx.source, state.words, own) };
}

function readExtensionOption(state: State, word: string): void {
  const at = state.next;
  const invert = state.invert;
  state.invert = false;
  const equals = word.indexOf('=');
  const name = word.startsWith('--') ? word.slice(2, equals < 0 ? undefined : equals) : null;
  const owner = name === null ? null : (ownerOf(state, name) ?? loadProtocolMatch(state, name));
  if (owner === null) {
    keepVerbatim(state, at, invert);
    return;
  }
  const inline = equals < 0 ? null : word.slice(equals + 1);
  state.next = takeOption(scope(state), owner.extension, owner.found, at, inline, invert);
}

interface Owner {
  readonly extension: Extension<MatchDef> | Extension<TargetDef>;
  readonly found: NonNullable<ReturnType<typeof findOption>>;
}

/** Later extensions win over earlier ones, as merged option tables of iptables do; exact names win over abbreviations. */
function ownerOf(state: State, name: string): Owner | null {
  const loaded: (Extension<MatchDef> | Extension<TargetDef>)[] = state.targetWords === null ? [] : [state.targetWords];
  for (let index = state.matches.length - 1; index >= 0; index--) {
    const extension = state.matches[index];
    if (extension !== undefined && extension.def !== null) loaded.push(extension);
  }
  for (const extension of loaded) {
    const found = extension.def === null ? undefined : findOption(extension.def, name);
    if (found !== undefined) return { extension, found };
  }
  const defs = loaded.flatMap((extension) => (extension.def === null ? [] : [extension.def]));
  const short = findAbbreviated(defs, name);
  const extension = short === undefined ? undefined : loaded.find((candidate) => candidate.def === short.def);
  return short === undefined || extension === undefined ? null : { extension, found: short.found };
}

/** `-p tcp --dport 80`: the protocol's own match is loaded when an option needs it. */
function loadProtocolMatch(state: State, name: string): Owner | null {
  const proto = state.header.proto;
  if (proto === null || proto.invert) return null;
  const def = protocolMatch(proto.proto, state.cx.family);
  if (def === undefined || state.matches.some((match) => match.def === def)) return null;
  const found = findOption(def, name) ?? findAbbreviated([def], name)?.found;
  if (found === undefined) return null;
  const extension = newExtension(def.name, def, state.next);
  state.matches.push(extension);
  return { extension, found };
}

/** A word that nobody owns makes the extension before it opaque: its meaning may depend on it. */
function keepVerbatim(state: State, at: number, invert: boolean): void {
  const word = state.words.text[at] ?? '';
  const code = word.startsWith('-') ? 'unknown-option' : 'stray-word';
  scope(state).report(code, at, code === 'stray-word' ? { word } : { option: word });
  let end = at + 1;
  while (
    end < state.words.text.length &&
    !(state.words.text[end] ?? '').startsWith('-') &&
    state.words.text[end] !== '!'
  )
    end++;
  const own = Array.from({ length: end - at }, (_, index) => at + index);
  if (invert) own.unshift(at - 1);
  const target = state.targetWords;
  const extension = target ?? state.matches.at(-1);
  if (extension === undefined) {
    state.header.opaque.push({
      kind: 'opaque',
      name: invert ? '-!' : word,
      text: opaqueText(state.cx.source, state.words, invert ? own : own.slice(1)),
    });
  } else {
    extension.broken = true;
    extension.own.push(...own);
  }
  state.next = end;
}
