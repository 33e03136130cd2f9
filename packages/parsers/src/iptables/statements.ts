/**
 * Iptables text cut into statements: one command, rule, chain or table line each. A dump has one a line; pasted text wraps rules over lines and
 * puts several on one.
 */
import type { Section } from '../format.js';
import { lineEnd } from './rule-rows.js';
import { splitWords, type Words } from './words.js';

export interface Statement {
  readonly words: Words;
  readonly start: number;
  readonly end: number;
  /** Ledger indexes of the lines it stands on. */
  readonly firstLine: number;
  readonly lastLine: number;
}

export interface Statements {
  readonly list: readonly Statement[];
  readonly lineCount: number;
}

/** Every statement in order. `joins`: wrapped lines are put together and several rules on a line taken apart (pasted text only). */
export function cutStatements(section: Section, joins: boolean): Statements {
  const { text } = section.file;
  const list: Statement[] = [];
  let line = 0;
  for (let start = section.start; start < section.end; line++) {
    const end = Math.min(lineEnd(text, start), section.end);
    const words = splitWords(text, start, end);
    if (words.text.length > 0) {
      const before = joins ? list.at(-1) : undefined;
      if (before !== undefined && line === before.lastLine + 1 && continues(text, before, words)) {
        list[list.length - 1] = join(text, before, line, end);
      } else list.push({ words, start: words.start[0] ?? start, end, firstLine: line, lastLine: line });
    }
    start = end + 1;
  }
  return { list: joins ? list.flatMap(takeApart) : list, lineCount: line };
}

/** Does the line go on where the statement before it stopped? A backslash says so; an open rule and a line that opens nothing, too. */
function continues(text: string, before: Statement, words: Words): boolean {
  if (text.charCodeAt(before.end - 1) === 92) return true;
  const first = words.text[0] ?? '';
  if (opens(words, 0) || isComment(before.words.text[0] ?? '') || isComment(first)) return false;
  if (!before.words.text.some(isCommand)) return false;
  // A quote left open, an option without its value, or words that go on with options: the terminal broke the line.
  return quoteIsOpen(text, before) || first.startsWith('-') || first === '!' || awaitsValue(before.words);
}

/** Words that may begin a statement. */
function opens(words: Words, at: number): boolean {
  const word = words.text[at] ?? '';
  if (isTool(word) || word === 'COMMIT' || /^\*[a-z]+$/.test(word) || /^\[[^\]]+\]$/.test(word)) return true;
  if (word.startsWith(':') && word.length > 1) return /^(ACCEPT|DROP|-)$/.test(words.text[at + 1] ?? '');
  return isCommand(word);
}

export function isTool(word: string): boolean {
  return /^(?:\/\S*\/)?ip6?tables(?:-legacy|-nft)?$/.test(word);
}

const commands = new Set([
  '-A',
  '-I',
  '-N',
  '-P',
  '-D',
  '-R',
  '-F',
  '-X',
  '-E',
  '-Z',
  '-S',
  '-L',
  '-C',
  '--append',
  '--insert',
  '--new-chain',
  '--new',
  '--policy',
  '--delete',
  '--replace',
  '--flush',
  '--delete-chain',
  '--rename-chain',
  '--zero',
  '--list-rules',
  '--list',
  '--check',
]);

export function isCommand(word: string): boolean {
  return commands.has(word);
}

function isComment(word: string): boolean {
  return word.startsWith('#');
}

function quoteIsOpen(text: string, { start, end }: Statement): boolean {
  let open = false;
  for (let at = start; at < end; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 92) at++;
    else if (unit === 34) open = !open;
  }
  return open;
}

function awaitsValue(words: Words): boolean {
  return (words.text.at(-1) ?? '').startsWith('-') && words.text.length > 1;
}

/** Both lines as one statement; the words are split anew, so that a quote may reach over the line's end. */
function join(text: string, before: Statement, lastLine: number, end: number): Statement {
  const { start, firstLine } = before;
  return { words: splitWords(text, start, end), start, end, firstLine, lastLine };
}

/** `-P INPUT ACCEPT -A INPUT … -A INPUT …` on one line is three statements. */
function takeApart(statement: Statement): readonly Statement[] {
  const { words } = statement;
  const cuts: number[] = [0];
  let seen = false;
  for (let at = 0; at < words.text.length; at++) {
    if (!beginsAnother(words, at, seen)) {
      seen ||= isCommand(words.text[at] ?? '');
      continue;
    }
    cuts.push(at);
    seen = isCommand(words.text[at] ?? '');
  }
  if (cuts.length === 1) return [statement];
  return cuts
    .map((from, index) => part(statement, from, cuts[index + 1] ?? words.text.length))
    .filter(({ words: own }) => own.text.length > 0);
}

/** A second command word that is followed by a chain's name, a chain line, or the tool's own name. */
function beginsAnother(words: Words, at: number, seen: boolean): boolean {
  if (at === 0) return false;
  const word = words.text[at] ?? '';
  const next = words.text[at + 1] ?? '';
  if (isTool(word)) return true;
  if (word.startsWith(':')) return opens(words, at);
  if (!seen || !isCommand(word) || next === '' || next.startsWith('-')) return false;
  return word !== '-S' && word !== '-E' && (word !== '-P' || /^(ACCEPT|DROP)$/.test(words.text[at + 2] ?? ''));
}

function part(statement: Statement, from: number, to: number): Statement {
  const { words } = statement;
  const own: Words = {
    text: words.text.slice(from, to),
    start: words.start.slice(from, to),
    end: words.end.slice(from, to),
  };
  return { ...statement, words: own, start: own.start[0] ?? statement.start, end: own.end.at(-1) ?? statement.end };
}
