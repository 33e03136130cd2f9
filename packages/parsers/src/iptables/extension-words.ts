/** The words of one `-m` or `-j` extension: collected while the rule is read, built into data when it is complete. */
import {
  type Given,
  isBuiltinChain,
  isRefusal,
  type Match,
  type MatchDef,
  quote,
  type ReadContext,
  type Target,
  type TargetDef,
} from '@coldtrace/core';
import { endOfText } from './lost-quotes.js';
import type { FoundOption } from './options.js';
import type { Scope } from './rule-spec.js';
import { splitWords, type Words } from './words.js';

type Collected = Omit<Given<unknown>, 'all'> & { readonly all: Given<unknown>['all'][number][] };

export interface Extension<Def extends MatchDef | TargetDef> {
  readonly name: string;
  /** null: unknown here. */
  readonly def: Def | null;
  /** Index of the first word after the name. */
  readonly first: number;
  /** Indexes of its words, to print it back verbatim if need be. */
  readonly own: number[];
  readonly given: Record<string, Collected>;
  /** Some of its words were not understood: it becomes opaque. */
  broken: boolean;
}

export function newExtension<Def extends MatchDef | TargetDef>(
  name: string,
  def: Def | null,
  first: number,
): Extension<Def> {
  return { name, def, first, own: [], given: {}, broken: def === null };
}

/** Takes an option with its words; returns the index of the word after them. */
export function takeOption(
  scope: Scope,
  extension: Extension<MatchDef> | Extension<TargetDef>,
  found: FoundOption,
  at: number,
  inline: string | null,
  invert: boolean,
): number {
  const { words } = scope;
  const flag = `--${found.key}`;
  let next = at + 1;
  let inverted = invert;
  if (invert) extension.own.push(at - 1);
  extension.own.push(at);
  if (inline !== null && (found.option.value.words === 0 || found.option.value.optional === true)) {
    scope.report('bad-value', at, { option: flag, why: 'it takes no value behind =' });
    extension.broken = true;
    return next;
  }
  if (found.option.negatable && inline === null && isIntraposed(words, next)) {
    scope.report('intraposed', next, { option: flag });
    extension.own.push(next);
    inverted = true;
    next++;
  }
  const values: string[] = inline === null ? [] : [inline];
  while (values.length < found.option.value.words) {
    const value = words.text[next];
    if (found.option.value.optional === true && (value === undefined || value === '!' || value.startsWith('-'))) break;
    if (value === undefined) {
      scope.report('missing-value', at, { option: flag });
      extension.broken = true;
      return next;
    }
    values.push(value);
    extension.own.push(next);
    next++;
  }
  const behind = scope.cx.printed === true ? endOfText(words.text, found.key, next - 1, scope.cx.family) : next;
  if (behind > next) {
    const read = words.text.slice(next - 1, behind).join(' ');
    scope.report('repaired-quotes', next, { read });
    for (; next < behind; next++) extension.own.push(next);
    values.splice(0, 1, read);
  }
  keepOption(scope, extension, found, at, values, inverted);
  return next;
}

/** A `!` with a value after it; before another option it is the value itself. */
function isIntraposed(words: Words, at: number): boolean {
  const after = words.text[at + 1];
  return words.text[at] === '!' && after !== undefined && !after.startsWith('-');
}

function keepOption(
  scope: Scope,
  extension: Extension<MatchDef> | Extension<TargetDef>,
  found: FoundOption,
  at: number,
  values: readonly string[],
  invert: boolean,
): void {
  const option = `--${found.key}`;
  const value = found.option.value.read(values, readContext(scope));
  const before = extension.given[found.key];
  const problem = problemOf(found, value, before, invert);
  if (problem !== null) {
    scope.report(problem, at, { option, why: isRefusal(value) ? value.refused : '' });
    extension.broken = true;
    return;
  }
  // Grown in place: a hostile line can repeat an option a hundred thousand times.
  const all = before?.all ?? [];
  all.push({ value, invert, at });
  extension.given[found.key] = { value, invert, all };
}

