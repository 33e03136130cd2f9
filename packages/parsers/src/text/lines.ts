/** The lines of a section, and the ledger that says what became of each. */
import { INERT, type LineLedger, type LineState, lineStates, type Span } from '@coldtrace/core';
import type { Section } from '../format.js';

export interface Line {
  /** Index within the section, from 0: the place in its ledger. */
  readonly index: number;
  /** Without the line feed. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** The lines of a section in order; a last line without a line feed counts. */
export function linesOf(section: Section): readonly Line[] {
  const lines: Line[] = [];
  const { text } = section.file;
  for (let start = section.start; start < section.end; ) {
    const feed = text.indexOf('\n', start);
    const end = feed < 0 || feed >= section.end ? section.end : feed;
    lines.push({ index: lines.length, text: text.slice(start, end), start, end });
    start = end + 1;
  }
  return lines;
}

/** A ledger for the lines: blank ones are inert, the rest unrecognised until a parser claims them. */
export function newLedger(lines: readonly Line[]): LineLedger {
  const ledger = new Uint8Array(lines.length);
  for (const line of lines) if (isBlank(line.text)) ledger[line.index] = INERT;
  return ledger;
}

export function mark(ledger: LineLedger, line: Line, state: LineState): void {
  ledger[line.index] = lineStates.indexOf(state);
}

export function lineSpan(section: Section, line: Line): Span {
  return { file: section.file.id, start: line.start, end: line.end };
}

/** The last line of a dump when no line feed ends it: tools end every line, so that it may be cut off; a paste proves nothing. */
export function unendedLine(section: Section, lines: readonly Line[]): Line | null {
  const last = lines.at(-1);
  if (last === undefined || section.freeForm || last.end !== section.file.text.length || isBlank(last.text))
    return null;
  return last;
}

export function isBlank(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit !== 32 && unit !== 9 && unit !== 13 && unit !== 11 && unit !== 12 && unit !== 0xa0) return false;
  }
  return true;
}
