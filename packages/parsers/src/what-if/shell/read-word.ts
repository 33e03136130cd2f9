/** One word of a shell line, its quotes taken off. Whatever a shell would put in place of it is a problem. POSIX Shell Command Language, 2.2. */
import type { ShellProblem, ShellWord, Stretch } from './syntax.js';

export const isBlankUnit = (unit: string | undefined): boolean => unit === ' ' || unit === '\t' || unit === '\r';

const ends = new Set(['\n', ';', '&', '|', '<', '>', '(', ')']);

export type WordReading =
  | { readonly word: ShellWord; readonly problem: null }
  | { readonly word: null; readonly problem: ShellProblem };

interface Draft {
  readonly source: string;
  readonly to: number;
  readonly start: number;
  at: number;
  text: string;
  /** Pieces of the source that the word is made of. */
  readonly pieces: Stretch[];
  quoted: boolean;
  problem: ShellProblem | null;
}

/** The word at `start`, which is no blank and no operator. */
export function readWord(source: string, start: number, to: number): WordReading {
  const draft: Draft = { source, to, start, at: start, text: '', pieces: [], quoted: false, problem: null };
  while (draft.at < to && draft.problem === null) {
    const unit = source[draft.at] ?? '';
    if (isBlankUnit(unit) || ends.has(unit)) break;
    if (unit === "'") takeSingle(draft);
    else if (unit === '"') takeDouble(draft);
    else if (unit === '\\') takeEscape(draft);
    else takePlain(draft, unit);
  }
  if (draft.problem !== null) return { word: null, problem: draft.problem };
  const { text, quoted, at: end, pieces } = draft;
  const [only] = pieces;
  const content = pieces.length === 1 && only !== undefined ? only : null;
  return { word: { text, start, end, content, quoted }, problem: null };
}

function take(draft: Draft, start: number, end: number): void {
  draft.text += draft.source.slice(start, end);
  const last = draft.pieces.at(-1);
  if (last !== undefined && last.end === start) draft.pieces[draft.pieces.length - 1] = { start: last.start, end };
  else draft.pieces.push({ start, end });
}

function takeSingle(draft: Draft): void {
  const close = draft.source.indexOf("'", draft.at + 1);
  draft.quoted = true;
  if (close < 0 || close >= draft.to) unclosed(draft);
  else {
    take(draft, draft.at + 1, close);
    draft.at = close + 1;
  }
}

function takeDouble(draft: Draft): void {
  const { source, to } = draft;
  draft.quoted = true;
  let from = draft.at + 1;
  for (let at = from; at < to; at++) {
    const unit = source[at] ?? '';
    if (unit === '"') {
      take(draft, from, at);
      draft.at = at + 1;
      return;
    }
    if (isSubstitution(source, at)) {
      substituted(draft, at);
      return;
    }
    if (unit !== '\\') continue;
    const next = source[at + 1] ?? '';
    if ('"\\$`'.includes(next)) {
      take(draft, from, at);
      from = at + 1;
    } else if (next === '\n') {
      take(draft, from, at);
      from = at + 2;
    }
    at++;
  }
  unclosed(draft);
}

function takeEscape(draft: Draft): void {
  const { at, source } = draft;
  if (source[at + 1] !== '\n') take(draft, at + 1, at + 2);
  draft.quoted ||= source[at + 1] !== '\n';
  draft.at = at + 2;
}

/** Unquoted: `$x`, `` `x` ``, `*`, `{a,b}` and `~` stand for something else. */
function takePlain(draft: Draft, unit: string): void {
  const { source, at } = draft;
  const pattern = unit === '*' || unit === '?' || (unit === '~' && at === draft.start);
  if (pattern || isSubstitution(source, at) || isBraces(source, at, draft.to)) {
    substituted(draft, at);
    return;
  }
  take(draft, at, at + 1);
  draft.at++;
}

/** `{a,b}` and `{1..9}`. */
function isBraces(source: string, at: number, to: number): boolean {
  return source[at] === '{' && /^\{[^\s{}]*(?:,|\.\.)[^\s{}]*\}/.test(source.slice(at, Math.min(to, at + 200)));
}

/** A dollar sign or backquote that a shell would replace, here or in an unquoted here-document. */
export function isSubstitution(source: string, at: number): boolean {
  const unit = source[at];
  if (unit === '`') return true;
  return unit === '$' && /[A-Za-z0-9_{(@*#?$!'"-]/.test(source[at + 1] ?? '');
}

function substituted(draft: Draft, at: number): void {
  const text = /^\S{1,40}/.exec(draft.source.slice(at, Math.min(draft.to, at + 40)))?.[0] ?? '';
  draft.problem = { kind: 'variable', text: text.replace(/["';]+$/, ''), start: at, end: at + text.length };
}

function unclosed(draft: Draft): void {
  const end = Math.min(draft.at + 1, draft.to);
  draft.problem = { kind: 'syntax', why: 'a quote is not closed', start: draft.at, end };
  draft.at = draft.to;
}
