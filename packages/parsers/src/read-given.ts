/** A file as it was given: read as it stands, and once more with what a window broke put together where that makes more of it. */
import type { Facts, Family, Row, Rows, Rule, SourceFile, Span } from '@coldtrace/core';
import { cutFile } from './detect/cut.js';
import type { Format } from './format.js';
import { type FileReading, type PreparedFile, prepareFile, readFile } from './read-file.js';
import { redactSecrets } from './secrets/index.js';
import { blanksBetween, type LineBreak } from './text/window.js';
import { brokenAt, confirmed, openLines, rejoined, spread } from './transcript/rejoin.js';

/** Longer pastes are dumps. */
const longest = 1_000_000;

export interface GivenReading {
  readonly file: SourceFile;
  /** Its ledger counts the lines as the user has them. */
  readonly reading: FileReading;
}

export function readGiven(given: SourceFile, formats: readonly Format[], family: Family | undefined): GivenReading {
  const prepared = prepareFile(given, formats);
  const reading = readFile(prepared, formats, family);
  const plain = { file: prepared.file, reading };
  if (!prepared.cut.freeForm || prepared.spoken || prepared.file.text.length > longest) return plain;
  const gaps = blanksBetween(prepared.file.text.split('\n'));
  if (gaps.length > 0) {
    const { file, joined } = readJoined(prepared, gaps, formats, family);
    const ledger = spread(file, joined.ledger);
    return openLines(ledger) > openLines(reading.ledger) ? plain : { file, reading: { ...joined, ledger } };
  }
  const breaks = brokenAt(prepared.file, prepared.cut.pieces, reading.ledger, formats);
  if (breaks.length === 0) return plain;
  const first = readJoined(prepared, breaks, formats, family);
  const sound = confirmed(first.file, first.joined.ledger, reading.ledger, breaks);
  const whole = sound.length === breaks.length ? first : readJoined(prepared, sound, formats, family);
  const ledger = spread(whole.file, whole.joined.ledger);
  if (sound.length === 0 || openLines(ledger) >= openLines(reading.ledger)) return plain;
  return { file: whole.file, reading: { ...whole.joined, ledger } };
}

function readJoined(
  { file: plain, keys }: PreparedFile,
  breaks: readonly LineBreak[],
  formats: readonly Format[],
  family: Family | undefined,
): { readonly file: SourceFile; readonly joined: FileReading } {
  const whole = rejoined(plain, breaks);
  const file = { ...whole, text: redactSecrets(whole.text) };
  const cut = cutFile(file.text, file.name, formats);
  const reading = readFile({ file, cut, keys, spoken: false }, formats, family);
  const contributions = reading.contributions.map((one) => ({ ...one, facts: mended(one.facts, file) }));
  return { file, joined: { ...reading, contributions } };
}

/** Rows that are read across what was a line's end are not as the tool printed them. */
function mended(facts: Facts, file: SourceFile): Facts {
  const across = ({ span, trust }: Row) => trust !== 'claimed' && breaksWithin(file, span);
  const marked = <T extends Row>(rows: readonly T[]): readonly T[] =>
    rows.map((row) => (across(row) ? { ...row, trust: 'repaired' } : row));
  if (facts.kind !== 'ruleset') {
    return facts.rows.some(across) ? ({ ...facts, rows: marked<Row>(facts.rows) } as Facts) : facts;
  }
  const { ruleset } = facts;
  const tables = ruleset.tables.map((table) => ({
    ...table,
    chains: table.chains.map((chain) => (isList(chain.rules) ? { ...chain, rules: marked(chain.rules) } : chain)),
  }));
  return { ...facts, ruleset: { ...ruleset, tables } };
}

function isList(rules: Rows<Rule>): rules is readonly Rule[] {
  return Array.isArray(rules);
}

function breaksWithin({ broken }: SourceFile, { start, end }: Span): boolean {
  return broken?.some((offset) => offset > start && offset < end) === true;
}
