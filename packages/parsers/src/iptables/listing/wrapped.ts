/** Rows that a terminal or a mail program broke in two, in pasted text: put together again where that makes one rule. */
import type { Span } from '@coldtrace/core';
import { type Line, lineSpan } from '../../text/lines.js';
import type { Reading } from '../../text/reading.js';
import { listingProblem } from './codes.js';
import type { ListedRule } from './rule.js';

export interface JoinedRow {
  readonly text: string;
  readonly span: Span;
  /** Places in the ledger of the lines it is made of. */
  readonly lines: readonly number[];
  readonly words: number;
  /** null: not the columns of a rule. */
  readonly listed: ListedRule | null;
}

type Candidate = Pick<JoinedRow, 'text' | 'listed'>;

type Read = (text: string, span: Span) => ListedRule | null;

/** More than a row is ever broken into, or long. */
const mostLines = 6;
const longestRow = 2000;

export function joinRows(lines: readonly Line[], reading: Reading, read: Read): readonly JoinedRow[] {
  const rows: JoinedRow[] = [];
  const width = lines.reduce((most, { text }) => Math.max(most, text.length), 0);
  for (let at = 0; at < lines.length; ) {
    const joined = reading.section.freeForm ? joinedAt(lines, at, width, reading, read) : null;
    const row = joined ?? plainAt(lines, at, reading, read);
    if (row === null) break;
    if (row.lines.length > 1)
      reading.diagnostics.push(listingProblem('rejoined', row.span, { line: row.text.replace(/\s+/g, ' ').trim() }));
    rows.push(row);
    at += row.lines.length;
  }
  return rows;
}

function plainAt(lines: readonly Line[], at: number, reading: Reading, read: Read): JoinedRow | null {
  const line = lines[at];
  if (line === undefined) return null;
  const span = lineSpan(reading.section, line);
  return { text: line.text, span, lines: [line.index], words: countWords(line.text), listed: read(line.text, span) };
}

/** The row with the lines after it that are no rows themselves; null where the line stands for itself. */
function joinedAt(lines: readonly Line[], at: number, width: number, reading: Reading, read: Read): JoinedRow | null {
  const first = lines[at];
  const following = lines[at + 1];
  if (first === undefined || following === undefined || following.index !== first.index + 1) return null;
  const alone = isUnderstood(read(first.text, lineSpan(reading.section, first)));
  let best: JoinedRow | null = null;
  let understood = alone;
  let texts: readonly string[] = [first.text];
  for (let count = 1; count < mostLines; count++) {
    const line = lines[at + count];
    if (line === undefined || line.index !== first.index + count) break;
    if (read(line.text, lineSpan(reading.section, line)) !== null) break;
    // Below a whole row stands the next one, which may be broken as well; a comment would take in all of it.
    if (understood && beginsRow(line.text)) break;
    // A terminal breaks anywhere, as soon as its width is reached; a mail program at a blank before.
    const full = lines[at + count - 1]?.text.length === width;
    texts = texts.flatMap((text) => {
      const [spaced, glued] = [`${text} ${line.text.trim()}`, `${text}${line.text}`];
      return full ? [glued, spaced] : [spaced, glued];
    });
    if ((texts[0]?.length ?? 0) > longestRow) break;
    const span = { ...lineSpan(reading.section, first), end: line.end };
    const indexes = Array.from({ length: count + 1 }, (_, index) => first.index + index);
    const readings: readonly Candidate[] = texts.map((text) => ({ text, listed: read(text, span) }));
    const whole = readings.find(({ listed }) => isUnderstood(listed));
    // What is not understood is put together only as long as nothing better is found, and never with the beginning of another row.
    const some = understood || rowBegins.test(line.text) ? undefined : readings.find(({ listed }) => listed !== null);
    const chosen: Candidate | undefined = whole ?? (best === null ? some : undefined);
    if (chosen === undefined) continue;
    understood ||= whole !== undefined;
    best = { ...chosen, span, lines: indexes, words: countWords(chosen.text) };
  }
  return best;
}

/** Counters at the beginning of a line. */
const rowBegins = /^\s*(?:\d+\s+)?\d+[KMGTPE]?\s+\d+[KMGTPE]?\s+\S/;

/** Counters, or the column of options behind target and protocol. */
const options = /^\s*(?:\d+\s+)?(?:\S+\s+)?\S+\s+(?:--|-f|!f)\s/;

const beginsRow = (text: string) => rowBegins.test(text) || options.test(text);

function isUnderstood(listed: ListedRule | null): boolean {
  return listed !== null && !listed.opaque;
}

function countWords(text: string): number {
  return text.length > 10_000 ? 1000 : text.trim().split(/\s+/).length;
}
