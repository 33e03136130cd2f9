/** What curl, telnet, nc, wget and ping have in common: a target, and how the attempt to reach it ended. */
import { type Facts, type LineState, type SeenAttempt, sameIp, span } from '@coldtrace/core';
import type { Parsed, Section } from '../format.js';
import { isBlank, type Line } from '../text/lines.js';
import { claim, closeReading, openReading, type Reading, takeFailure } from '../text/reading.js';
import { observationCode } from './codes.js';
import type { Outcome } from './outcome.js';
import type { Target } from './target.js';

/** What one line of a tool's output tells. */
export interface Step {
  /** The line begins another attempt when the one before it has ended. */
  readonly begins?: boolean;
  /** Nothing of the attempt follows but its remains. */
  readonly ends?: boolean;
  readonly target?: Target;
  readonly outcome?: Outcome;
  readonly state?: LineState;
}

export interface AttemptTool {
  readonly tool: string;
  readonly step: (text: string) => Step | null;
  readonly targetOfCommand: (words: readonly string[]) => Target | null;
  /** True when lines the tool did not word itself are the peer's answer. */
  readonly body: boolean;
}

/** What a terminal echoes for the keys that interrupt, stop and escape. */
const interrupt = /^\^[A-Z\]\\](?:\s|$)/;

interface Open {
  readonly from: Line;
  to: Line;
  text: string;
  target: Target | null;
  outcome: Outcome | null;
  ended: boolean;
}

interface Attempts {
  readonly reading: Reading;
  readonly tool: AttemptTool;
  /** The target that the command names. */
  readonly given: Target | null;
  readonly rows: SeenAttempt[];
  open: Open | null;
}

/** Reads the output of one such tool, line by line. */
export function readAttempts(section: Section, tool: AttemptTool): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const given = section.command === null ? null : tool.targetOfCommand(section.command.split(/\s+/));
  const attempts: Attempts = { reading, tool, given, rows: [], open: null };
  for (const line of reading.lines) {
    if (isBlank(line.text)) continue;
    const step = tool.step(line.text);
    if (step === null) readOther(attempts, line);
    else readStep(attempts, line, step);
  }
  close(attempts);
  return closeReading(reading, [{ kind: 'observations', rows: attempts.rows, complete: false }]);
}

/** A line that the tool did not word itself. */
function readOther(attempts: Attempts, line: Line): void {
  const { reading, tool } = attempts;
  if (takeFailure(reading, line)) return;
  const asked = attempts.open !== null || reading.section.command !== null;
  // Whoever interrupts gave up waiting: nobody knows how it would have ended.
  const interrupted = interrupt.test(line.text);
  if (!asked || !(interrupted || tool.body)) return;
  attempts.open ??= begin(line);
  // Whatever else is printed came from the peer: it answered.
  attempts.open.outcome ??= interrupted ? 'unknown' : 'answered';
  if (interrupted) attempts.open.ended = true;
  claim(reading, line, 'inert');
}

function readStep(attempts: Attempts, line: Line, step: Step): void {
  const tells = step.outcome !== undefined || step.target !== undefined;
  claim(attempts.reading, line, step.state ?? (tells ? 'modelled' : 'inert'));
  // A message on standard error may come out before the `Trying` it belongs to: then the attempt has no target yet.
  if (step.begins === true && isOver(attempts.open)) close(attempts);
  if (attempts.open === null && step.begins !== true && !tells) return;
  attempts.open ??= begin(line);
  const { open } = attempts;
  open.to = line;
  open.target = step.target ?? open.target;
  if (step.outcome !== undefined && (step.outcome !== 'unknown' || open.outcome === null)) {
    open.outcome = step.outcome;
    open.text = line.text;
  }
  if (step.ends === true) open.ended = true;
}

function begin(line: Line): Open {
  return { from: line, to: line, text: line.text, target: null, outcome: null, ended: false };
}

function close(attempts: Attempts): void {
  const { reading, tool, given, open } = attempts;
  if (open === null) return;
  const target = open.target ?? given;
  const at = span(reading.section.file.id, open.from.start, open.to.end);
  if (target === null) reading.diagnostics.push(observationCode('no-target', at, { tool: tool.tool }));
  attempts.rows.push({
    kind: 'attempt',
    tool: tool.tool,
    target: (isAnother(open.target, given) ? null : given?.target) ?? target?.target ?? '',
    ip: target?.ip ?? given?.ip ?? null,
    port: target?.port ?? given?.port ?? null,
    outcome: open.outcome ?? 'unknown',
    text: open.text,
    span: at,
  });
  attempts.open = null;
}

/** Whether the output says that it went to another address than the command names: a loop, or two outputs below one prompt. */
function isAnother(shown: Target | null, given: Target | null): boolean {
  return shown !== null && shown.ip !== null && given !== null && given.ip !== null && !sameIp(shown.ip, given.ip);
}

function isOver(open: Open | null): boolean {
  return open?.ended === true && open.target !== null;
}
