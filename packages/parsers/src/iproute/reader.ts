/** State of reading one section: what became of its lines, and what is to be said about them. */
import type { Diagnostic, Facts, FailedCapture, LineLedger, LineState } from '@coldtrace/core';
import type { Parsed, Section } from '../format.js';
import { isBlank, type Line, lineSpan, linesOf, mark, newLedger } from '../text/lines.js';
import { report } from './codes.js';
import { commandOf, type IpCommand } from './command.js';
import { toolMessage } from './tool-message.js';

export interface Reader {
  readonly section: Section;
  readonly command: IpCommand | null;
  readonly lines: readonly Line[];
  readonly ledger: LineLedger;
  readonly diagnostics: Diagnostic[];
  readonly failures: FailedCapture[];
  /** False once something shows that rows are missing. */
  complete: boolean;
  /** Lines whose lost indentation was supplied, for one diagnostic in the end. */
  unindented: Line[];
}

export function openReader(section: Section): Reader {
  const lines = linesOf(section);
  const command = commandOf(section);
  return {
    section,
    command,
    lines,
    ledger: newLedger(lines),
    diagnostics: [],
    failures: [],
    complete: !command?.piped && !(section.freeForm && !command?.typed),
    unindented: [],
  };
}

/** Takes blank lines and what the tool or the shell says; true when the line is done with. */
export function takeMessage(reader: Reader, line: Line): boolean {
  if (isBlank(line.text)) return true;
  const message = toolMessage(line.text);
  if (message === null) return false;
  if (message === 'says') {
    mark(reader.ledger, line, 'inert');
    return true;
  }
  const span = lineSpan(reader.section, line);
  reader.failures.push({ span, message: line.text.trim() });
  reader.diagnostics.push(report('tool-failed', span, { text: line.text.trim() }));
  reader.complete = false;
  mark(reader.ledger, line, 'inert');
  return true;
}

/** A line that is not understood: nothing may be concluded from the absence of a row any more. */
export function leaveUnread(reader: Reader, line: Line, command: string, state: LineState = 'unrecognized'): void {
  mark(reader.ledger, line, state);
  reader.complete = false;
  reader.diagnostics.push(report('unread-line', lineSpan(reader.section, line), { command, text: line.text.trim() }));
}

/** The facts with the failures, and the diagnostics in the order of the text. */
export function finish(reader: Reader, facts: readonly Facts[]): Parsed<readonly Facts[]> {
  const first = reader.unindented[0];
  if (first !== undefined) {
    const span = lineSpan(reader.section, first);
    reader.diagnostics.push(report('indentation-lost', span, { count: reader.unindented.length }));
  }
  const { failures } = reader;
  const value: Facts[] = [...facts];
  if (failures.length > 0) value.push({ kind: 'failures', rows: failures, complete: false });
  const diagnostics = [...reader.diagnostics].sort((x, y) => x.span.start - y.span.start);
  return { value, diagnostics, ledger: reader.ledger };
}

/** Nothing but failures was read: then the rows of this kind are absent, not empty. */
export function onlyFailed(reader: Reader, rowCount: number): boolean {
  return rowCount === 0 && reader.failures.length > 0;
}
