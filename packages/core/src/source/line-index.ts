/** Offsets to lines and columns, computed only when something is printed or a ledger is made. */
import type { SourceFile } from './source-file.js';

/** Where an editor shows something. */
export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1, in Unicode code points of the file as the user has it. */
  readonly column: number;
}

/** Offsets at which the lines of a text begin. A line feed ends a line; a last line without one counts, an empty rest does not. */
export function lineStarts(text: string): Int32Array {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  if (text.length > 0 && !text.endsWith('\n')) count++;
  const starts = new Int32Array(count);
  let at = 0;
  for (let line = 0; line < count; line++) {
    starts[line] = at;
    at = text.indexOf('\n', at) + 1;
  }
  return starts;
}

/** Index of the line (from 0) that holds the offset; offsets past the end belong to the last line. */
export function lineAt(starts: Int32Array, offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

const indexes = new WeakMap<SourceFile, Int32Array>();

/** The line starts of a file, computed once. */
export function lineIndex(file: SourceFile): Int32Array {
  let starts = indexes.get(file);
  if (starts === undefined) {
    starts = lineStarts(file.text);
    indexes.set(file, starts);
  }
  return starts;
}

/** Line and column of an offset, as an editor shows them in the original file. */
export function positionAt(file: SourceFile, offset: number): Position {
  const starts = lineIndex(file);
  const line = lineAt(starts, offset);
  const breaks = countUntil(file.broken, offset);
  const parts = countUntil(file.parted, (starts[line] ?? 0) - 1);
  const whole = wholeStart(file, starts, line, parts);
  const start = Math.max(whole, breaks === 0 ? 0 : (file.broken?.[breaks - 1] ?? 0));
  const removed = removedBefore(file, offset) - removedBefore(file, start - 1);
  return { line: line + breaks - parts + 1, column: codePoints(file.text, start, offset) + removed + 1 };
}

/** Number of the line in the original file, from 1. */
export function lineNumberAt(file: SourceFile, offset: number): number {
  const starts = lineIndex(file);
  const line = lineAt(starts, offset);
  return line + countUntil(file.broken, offset) - countUntil(file.parted, (starts[line] ?? 0) - 1) + 1;
}

/** Where the user's line begins of which the line is a part. `parts`: how many line feeds before it are not the user's. */
function wholeStart({ parted }: SourceFile, starts: Int32Array, line: number, parts: number): number {
  let first = line;
  for (let part = parts - 1; part >= 0 && parted?.[part] === (starts[first] ?? 0) - 1; part--) first--;
  return starts[first] ?? 0;
}

/** The line that holds the offset, without its line feed; one that was broken is whole. */
export function lineTextAt(file: SourceFile, offset: number): string {
  return lineText(file, lineAt(lineIndex(file), offset));
}

/** How many of the ascending offsets are not beyond the given one. */
function countUntil(offsets: Int32Array | undefined, offset: number): number {
  if (offsets === undefined) return 0;
  let low = 0;
  let high = offsets.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((offsets[middle] ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The text of the line (index from 0) without its line feed. */
export function lineText(file: SourceFile, line: number): string {
  const starts = lineIndex(file);
  const start = starts[line];
  if (start === undefined) return '';
  const end = file.text.indexOf('\n', start);
  return file.text.slice(start, end < 0 ? file.text.length : end);
}

function codePoints(text: string, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end && at < text.length; at++) {
    const unit = text.charCodeAt(at);
    const pairs = unit >= 0xd800 && unit < 0xdc00 && at + 1 < end;
    const low = pairs ? text.charCodeAt(at + 1) : 0;
    if (low >= 0xdc00 && low < 0xe000) at++;
    count++;
  }
  return count;
}

function removedBefore(file: SourceFile, offset: number): number {
  const removed = file.removed;
  if (removed === undefined) return 0;
  let low = 0;
  let high = removed.length / 2;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((removed[middle * 2] ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? 0 : (removed[low * 2 - 1] ?? 0);
}
