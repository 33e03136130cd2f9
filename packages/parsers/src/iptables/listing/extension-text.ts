/** The text after the address columns: matches in order, then what the target prints, without any mark between them. iptables: iptables/xshared.c `print_match`. */
import {
  type Family,
  findListedTargets,
  type ListingCursor,
  listedMatches,
  listingCursor,
  type Match,
  type MatchDef,
  type ReadContext,
  type Target,
} from '@coldtrace/core';

export interface ListedText {
  readonly matches: readonly Match[];
  readonly target: Target | null;
  readonly problems: readonly TextProblem[];
}

export interface TextProblem {
  readonly code: 'unknown-text' | 'ambiguous-text' | 'unknown-target' | 'unread-target';
  readonly data: Readonly<Record<string, string>>;
}

export interface TextContext extends ReadContext {
  /** Is there a chain of this name? null: the listing does not say. */
  readonly hasChain: (name: string) => boolean | null;
  /** Which matches may begin with a word, as far as it has been seen. */
  readonly beginnings: Map<string, readonly MatchDef[]>;
}

/** More words than any rule prints: such text is kept as it is. */
const mostWords = 1000;

/** Comments may hold the mark that ends them; beyond so many such marks their readings are not counted out. */
const mostEnds = 16;

interface Text {
  readonly line: string;
  readonly words: readonly string[];
  readonly starts: readonly number[];
  readonly gaps: readonly string[];
  readonly cursor: ListingCursor;
  readonly cx: TextContext;
  readonly targetName: string | null;
  /** What was read from a word on: comments are tried with every end they may have. */
  readonly known: Map<number, ListedText>;
}

/** Reads line[from, end) as the matches of a rule and its target, whose name stood in the `target` column. */
export function readListedText(line: string, from: number, targetName: string | null, cx: TextContext): ListedText {
  const apart = unglued(line.slice(from), cx.family);
  const read = readText(textOf(line.slice(0, from) + apart, from, targetName, cx));
  if (read.problems.length === 0 || apart === line.slice(from)) return read;
  const other = readText(textOf(line, from, targetName, cx));
  return other.problems.length < read.problems.length ? other : read;
}

/** `bpf` and, in IPv6, `eui64` print no blank before themselves; bpf prints a NUL after, eui64 a blank of its own. */
function unglued(text: string, family: Family): string {
  const apart = text.replaceAll('\0', ' ').replace(/([^ ])(?=match bpf \d)/g, '$1 ');
  return family === 6 ? apart.replace(/([^ ])(?=eui64 (?: |$))/g, '$1 ') : apart;
}

function readText(text: Text): ListedText {
  if (text.words.length > mostWords) return unread(text, 0, 'unknown-text');
  const ends = text.words.flatMap((word, index) => (word === '*/' ? [index] : []));
  return ends.length > mostEnds ? unread(text, 0, 'ambiguous-text') : readFrom(text, 0, ends);
}

function textOf(line: string, from: number, targetName: string | null, cx: TextContext): Text {
  const words: string[] = [];
  const starts: number[] = [];
  const gaps: string[] = [];
  let end = from;
  for (const found of line.slice(from).matchAll(/[^ \t\r]+/g)) {
    if (words.length > mostWords) break;
    const start = from + found.index;
    words.push(found[0]);
    starts.push(start);
    gaps.push(line.slice(end, start));
    end = start + found[0].length;
  }
  return { line, words, starts, gaps, cursor: listingCursor(words, gaps), cx, targetName, known: new Map() };
}

function readFrom(text: Text, from: number, ends: readonly number[]): ListedText {
  const known = text.known.get(from);
  if (known !== undefined) return known;
  const read = readOn(text, from, ends);
  text.known.set(from, read);
  return read;
}

function readOn(text: Text, from: number, ends: readonly number[]): ListedText {
  const matches: Match[] = [];
  const problems: TextProblem[] = [];
  let at = from;
  while (at < text.words.length) {
    if (text.words[at] === '/*') {
      const rest = readComment(text, at, ends);
      return { ...rest, matches: [...matches, ...rest.matches], problems: [...problems, ...rest.problems] };
    }
    const taken = takeMatch(text, at);
    if (taken !== null) {
      matches.push(taken.match);
      at = taken.next;
      continue;
    }
    const target = takeTarget(text, at);
    if (target !== null) return { matches, target: target.target, problems };
    const next = nextKnown(text, at + 1);
    const words = between(text, at, next);
    // What nobody knows at the very end is rather the target's when that prints something, and is said there.
    const own = next === text.words.length ? unreadTarget(text, at) : null;
    if (own !== null) return { matches, target: own.target, problems: [...problems, ...own.problems] };
    matches.push({ kind: 'opaque', name: guessedName(text, at), text: words });
    problems.push({ code: 'unknown-text', data: { text: words } });
    at = next;
  }
  const last = takeTarget(text, at) ?? unreadTarget(text, at);
  if (last === null) return { matches, target: null, problems };
  return { matches, target: last.target, problems: [...problems, ...last.problems] };
}

interface Taken {
  readonly match: Match;
  readonly next: number;
}

/** The match that takes the most words here; what needs another protocol is not asked. */
function takeMatch(text: Text, at: number): Taken | null {
  const { cursor, cx } = text;
  let best: Taken | null = null;
  for (const def of candidates(text, at)) {
    if (def.protos !== undefined && !def.protos.includes(cx.namedProto ?? -1)) continue;
    const data = ask(def, text, at);
    if (data === null || cursor.at === at || cursor.at <= (best?.next ?? at)) continue;
    best = { match: { kind: 'known', name: def.name, data }, next: cursor.at };
  }
  return best;
}

