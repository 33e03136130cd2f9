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

type Read = (text: string, span: Span) => ListedRule | null;

/** More lines than a row is ever broken into. */
const mostLines = 6;

export function joinRows(lines: readonly Line[], reading: Reading, read: Read): readonly JoinedRow[] {
  const rows: JoinedRow[] = [];
  for (let at = 0; at < lines.length; ) {
    const joined = reading.section.freeForm ? joinedAt(lines, at, reading, read) : null;
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
function joinedAt(lines: readonly Line[], at: number, reading: Reading, read: Read): JoinedRow | null {
  const first = lines[at];
  const following = lines[at + 1];
  if (first === undefined || following === undefined || following.index !== first.index + 1) return null;
  let best: JoinedRow | null = null;
  let texts: readonly string[] = [first.text];
  for (let count = 1; count < mostLines; count++) {
    const line = lines[at + count];
    if (line === undefined || line.index !== first.index + count) break;
    const span = { ...lineSpan(reading.section, first), end: line.end };
    if (read(line.text, lineSpan(reading.section, line)) !== null) break;
    // A terminal breaks anywhere, a mail program at a blank.
    texts = texts.flatMap((text) => [`${text} ${line.text.trim()}`, `${text}${line.text}`]).slice(0, 8);
    const indexes = Array.from({ length: count + 1 }, (_, index) => first.index + index);
    const readings = texts.map((text) => ({ text, listed: read(text, span) }));
    const understood = readings.find(({ listed }) => listed !== null && !listed.opaque);
    const some = understood ?? readings.find(({ listed }) => listed !== null);
    if (some !== undefined)
      best = { text: some.text, span, lines: indexes, words: countWords(some.text), listed: some.listed };
  }
  return best;
}

function countWords(text: string): number {
  return text.length > 10_000 ? 1000 : text.trim().split(/\s+/).length;
}
