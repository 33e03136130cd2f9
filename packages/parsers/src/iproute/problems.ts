/** Says what a cursor found wrong with the words of a row, and decides the state of its lines. */
import { spanOf } from '../format.js';
import { mark } from '../text/lines.js';
import type { Word } from '../text/words.js';
import { report } from './codes.js';
import { type Cursor, isClean } from './cursor.js';
import { type Entry, markEntry } from './entry.js';
import type { Reader } from './reader.js';

/** Marks the lines and reports; `lost` means that no row could be made, so the dump does not speak for all rows. */
export function settle(reader: Reader, entry: Entry, cursors: readonly Cursor[], row: string, lost: boolean): void {
  for (const cursor of cursors) reportCursor(reader, cursor, row);
  if (lost) reader.complete = false;
  markEntry(reader, entry, lost || !cursors.every(isClean) ? 'opaque' : 'modelled');
}

/** A row of nothing but unknown words is said once, not once for each. */
const mostReported = 4;

function reportCursor(reader: Reader, cursor: Cursor, row: string): void {
  if (isClean(cursor)) return;
  const at = (word: Word) => spanOf(reader.section, word.start, word.end);
  for (const { word, expected } of cursor.bad.slice(0, mostReported)) {
    reader.diagnostics.push(report('bad-value', at(word), { text: word.text, expected, row }));
  }
  for (const word of cursor.unknown.slice(0, mostReported)) {
    reader.diagnostics.push(report('unknown-word', at(word), { word: word.text, row }));
  }
  if (cursor.cut !== null) {
    reader.diagnostics.push(report('cut-entry', at(cursor.cut), { word: cursor.cut.text, row }));
  }
}

/** The words a row keeps as not understood: also values that are none, since what they stand for may matter. */
export function unknownOf(cursors: readonly Cursor[]): readonly string[] {
  return cursors.flatMap((cursor) => [
    ...cursor.unknown.map((word) => word.text),
    ...cursor.bad.map(({ word }) => word.text),
    ...(cursor.cut === null ? [] : [cursor.cut.text]),
  ]);
}

/** Like {@link settle} for entries of many lines: only the lines with something unknown are opaque. */
export function settleLines(
  reader: Reader,
  entry: Entry,
  cursors: readonly Cursor[],
  row: string,
  state: 'modelled' | 'conditional',
): void {
  markEntry(reader, entry, state);
  for (const cursor of cursors) {
    reportCursor(reader, cursor, row);
    if (isClean(cursor)) continue;
    entry.state = 'opaque';
    const word = cursor.unknown[0] ?? cursor.bad[0]?.word ?? cursor.cut;
    const line = entry.lines.find(
      (one) => word !== null && word !== undefined && one.start <= word.start && word.start < one.end,
    );
    if (line !== undefined) mark(reader.ledger, line, 'opaque');
  }
}
