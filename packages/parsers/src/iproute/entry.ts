/**
 * Cuts the lines of a section into entries: a first line and the lines that belong to it. Where text was pasted by hand, lines that
 * lost their indentation or were wrapped are put back, and said so; in a dump nothing is.
 */
import type { Row, Span } from '@coldtrace/core';
import { spanOf } from '../format.js';
import { isBlank, type Line, lineSpan, mark } from '../text/lines.js';
import { type Word, wordsOf } from '../text/words.js';
import { report } from './codes.js';
import { leaveUnread, type Reader, takeMessage } from './reader.js';

/** One printed line of an entry; with `ip -o` several stand on one line of text. */
export interface Part {
  readonly words: readonly Word[];
  readonly indented: boolean;
}

export interface Entry {
  readonly parts: Part[];
  readonly lines: Line[];
  repaired: boolean;
  /** Set once the entry is settled. */
  state?: 'modelled' | 'opaque' | 'conditional';
  /** Of an entry that is no run of lines (JSON). */
  readonly span?: Span;
}

export interface EntryGrammar {
  /** Command for messages. */
  readonly command: string;
  /** The words begin an entry. */
  readonly opens: (words: readonly Word[], part: Part) => boolean;
  /** The words are a further line of an entry (asked only when there is one). */
  readonly continues: (words: readonly Word[], entry: Entry) => boolean;
  /** Lines of no account: headings. */
  readonly inert?: (words: readonly Word[]) => boolean;
  /** For wrapped lines: the words make a complete entry without anything unknown. */
  readonly fits?: (parts: readonly Part[]) => boolean;
}

/** The printed lines of a line of text: `-o` joins them with a backslash before the blanks of the next. */
function partsOf(line: Line): Part[] {
  const { text } = line;
  if (text.indexOf('\\') < 0) return [partAt(text, line.start)];
  const parts: Part[] = [];
  let from = 0;
  for (let at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', at + 1)) {
    const next = text.charCodeAt(at + 1);
    if (at + 1 < text.length && next !== 32 && next !== 9) continue;
    parts.push(partAt(text.slice(from, at), line.start + from));
    from = at + 1;
  }
  const last = partAt(text.slice(from), line.start + from);
  if (last.words.length > 0 || parts.length === 0) parts.push(last);
  return parts;
}

function partAt(text: string, start: number): Part {
  const first = text.charCodeAt(0);
  return { words: wordsOf({ text, start }), indented: first === 32 || first === 9 };
}

export function entriesOf(reader: Reader, grammar: EntryGrammar): Entry[] {
  const entries: Entry[] = [];
  eachEntry(reader, grammar, (entry) => entries.push(entry));
  return entries;
}

/** Visits each entry once it is whole, so that a big dump is never held in words. */
export function eachEntry(reader: Reader, grammar: EntryGrammar, visit: (entry: Entry) => void): void {
  let entry: Entry | null = null;
  for (const line of reader.lines) {
    if (isBlank(line.text)) continue;
    const parts = partsOf(line);
    const first = parts[0];
    if (first === undefined || first.words.length === 0) continue;
    if (grammar.inert?.(first.words)) mark(reader.ledger, line, 'inert');
    else if (grammar.opens(first.words, first)) {
      if (entry !== null) visit(entry);
      entry = { parts, lines: [line], repaired: false };
    } else addLine(reader, grammar, entry, line, parts, first);
  }
  if (entry !== null) visit(entry);
}

/** A line that begins no entry: a message (stderr may break in anywhere), more of the entry, or nothing that is understood. */
function addLine(
  reader: Reader,
  grammar: EntryGrammar,
  entry: Entry | null,
  line: Line,
  parts: readonly Part[],
  first: Part,
): void {
  const { freeForm } = reader.section;
  if (takeMessage(reader, line)) return;
  if (entry !== null && (first.indented || freeForm) && grammar.continues(first.words, entry)) {
    if (!first.indented) {
      reader.unindented.push(line);
      entry.repaired = true;
    }
    for (const part of parts) entry.parts.push(part);
    entry.lines.push(line);
  } else if (entry === null || !freeForm || !rejoin(reader, grammar, entry, line, first)) {
    leaveUnread(reader, line, grammar.command);
  }
}

/** Puts a wrapped line back, with or without a blank between, when exactly one of the two readings makes a complete entry. */
function rejoin(reader: Reader, grammar: EntryGrammar, entry: Entry, line: Line, tail: Part): boolean {
  const last = entry.parts.at(-1);
  const fits = grammar.fits;
  if (fits === undefined || last === undefined || entry.lines.length > 20) return false;
  const head = entry.parts.slice(0, -1);
  const apart: Part = { words: [...last.words, ...tail.words], indented: last.indented };
  const glued: Part = { words: glue(last.words, tail.words), indented: last.indented };
  const readings = [apart, glued].filter((part) => fits([...head, part]));
  const [joined] = readings;
  if (joined === undefined || readings.length > 1) return false;
  entry.parts.splice(-1, 1, joined);
  entry.lines.push(line);
  entry.repaired = true;
  reader.diagnostics.push(report('line-rejoined', lineSpan(reader.section, line), { text: line.text.trim() }));
  return true;
}

function glue(left: readonly Word[], right: readonly Word[]): Word[] {
  const last = left.at(-1);
  const first = right[0];
  if (last === undefined || first === undefined) return [...left, ...right];
  return [...left.slice(0, -1), { text: last.text + first.text, start: last.start, end: first.end }, ...right.slice(1)];
}

/** From the first word of the entry to its last. */
export function entrySpan(reader: Reader, entry: Entry): Span {
  if (entry.span !== undefined) return entry.span;
  const first = entry.parts[0]?.words[0];
  const last = entry.lines.at(-1);
  const start = first?.start ?? entry.lines[0]?.start ?? 0;
  return spanOf(reader.section, start, last === undefined ? start : trimmedEnd(last));
}

function trimmedEnd(line: Line): number {
  let end = line.text.length;
  while (end > 0 && line.text.charCodeAt(end - 1) <= 32) end--;
  return line.start + end;
}

/** The trust field of a row: absent when the text was read as it stands. */
export function trustOf(entry: Entry): Pick<Row, 'trust'> {
  return entry.repaired ? { trust: 'repaired' } : {};
}

/** The row, as far as it can be trusted. V8 gives objects that are made by spreads shapes of their own, which whoever reads thousands of them pays for. */
export function trusted<T extends Row>(row: T, entry: Entry): T {
  return entry.repaired ? { ...row, trust: 'repaired' } : row;
}

export function markEntry(reader: Reader, entry: Entry, state: 'modelled' | 'opaque' | 'conditional'): void {
  entry.state = state;
  for (const line of entry.lines) mark(reader.ledger, line, state);
}
