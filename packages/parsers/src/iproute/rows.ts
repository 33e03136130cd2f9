/** Outputs with one row per line: what their parsers share. */
import type { Facts, Row } from '@coldtrace/core';
import type { Parsed, Section } from '../format.js';
import type { Word } from '../text/words.js';
import { type Cursor, isClean } from './cursor.js';
import { type Entry, type EntryGrammar, entriesOf, entrySpan, trusted } from './entry.js';
import { settle } from './problems.js';
import { finish, onlyFailed, openReader, type Reader } from './reader.js';

export interface RowGrammar<T> extends Omit<EntryGrammar, 'continues'> {
  /** `nexthop`, `forwarding entry`: for messages. */
  readonly row: string;
  /** The row; null where a part of it is missing without which it is none. */
  readonly read: (words: readonly Word[], reader: Reader) => { readonly row: T | null; readonly cursor: Cursor };
}

export function parseRows<T>(
  section: Section,
  grammar: RowGrammar<T>,
  factsOf: (rows: readonly (T & Row)[], reader: Reader) => Facts,
): Parsed<readonly Facts[]> {
  const reader = openReader(section);
  const entries = entriesOf(reader, { ...grammar, continues: () => false });
  return finish(reader, rowsFrom(reader, entries, grammar, factsOf));
}

export function rowsFrom<T>(
  reader: Reader,
  entries: readonly Entry[],
  grammar: RowGrammar<T>,
  factsOf: (rows: readonly (T & Row)[], reader: Reader) => Facts,
): Facts[] {
  const rows: (T & Row)[] = [];
  for (const entry of entries) {
    const { row, cursor } = grammar.read(entry.parts[0]?.words ?? [], reader);
    // What is not understood of a row may be what it is about: the output no longer speaks for all rows.
    settle(reader, entry, [cursor], grammar.row, row === null || !isClean(cursor));
    if (row !== null) rows.push(trusted({ ...row, span: entrySpan(reader, entry) }, entry));
  }
  return onlyFailed(reader, rows.length) ? [] : [factsOf(rows, reader)];
}

/** The command asked for some rows only. */
export function asksForSome(reader: Reader): boolean {
  return reader.command?.typed === true && reader.command.args.length > 0;
}