/** Words that are kept in mind with the matches they begin; listings have few others. */
const mostBeginnings = 5000;

/** The matches that do not refuse at the sight of the word alone. */
function candidates(text: Text, at: number): readonly MatchDef[] {
  const { cursor, cx, words } = text;
  const word = words[at] ?? '';
  const known = cx.beginnings.get(word);
  if (known !== undefined) return known;
  const found = listedMatches(cx.family).filter((def) => {
    cursor.watch();
    return ask(def, text, at) !== null || cursor.reached !== at;
  });
  if (cx.beginnings.size < mostBeginnings) cx.beginnings.set(word, found);
  return found;
}

function ask(def: MatchDef, { cursor, cx }: Text, at: number): unknown {
  cursor.reset(at);
  return def.listing?.(cursor, cx) ?? null;
}

interface TakenTarget {
  readonly target: Target | null;
  readonly problems: readonly TextProblem[];
}

/** The target, if what is left is exactly what it prints. */
function takeTarget(text: Text, at: number): TakenTarget | null {
  const { targetName: name, cx, cursor, words } = text;
  const ended = at >= words.length;
  if (name === null) return ended ? { target: null, problems: [] } : null;
  if (name === 'ACCEPT' || name === 'DROP' || name === 'RETURN' || name === 'QUEUE') {
    return ended ? { target: { kind: 'standard', verdict: name }, problems: [] } : null;
  }
  const known = cx.hasChain(name);
  const defs = known === true ? [] : findListedTargets(name, cx.family);
  for (const def of defs) {
    cursor.reset(at);
    const data = def.listing?.(cursor, cx) ?? null;
    if (data !== null && cursor.at >= words.length)
      return { target: { kind: 'known', name: def.name, data }, problems: [] };
  }
  if (defs.length > 0 || !ended || known === false) return null;
  return { target: { kind: 'jump', chain: name, goto: false }, problems: [] };
}

/** The target with text that it does not print; null where the text cannot be a target's. */
function unreadTarget(text: Text, at: number): TakenTarget | null {
  const { targetName: name, cx } = text;
  if (name === null || name === 'ACCEPT' || name === 'DROP' || name === 'RETURN' || name === 'QUEUE') return null;
  const known = cx.hasChain(name);
  if (known === true) return null;
  const isTarget = findListedTargets(name, cx.family).length > 0;
  if (!isTarget && known === null && at < text.words.length) return null;
  const words = between(text, at, text.words.length);
  const code = isTarget ? 'unread-target' : 'unknown-target';
  return { target: { kind: 'opaque', name, text: words }, problems: [{ code, data: { name, text: words } }] };
}

/** The next word at which a match, a comment or the target's own text begins. */
function nextKnown(text: Text, from: number): number {
  for (let at = from; at < text.words.length; at++) {
    if (text.words[at] === '/*' || takeMatch(text, at) !== null || takeTarget(text, at) !== null) return at;
  }
  return text.words.length;
}

/** A comment ends at the first end after which everything is understood; where several do and differ in more than comments, none is taken. */
function readComment(text: Text, at: number, ends: readonly number[]): ListedText {
  const candidates = ends.filter((end) => end > at);
  const readings: ListedText[] = [];
  for (const end of candidates) {
    const rest = readFrom(text, end + 1, ends);
    const known: Match = { kind: 'known', name: 'comment', data: { comment: commentText(text, at, end) } };
    const reading = { ...rest, matches: [known, ...rest.matches] };
    if (candidates.length === 1) return reading;
    readings.push(reading);
  }
  const [first] = readings;
  if (first === undefined) return unread(text, at, 'unknown-text');
  const understood = readings.filter((reading) => reading.problems.length === 0);
  const [best] = understood;
  if (best === undefined)
    return first.problems.some(({ code }) => code === 'ambiguous-text') ? unread(text, at, 'ambiguous-text') : first;
  const meaning = effect(best);
  return understood.every((reading) => effect(reading) === meaning) ? best : unread(text, at, 'ambiguous-text');
}

/** What a reading says apart from its comments. */
function effect({ matches, target }: ListedText): string {
  return JSON.stringify([matches.filter((match) => match.name !== 'comment'), target]);
}

/** Between the blank after the opening and the one before the end. */
function commentText({ line, starts }: Text, open: number, end: number): string {
  return line.slice((starts[open] ?? 0) + 3, Math.max((starts[end] ?? 0) - 1, (starts[open] ?? 0) + 3));
}

/** Everything from there on as one match that nobody knows. */
function unread(text: Text, at: number, code: 'unknown-text' | 'ambiguous-text'): ListedText {
  const { line, starts, targetName } = text;
  const words = line.slice(starts[at] ?? line.length).trimEnd();
  const target = takeTarget(text, text.words.length) ?? unreadTarget(text, text.words.length);
  return {
    matches: [{ kind: 'opaque', name: 'listing', text: words }],
    target: targetName === null ? null : (target?.target ?? null),
    problems: [{ code, data: { text: words } }],
  };
}

function between({ line, starts, words }: Text, from: number, to: number): string {
  const start = starts[from] ?? line.length;
  const last = Math.max(to - 1, from);
  return from >= to ? '' : line.slice(start, (starts[last] ?? start) + (words[last] ?? '').length);
}

/** Extensions mostly print their own name first. */
function guessedName(text: Text, at: number): string {
  const word = (text.words[at] ?? '').toLowerCase();
  return /^[a-z][a-z0-9]{1,28}$/.test(word) ? word : 'listing';
}
