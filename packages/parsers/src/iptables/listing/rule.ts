/** One rule of a listing: its row, the text after it, and what the listing hides of it. */
import type { Diagnostic, Family, HiddenPart, Match, Rule, Span, Target } from '@coldtrace/core';
import { listingProblem } from './codes.js';
import { readListedText, type TextContext } from './extension-text.js';
import type { Columns } from './lines.js';
import { type Row, readRow } from './row.js';

export interface RowContext {
  readonly family: Family;
  readonly table: string | null;
  readonly chain: string;
  readonly columns: Columns;
  /** The listing may hold names in place of numbers. */
  readonly names: boolean;
  readonly hasChain: (name: string) => boolean | null;
  /** See {@link TextContext}. */
  readonly beginnings: TextContext['beginnings'];
}

export interface ListedRule {
  readonly rule: Rule;
  readonly diagnostics: readonly Diagnostic[];
  /** Something was kept verbatim. */
  readonly opaque: boolean;
  /** `-m hashlimit`, whose name no listing prints: rules with one name count together. */
  readonly nameless: boolean;
}

/** Reads one line of a chain; null when it has not the columns of a rule. */
export function readListedRule(text: string, span: Span, cx: RowContext): ListedRule | null {
  const row = readRow(text, cx.columns, cx.family, cx.names);
  if (row === null) return null;
  const goto = text.startsWith('[goto]', firstWord(text, row.rest));
  const from = goto ? firstWord(text, row.rest) + 6 : row.rest;
  const read = readListedText(text, from, goto ? null : row.target, textContext(row, cx));
  const target: Target | null = goto ? { kind: 'jump', chain: row.target ?? '', goto } : read.target;
  const matches: readonly Match[] = [...row.opaque, ...read.matches];
  const hidden = hiddenOf(text.slice(from), row, cx);
  const base: Rule = { span, header: row.header, matches, target, counters: row.counters };
  return {
    rule: hidden.length === 0 ? base : { ...base, hidden },
    diagnostics: read.problems.map(({ code, data }) => listingProblem(code, span, data)),
    opaque: target?.kind === 'opaque' || matches.some((match) => match.kind === 'opaque'),
    nameless: matches.some((match) => match.kind === 'known' && match.name === 'hashlimit'),
  };
}

function textContext({ header: { proto } }: Row, cx: RowContext): TextContext {
  const { family, table, chain, hasChain, beginnings } = cx;
  const given = proto === null || proto.invert ? null : proto.proto;
  return { family, table, chain, proto: given, namedProto: proto?.proto ?? null, hasChain, beginnings };
}

function firstWord(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 9) at++;
  return at;
}

/** Built-in chains see packets on one side only. */
const hiddenInterfaces: Readonly<Record<string, readonly HiddenPart[]>> = {
  PREROUTING: ['in'],
  INPUT: ['in'],
  OUTPUT: ['out'],
  POSTROUTING: ['out'],
};

const portNames = /(?:[sd]pts?:!?|ports !?)\S*[a-z]/i;

function hiddenOf(rest: string, row: Row, cx: RowContext): readonly HiddenPart[] {
  const hidden: HiddenPart[] = cx.columns.interfaces
    ? []
    : [...(hiddenInterfaces[cx.chain] ?? (['in', 'out'] as const))];
  if (cx.names && (row.named || portNames.test(rest))) hidden.push('names');
  return hidden;
}

/** A line that stands where a rule does and is not understood. */
export function unreadRule(text: string, span: Span): ListedRule {
  const header = { src: null, dst: null, iif: null, oif: null, proto: null, fragment: null };
  const words = text.trim();
  return {
    rule: {
      span,
      header,
      matches: [{ kind: 'opaque', name: 'listing', text: words }],
      target: { kind: 'opaque', name: 'listing', text: '' },
      counters: null,
    },
    diagnostics: [listingProblem('bad-row', span)],
    opaque: true,
    nameless: false,
  };
}