function problemOf(found: FoundOption, value: unknown, before: Given<unknown> | undefined, invert: boolean) {
  if (isRefusal(value)) return 'bad-value';
  if (invert && !found.option.negatable) return 'not-negatable';
  return before !== undefined && !found.option.repeatable ? 'repeated-option' : null;
}

function readContext(scope: Scope): ReadContext {
  const { family, table, chain, variant } = scope.cx;
  const proto = scope.header.proto;
  return {
    family,
    table,
    chain,
    variant: variant ?? null,
    proto: proto === null || proto.invert ? null : proto.proto,
    namedProto: proto?.proto ?? null,
  };
}

export function buildMatch(extension: Extension<MatchDef>, scope: Scope): Match {
  const built = build(extension, scope);
  return built === null ? opaque(extension, scope) : { kind: 'known', name: built.name, data: built.data };
}

export function buildTarget(extension: Extension<TargetDef>, scope: Scope, matches: readonly Match[]): Target {
  const built = build(extension, scope);
  const beside = built === null ? null : (extension.def?.among?.(built.data, matches, readContext(scope)) ?? null);
  if (beside !== null) scope.report('refused', extension.first - 1, { what: `-j ${extension.name}`, why: beside });
  return built === null ? opaque(extension, scope) : { kind: 'known', name: built.name, data: built.data };
}

interface Built {
  readonly name: string;
  readonly data: unknown;
}

function build(extension: Extension<MatchDef> | Extension<TargetDef>, scope: Scope): Built | null {
  const { def } = extension;
  if (def === null || extension.broken) return null;
  const cx = readContext(scope);
  const placed = placement(def, cx);
  const built = placed === null ? def.build(extension.given, cx) : { refused: placed };
  const missing = isRefusal(built) ? null : protocolMissing(def, built, cx);
  const data = missing === null ? built : { refused: missing };
  const what = `${def.kind === 'match' ? '-m' : '-j'} ${extension.name}`;
  if (!isRefusal(data)) {
    const lost = def.loses?.(data, cx) ?? null;
    if (lost !== null) scope.report('print-loses', extension.first - 1, { what: `of ${what} ${lost}` });
    return { name: def.name, data };
  }
  scope.report('refused', extension.first - 1, { what, why: data.refused });
  return null;
}

/** Why an extension may not stand in this rule. */
function placement(def: MatchDef | TargetDef, cx: ReadContext): string | null {
  if (def.tables !== undefined && cx.table !== null && !def.tables.includes(cx.table)) {
    return `it works in table ${def.tables.join(', ')} only`;
  }
  if (def.hooks !== undefined && cx.chain !== null && isBuiltinChain(cx.table ?? 'mangle', cx.chain)) {
    const placed = def.hooks.some((hook) => hook === cx.chain);
    if (!placed) return `it works in ${def.hooks.join(', ')} and chains called from there only`;
  }
  return null;
}

/** Why its protocol does not fit; nft takes a negated one where it makes expressions of its own. */
function protocolMissing(def: MatchDef | TargetDef, data: unknown, cx: ReadContext): string | null {
  if (def.protos === undefined || (cx.proto !== null && def.protos.includes(cx.proto))) return null;
  const named = cx.namedProto !== null && cx.namedProto !== undefined && def.protos.includes(cx.namedProto);
  const native = named && def.kind === 'match' && cx.variant === 'nft' && def.native?.is(data) === true;
  return native ? null : 'it needs a protocol (-p) that it knows';
}

function opaque(extension: Extension<MatchDef> | Extension<TargetDef>, scope: Scope) {
  const own = [...new Set(extension.own)].sort((x, y) => x - y);
  return { kind: 'opaque', name: extension.name, text: opaqueText(scope.cx.source, scope.words, own) } as const;
}

/** The words as they stand in the source, joined by single blanks; quoted anew where a shell's quoting is not that of a dump. */
export function opaqueText(source: string, words: Words, own: readonly number[]): string {
  return own
    .map((index) => {
      const written = source.slice(words.start[index] ?? 0, words.end[index] ?? 0);
      const word = words.text[index] ?? '';
      return written === word || splitWords(written, 0, written.length).text[0] === word ? written : quote(word);
    })
    .join(' ');
}
