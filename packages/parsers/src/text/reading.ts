/** The state of reading one section line by line: which lines are claimed, what was said about them, which commands failed. */
import type { Diagnostic, Facts, FailedCapture, LineLedger, LineState } from '@coldtrace/core';
import type { Parsed, Section } from '../format.js';
import { failureMessage } from './failure.js';
import { type Line, lineSpan, linesOf, mark, newLedger } from './lines.js';

export interface Reading {
  readonly section: Section;
  /** Every line of the section. */
  readonly lines: readonly Line[];
  readonly ledger: LineLedger;
  readonly diagnostics: Diagnostic[];
  readonly failures: FailedCapture[];
}

export function openReading(section: Section): Reading {
  const lines = linesOf(section);
  return { section, lines, ledger: newLedger(lines), diagnostics: [], failures: [] };
}

export function claim(reading: Reading, line: Line, state: LineState): void {
  mark(reading.ledger, line, state);
}

/** Takes a line as the message of a command that failed; false when it is none. */
export function takeFailure(reading: Reading, line: Line): boolean {
  const message = failureMessage(line.text);
  if (message === null) return false;
  addFailure(reading, line, message);
  return true;
}

export function addFailure(reading: Reading, line: Line, message: string): void {
  reading.failures.push({ span: lineSpan(reading.section, line), message });
  claim(reading, line, 'inert');
}

/** The result: the given facts, and the failures when there are any. */
export function closeReading(reading: Reading, facts: readonly Facts[]): Parsed<readonly Facts[]> {
  const { failures, diagnostics, ledger } = reading;
  const value: readonly Facts[] =
    failures.length === 0 ? facts : [...facts, { kind: 'failures', rows: failures, complete: false }];
  return { value, diagnostics, ledger };
}
