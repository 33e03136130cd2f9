/** A file as it was given: read as it stands, and once more with what a window broke put together, or a wiki ran together parted, where that makes more of it. */
import {
  type Facts,
  type Family,
  type LineLedger,
  MODELLED,
  type Row,
  type Rows,
  type Rule,
  type SourceFile,
  type Span,
} from '@coldtrace/core';
import { cutFile } from './detect/cut.js';
import type { Format } from './format.js';
import { type FileReading, type PreparedFile, prepareFile, readFile } from './read-file.js';
import { redactSecrets } from './secrets/index.js';
import { blanksBetween, type LineBreak } from './text/window.js';
import { gathered, isTranscript, parted, partedAt } from './transcript/collapsed.js';
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
  const { cut, file } = prepared;
  if (prepared.spoken || file.text.length > longest || !(cut.freeForm || isTranscript(file.text))) return plain;
  return readParted(plain, prepared, formats, family) ?? readRejoined(plain, prepared, formats, family);
}

/** Each round may show what more was run together: behind a prompt stands its output. */
const mostRounds = 3;

/** null: no line holds several, or parting them makes no more of them. */
function readParted(
  plain: GivenReading,
  { keys }: PreparedFile,
  formats: readonly Format[],
  family: Family | undefined,
): GivenReading | null {
  const blanks = new Set<number>();
  let best: GivenReading | null = null;
  let { file, reading } = plain;
  let last = reading.ledger;
  for (let round = 0; round < mostRounds; round++) {
    const more = partedAt(file, reading.ledger);
    if (more.length === 0) break;
    for (const blank of more) blanks.add(blank);
    file = parted(
      plain.file,
      [...blanks].sort((one, other) => one - other),
    );
    reading = readAgain(file, keys, formats, family);
    const ledger = gathered(file, reading.ledger);
    const gained = modelledLines(reading.ledger) - modelledLines(last);
    const opened = openLines(ledger) > openLines((best ?? plain).reading.ledger);
    // A sentence that turns out to hold outputs may have parts that nobody reads.
    if (gained <= 0 || (opened && gained <= openLines(reading.ledger) - openLines(last))) break;
    last = reading.ledger;
    best = { file, reading: { ...reading, ledger } };
  }
  return best;
}

function modelledLines(ledger: LineLedger): number {
  return ledger.reduce((count, state) => count + (state === MODELLED ? 1 : 0), 0);
}

function readRejoined(
  plain: GivenReading,
  prepared: PreparedFile,
  formats: readonly Format[],
  family: Family | undefined,
): GivenReading {
  const { reading } = plain;
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
  return { file, joined: readAgain(file, keys, formats, family) };
}

function readAgain(
  file: SourceFile,
  keys: PreparedFile['keys'],
  formats: readonly Format[],
  family: Family | undefined,
): FileReading {
  const cut = cutFile(file.text, file.name, formats);
  const reading = readFile({ file, cut, keys, spoken: false }, formats, family);
  const contributions = reading.contributions.map((one) => ({ ...one, facts: mended(one.facts, file) }));
  return { ...reading, contributions };
}

/** Rows that are read across what was a line's end, or out of a line that holds several, are not as the tool printed them. */
function mended(facts: Facts, file: SourceFile): Facts {
  const across = ({ span, trust }: Row) => trust !== 'claimed' && (breaksWithin(file, span) || isPart(file, span));
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

function isPart({ parted: feeds, text }: SourceFile, { start, end }: Span): boolean {
  if (feeds === undefined) return false;
  const [before, behind] = [text.lastIndexOf('\n', start - 1), text.indexOf('\n', end - 1)];
  return feeds.some((feed) => feed === before || feed === behind);
}
