/** A line that may be part of an output: of the one that is open, of the next command's, or of one that begins here. */
import { parseIp } from '@coldtrace/core';
import type { Format, LineVerdict } from '../format.js';
import { failureMessage } from '../text/failure.js';
import { isPromptLine } from '../transcript/prompt-line.js';
import { opener } from './choose.js';
import { begin, type Cutting, extend, goOn, takeBetween } from './cutting.js';
import { isForeign, isProse } from './prose.js';
import { answering, isNextTurn } from './turns.js';

export function readContent(
  cutting: Cutting,
  at: number,
  line: string,
  next: number,
  verdict = cutting.open?.format.line(line) ?? null,
): number {
  cutting.expecting = null;
  const turned = nextTurn(cutting, at, line, verdict);
  if (turned !== null) return begin(cutting, turned, at, next);
  const { open } = cutting;
  if (open !== null && verdict === 'opens') return extend(cutting, open, at, next);
  if (open !== null && verdict === 'continues' && !(cutting.loose < at && cutting.looseProse)) {
    const other = cutting.hints.includes(open.format) ? null : opener(cutting.formats, [], cutting.text, at, line);
    if (other === null || other === open.format) return extend(cutting, open, at, next);
    return begin(cutting, other, at, next);
  }
  if (
    open !== null &&
    verdict === null &&
    open.end === at &&
    open.format.goesOn?.(lineAbove(cutting.text, at), line) === true
  )
    return extend(cutting, open, at, next);
  const found = opener(cutting.formats, cutting.hints, cutting.text, at, line);
  const format = damagedRowOf(cutting, found, at, next) ?? found;
  if (open !== null && format === open.format && format !== found) return extend(cutting, open, at, next);
  if (format !== null && (open === null || format !== open.format || cutting.looseProse)) {
    return begin(cutting, format, at, next);
  }
  if (failureMessage(line) !== null) {
    // Inside an output its parser takes the message; behind it, it is text that says what failed.
    if (open === null) takeBetween(cutting, 'failure', at, next);
    return next;
  }
  const [hint] = cutting.hints;
  // Tools speak in sentences too, but right below their command or, in a file of that name, their output.
  const named = cutting.turns.length > 0 || (open !== null && open.format === hint);
  const said = hint !== undefined && named && !cutting.gap && !cutting.looseProse;
  if (said ? isForeign(line) : isProse(line)) {
    cutting.prose++;
    cutting.looseProse = true;
    return next;
  }
  if (hint !== undefined && !cutting.looseProse) {
    if (open === null) return begin(cutting, hint, at, next);
    if (open.format === hint) open.end = next;
  }
  return next;
}

/** More lines than that are an output of their own. */
const mostDamaged = 2;

/**
 * The format that the name of the file or the command tells, where a line within its rows looks like another one's: `ss` without the state is
 * what netstat prints, a neighbour without `lladdr` a route. What the rest then lacks would prove faults.
 */
function damagedRowOf(cutting: Cutting, found: Format | null, at: number, next: number): Format | null {
  const { open, hints, text } = cutting;
  const expected = open?.format ?? hints[0];
  if (found === null || expected === undefined || expected === found || expected.extent !== undefined) return null;
  if (!hints.includes(expected) || hints.includes(found)) return null;
  if (cutting.gap || cutting.looseProse || cutting.turns.length > 1) return null;
  if (open === null) {
    const below = lineAt(text, next);
    return expected.line(below) !== null && found.line(below) === null ? expected : null;
  }
  // Rules that somebody typed stand between other commands.
  if (open.end !== at || expected.id === 'iptables-rules') return null;
  const below = lineAt(text, next);
  if (below.trim() !== '' && !isPromptLine(below)) return isAmongRows(text, next, expected) ? expected : null;
  return beginningOf(text.slice(at, next)) === beginningOf(lineAbove(text, at)) ? expected : null;
}

/** Whether rows of a format go on below. */
function isAmongRows(text: string, from: number, format: Format): boolean {
  let at = from;
  for (let count = 0; count < mostDamaged && at < text.length; count++) {
    const line = lineAt(text, at);
    if (format.line(line) !== null) return true;
    if (line.trim() === '') return false;
    at += line.length + 1;
  }
  return false;
}

/** What kind of word a row begins with. */
function beginningOf(row: string): string {
  const word = row.trimStart().split(/\s/, 1)[0] ?? '';
  return parseIp(word) === null ? word.replace(/^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/, 'lladdr') : 'address';
}

function lineAt(text: string, at: number): string {
  const feed = text.indexOf('\n', at);
  return text.slice(at, feed < 0 ? text.length : feed);
}

/** The format of what the next command on the prompt's line prints, where the line can only be its. */
function nextTurn(cutting: Cutting, at: number, line: string, verdict: LineVerdict): Format | null {
  const { open, text, turns } = cutting;
  const over = open !== null && open.turn !== turns[0];
  if (turns.length < (over ? 1 : 2) || cutting.looseProse) return null;
  if (open !== null && !over && verdict !== null) {
    if (!isNextTurn(turns, open.format, line, () => text.slice(open.start, at))) return null;
    goOn(cutting, turns.slice(1));
    return open.format;
  }
  const answer = failureMessage(line) === null ? answering(turns, line) : null;
  // Another command of the same kind goes on where the first has had its turn.
  if (answer === null) return over && verdict !== null && turns[0]?.hints.includes(open.format) ? open.format : null;
  goOn(cutting, turns.slice(answer.at));
  return answer.format;
}

function lineAbove(text: string, at: number): string {
  return at < 2 ? '' : text.slice(text.lastIndexOf('\n', at - 2) + 1, at - 1);
}
