/**
 * Iptables text cut into statements: one command, rule, chain or table line each. A dump has one a line; pasted text wraps rules over lines and
 * puts several on one.
 */
import type { Section } from '../format.js';
import { isPlain, plainText } from './repair/characters.js';
import { undecorated } from './repair/decoration.js';
import type { Mend, PastedWords } from './repair/mend.js';
import { lineEnd } from './rule-rows.js';
import { takeApart } from './several-statements.js';
import { isShellLine, splitShellWords } from './shell-words.js';
import { damagedCommand, headingOf, isCommand, opensStatement } from './statement-words.js';
import { splitWords, type Words } from './words.js';

export interface Statement {
  readonly words: PastedWords;
  readonly start: number;
  readonly end: number;
  /** Ledger indexes of the lines it stands on. */
  readonly firstLine: number;
  readonly lastLine: number;
  /** What was mended to read the words (pasted text only). */
  readonly mends: readonly Mend[];
  /** The last quote is never closed. */
  readonly openQuote: boolean;
}

/** Every statement in order. `pasted`: wrapped lines are put together and several rules on a line taken apart. */
export function cutStatements(
  section: Section,
  pasted: boolean,
): { readonly list: readonly Statement[]; readonly lineCount: number } {
  const { text } = section.file;
  const list: Statement[] = [];
  let group: Group | null = null;
  let line = 0;
  /** A heading stands above, and no command since. */
  let headed = false;
  const close = () => {
    if (group !== null) list.push(statementOf(text, group, pasted));
    group = null;
  };
  for (let start = section.start; start < section.end; line++) {
    const end = Math.min(lineEnd(text, start), section.end);
    const read = wordsOf(text, start, end, pasted, false);
    const { words } = read;
    if (words.text.length > 0) {
      if (group !== null && pasted && line === group.lastLine + 1 && continues(text, group, words, start)) {
        extend(group, text, words, start, end, line);
      } else {
        close();
        headed = headed ? !words.text.some(isCommand) : headingOf(words, 0) !== null;
        group = newGroup(text, read, start, end, line, pasted, headed);
      }
    }
    start = end + 1;
  }
  close();
  return { list: pasted ? list.flatMap((statement) => takeApart(text, statement)) : list, lineCount: line };
}

/** Lines that make one statement, while more may come. */
interface Group {
  /** While the group is one whole line. */
  read: ReadWords | null;
  readonly start: number;
  readonly firstLine: number;
  readonly mended: boolean;
  readonly comment: boolean;
  end: number;
  lastLine: number;
  hasCommand: boolean;
  /** A rule's body below a heading, and whether it has come to its target. */
  readonly bare: boolean;
  hasJump: boolean;
  lastWord: string;
  wordCount: number;
  openQuote: boolean;
  /** A line was broken without a backslash; where the first such line begins. */
  wrappedAt: number | null;
}

function newGroup(
  text: string,
  read: ReadWords,
  from: number,
  to: number,
  line: number,
  pasted: boolean,
  headed: boolean,
): Group {
  const { words } = read;
  const { start, end, mended } = pasted ? undecorated(text, from, to) : { start: from, end: to, mended: false };
  return {
    read: start === from && end === to ? read : null,
    start,
    end,
    firstLine: line,
    lastLine: line,
    mended,
    comment: isComment(words.text[0] ?? '') && start === from,
    hasCommand: words.text.some(isCommand) || (pasted && damagedCommand(words, 0) !== null),
    bare: headed && /^[-!]/.test(words.text[0] ?? ''),
    hasJump: hasJump(words),
    lastWord: words.text.at(-1) ?? '',
    wordCount: words.text.length,
    openQuote: pasted && quoteOpens(text, start, end, false),
    wrappedAt: null,
  };
}

function extend(group: Group, text: string, words: Words, start: number, end: number, line: number): void {
  if (text.charCodeAt(group.end - 1) !== 92) group.wrappedAt ??= start;
  group.read = null;
  group.openQuote = quoteOpens(text, start, end, group.openQuote);
  group.end = end;
  group.lastLine = line;
  group.hasCommand ||= words.text.some(isCommand);
  group.hasJump ||= hasJump(words);
  group.lastWord = words.text.at(-1) ?? '';
  group.wordCount += words.text.length;
}

/** Does the line go on where the statement before it stopped? A backslash says so; an open rule and a line that opens nothing, too. */
function continues(text: string, group: Group, words: Words, start: number): boolean {
  if (text.charCodeAt(group.end - 1) === 92) return true;
  const first = words.text[0] ?? '';
  if (opensStatement(words, 0) || group.comment || isComment(first)) return false;
  if (group.bare && !group.openQuote && !group.hasCommand && group.hasJump && !first.startsWith('--')) return false;
  if ((!group.hasCommand && !group.bare) || undecorated(text, start, lineEnd(text, start)).start !== start)
    return false;
  // A quote left open, an option without its value, or words that go on with options: the terminal broke the line.
  if (group.openQuote || first.startsWith('-') || first.startsWith('!')) return true;
  return group.lastWord.startsWith('-') && group.wordCount > 1;
}

function hasJump({ text }: Words): boolean {
  return text.includes('-j') || text.includes('-g');
}

