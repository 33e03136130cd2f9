/** Offsets of a text that is not the file itself (a section, a block scalar, a JSON string) back to the file's own. */
import { type FileId, type SourceFile, type Span, span } from '@coldtrace/core';

/** A text and where each of its offsets stands in a source file. */
export interface PlacedText {
  readonly file: FileId;
  readonly text: string;
  /** Offset in the file of the first character, when the text stands there as it is. */
  readonly base: number | null;
  /** Offset in the file of an offset in the text; never descends. */
  readonly at: (offset: number) => number;
}

export function placedSection(file: SourceFile, start: number, end: number): PlacedText {
  return { file: file.id, text: file.text.slice(start, end), base: start, at: (offset) => start + offset };
}

/** A stretch of a placed text. */
export function placedPart(source: PlacedText, start: number, end: number): PlacedText {
  const base = source.base === null ? null : source.base + start;
  return { file: source.file, text: source.text.slice(start, end), base, at: (offset) => source.at(start + offset) };
}

export function placeSpan(placed: PlacedText, start: number, end: number): Span {
  const from = placed.at(start);
  return span(placed.file, from, Math.max(from, placed.at(end)));
}

/** Stretches of equal offsets: from `inner[n]` on, the text runs beside the file from `outer[n]` on. */
export interface Stretches {
  readonly inner: readonly number[];
  readonly outer: readonly number[];
}

/** The place of an offset in a list of stretches, by binary search. */
export function placeIn(stretches: Stretches, offset: number): number {
  const { inner, outer } = stretches;
  let low = 0;
  let high = inner.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((inner[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return (outer[low] ?? 0) + Math.max(0, offset - (inner[low] ?? 0));
}
