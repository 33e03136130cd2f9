/** Lines of a paste that a mail program or a window broke, put together where nobody can read them as they stand. */
import { INERT, type LineLedger, lineIndex, OPAQUE, positionAt, type SourceFile, UNRECOGNIZED } from '@coldtrace/core';
import type { Piece } from '../detect/piece.js';
import { isProse } from '../detect/prose.js';
import type { Format } from '../format.js';
import { breaksAtBorder, type LineBreak } from '../text/window.js';
import { promptLine } from './prompt-line.js';

/** The line ends that are to go: behind each stands a line that means nothing by itself, or before it one that is not complete. */
export function brokenAt(
  file: SourceFile,
  pieces: readonly Piece[],
  ledger: LineLedger,
  formats: readonly Format[],
): readonly LineBreak[] {
  if (!ledger.some((state) => isOpen(state))) return [];
  const lines = file.text.split('\n');
  const starts = lineIndex(file);
  const lost = (line: number) => {
    if (file.removed === undefined) return 0;
    const length = lines[line]?.length ?? 0;
    const { column } = positionAt(file, (starts[line] ?? 0) + length);
    return Math.max(column - 1 - [...(lines[line] ?? '')].length, 0);
  };
  const border = breaksAtBorder(lines, lost);
  if (border.length === 0) return [];
  const formatAt = formatsByLine(pieces);
  const taken: LineBreak[] = [];
  /** The table whose heading was broken: so are its rows. */
  let table: Piece | null = null;
  /** What is typed behind the prompt above, as far as it has come. */
  let command: string | null = null;
  for (const one of border) {
    const [above = '', below = ''] = [lines[one.line], lines[one.line + 1]];
    const piece = formatAt(starts[one.line] ?? 0);
    const [state, next] = [ledger[one.line] ?? INERT, ledger[one.line + 1] ?? INERT];
    if (promptLine(below) !== null) continue;
    const heading = piece?.format?.id === 'kube-table' && isHeading(above) && isHeading(below);
    if (heading) table = piece;
    const row = table !== null && piece === table;
    if (!row && next !== UNRECOGNIZED && !isOpen(state)) continue;
    const prompt = promptLine(above);
    const goesOn = taken.at(-1)?.line === one.line - 1;
    if (prompt !== null) command = above.slice(prompt.end);
    else if (!goesOn) command = null;
    else if (command !== null) command = `${command} ${above}`;
    const fits =
      command === null ? goesOn || !isProse(above) || piece?.kind !== 'text' : isRestOfCommand(command, below);
    if (!heading && !row && !(fits && (state === OPAQUE || !opensOutput(below, formats)))) continue;
    taken.push(one);
  }
  return taken;
}

/** What only stands at the beginning of an output, or of an entry in one, is no rest of a line. */
function opensOutput(line: string, formats: readonly Format[]): boolean {
  return formats.some((format) => format.line(line) === 'opens');
}

function isOpen(state: number): boolean {
  return state === UNRECOGNIZED || state === OPAQUE;
}

function formatsByLine(pieces: readonly Piece[]): (offset: number) => Piece | null {
  let next = 0;
  return (offset) => {
    while (next < pieces.length && (pieces[next]?.end ?? 0) <= offset) next++;
    return pieces[next] ?? null;
  };
}

function isHeading(line: string): boolean {
  return /^\s*[A-Z][A-Z0-9()_-]*(?:\s+[A-Z][A-Z0-9()_-]*)*\s*$/.test(line);
}

/** Its last word wants another, or the line below looks like words behind a command. */
function isRestOfCommand(typed: string, below: string): boolean {
  if (/(?:\s-{1,2}[A-Za-z][\w-]*|[|&;({]|\\)\s*$/.test(typed)) return true;
  if (oddQuotes(typed)) return true;
  return (
    /^\s*(?:-{1,2}[A-Za-z]|[|&;>)]|['"])|\s-{1,2}[A-Za-z][\w-]*(?:[\s=]|$)|\s\|\s/.test(below) ||
    /^\s*[\w.*~/-]*[/.][\w.*~/-]*\s*$/.test(below)
  );
}

function oddQuotes(text: string): boolean {
  return ['"', "'"].some((quote) => text.split(quote).length % 2 === 0);
}

/** The file with those lines in one piece each; columns and line numbers stay those of the user's file. */
export function rejoined(file: SourceFile, breaks: readonly LineBreak[]): SourceFile {
  const starts = lineIndex(file);
  const parts: string[] = [];
  const broken: number[] = [];
  const removed = Int32Array.from(file.removed ?? []);
  let at = 0;
  let length = 0;
  let lost = 0;
  let pair = 0;
  const shiftUntil = (offset: number) => {
    for (; pair < removed.length && (removed[pair] ?? 0) < offset; pair += 2)
      removed[pair] = (removed[pair] ?? 0) - lost;
  };
  for (const { line, put } of breaks) {
    const begin = starts[line + 1] ?? file.text.length;
    shiftUntil(begin);
    parts.push(file.text.slice(at, begin - 1), put);
    length += begin - 1 - at + put.length;
    lost += 1 - put.length;
    broken.push(length);
    at = begin;
  }
  shiftUntil(Number.POSITIVE_INFINITY);
  parts.push(file.text.slice(at));
  const { removed: _, ...rest } = file;
  return {
    ...rest,
    text: parts.join(''),
    broken: Int32Array.from(broken),
    ...(removed.length === 0 ? {} : { removed }),
  };
}

/** States by the lines of the user's file. */
export function spread(file: SourceFile, ledger: LineLedger): LineLedger {
  const { broken } = file;
  if (broken === undefined || broken.length === 0) return ledger;
  const states = new Uint8Array(ledger.length + broken.length);
  let line = 0;
  let next = 0;
  const starts = lineIndex(file);
  for (let at = 0; at < states.length; at++) {
    states[at] = ledger[line] ?? INERT;
    const end = starts[line + 1] ?? file.text.length + 1;
    if (next < broken.length && (broken[next] ?? 0) < end) next++;
    else line++;
  }
  return states;
}

/** Of the breaks those behind which the whole line is understood, or neither part was. `before`: the states of the parts. */
export function confirmed(
  file: SourceFile,
  ledger: LineLedger,
  before: LineLedger,
  breaks: readonly LineBreak[],
): readonly LineBreak[] {
  const whole = spread(file, ledger);
  const state = (states: LineLedger, line: number) => states[line] ?? INERT;
  return breaks.filter(
    ({ line }) => !isOpen(state(whole, line)) || (isOpen(state(before, line)) && isOpen(state(before, line + 1))),
  );
}

export function openLines(ledger: LineLedger): number {
  return ledger.reduce((count, state) => count + (isOpen(state) ? 1 : 0), 0);
}