function isComment(word: string): boolean {
  return word.startsWith('#');
}

function quoteOpens(text: string, start: number, end: number, before: boolean): boolean {
  let open = before;
  for (let at = start; at < end; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 92) at++;
    else if (unit === 34) open = !open;
    else if (!open && unit === 0x201c) open = true;
    else if (open && unit === 0x201d) open = false;
  }
  return open;
}

function statementOf(text: string, group: Group, pasted: boolean): Statement {
  const { start, end, firstLine, lastLine, openQuote } = group;
  const { words, mends } = group.read ?? wordsOf(text, start, end, pasted, true);
  const all = [...mends];
  if (group.mended)
    all.push({ code: 'repaired-decoration', start, end, was: '', read: text.slice(start, Math.min(end, start + 60)) });
  if (group.wrappedAt !== null) all.push(wrapAt(text, words, group.wrappedAt));
  return { words, start: words.start[0] ?? start, end, firstLine, lastLine, mends: all, openQuote };
}

/** The words around a line break that is read as a blank, or the word in quotes that it went through. */
function wrapAt(text: string, words: Words, offset: number): Mend {
  const next = words.start.findIndex((start) => start >= offset);
  const last = next < 0 ? words.text.length - 1 : next;
  const before = Math.max(last - 1, 0);
  const through = (words.end[before] ?? 0) > offset;
  const start = words.start[before] ?? offset;
  const end = words.end[through ? before : last] ?? offset;
  const read = through ? (words.text[before] ?? '') : `${words.text[before] ?? ''} ${words.text[last] ?? ''}`;
  return { code: 'repaired-wrap', start, end, was: text.slice(start, end).replace(/\n/g, ' ↵ '), read };
}

/** Two neighbours read as one statement that a line break cut inside a word. */
export function joinStatements(text: string, first: Statement, second: Statement): Statement {
  const { start, firstLine } = first;
  const { end, lastLine } = second;
  const { words, mends } = wordsOf(text, start, end, true, true);
  const openQuote = second.openQuote;
  return { words, start, end, firstLine, lastLine, mends: [...first.mends, ...mends], openQuote };
}

interface ReadWords {
  readonly words: PastedWords;
  readonly mends: readonly Mend[];
}

/** The words of a stretch, with the characters that pasting changes put back where the text is pasted. */
function wordsOf(text: string, start: number, end: number, pasted: boolean, lines: boolean): ReadWords {
  const shell = isShellLine(text, start, end);
  const splitIn = shell ? splitShellWords : splitWords;
  if (!pasted || isPlain(text.slice(start, end))) {
    const words = splitIn(text, start, end);
    return { words: { ...words, broken: breaksOf(text, words, lines) }, mends: [] };
  }
  const plain = plainText(text, start, end, shell);
  const split = splitIn(plain.text, 0, plain.text.length);
  const place = (offset: number) => plain.offsets[offset] ?? end;
  const words = {
    text: split.text,
    start: split.start.map(place),
    // The place after the last character, not the place of the next one: blanks may have gone in between.
    end: split.end.map((offset) =>
      Math.max(place(offset - 1) + widthAt(text, plain.offsets, offset), place(offset - 1) + 1),
    ),
  };
  return {
    words: { ...words, broken: breaksOf(text, words, lines) },
    mends: charactersRead(text, plain.text, split, words, plain.replaced),
  };
}

/** Width in the source of the character before a plain offset: an entity takes several. */
function widthAt(text: string, offsets: Int32Array, offset: number): number {
  const from = offsets[offset - 1] ?? 0;
  const to = offsets[offset] ?? from + 1;
  if (text.charCodeAt(from) !== 38) return 1;
  const semicolon = text.indexOf(';', from);
  return semicolon > 0 && semicolon < to && semicolon - from < 8 ? semicolon - from + 1 : 1;
}

function breaksOf(text: string, { start, end }: Pick<Words, 'start' | 'end'>, lines: boolean): readonly boolean[] {
  return start.map((offset, at) => {
    if (at === 0 || !lines) return false;
    const gap = text.slice(end[at - 1] ?? offset, offset);
    return gap.includes('\n') && !gap.includes('\\');
  });
}

/** Each word that holds a replaced character, as it stood and as it is read; of the blanks between words the first stands for all. */
function charactersRead(
  text: string,
  plain: string,
  split: Words,
  words: Words,
  replaced: readonly number[],
): readonly Mend[] {
  const mends: Mend[] = [];
  let next = 0;
  let between: number | null = null;
  for (let at = 0; at < words.text.length; at++) {
    const start = words.start[at] ?? 0;
    const end = words.end[at] ?? 0;
    for (; next < replaced.length && (replaced[next] ?? 0) < start; next++) between ??= replaced[next] ?? 0;
    let inside = false;
    for (; next < replaced.length && (replaced[next] ?? 0) < end; next++) inside = true;
    if (!inside) continue;
    const read = plain.slice(split.start[at], split.end[at]);
    mends.push({ code: 'repaired-characters', start, end, was: text.slice(start, end), read });
  }
  if (between !== null && mends.length === 0)
    mends.push({
      code: 'repaired-characters',
      start: between,
      end: between + 1,
      was: text.slice(between, between + 1),
      read: ' ',
    });
  return mends;
}
