/** A line that may be part of an output: of the one that is open, of the next command's, or of one that begins here. */
import type { Format, LineVerdict } from '../format.js';
import { failureMessage } from '../text/failure.js';
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
  const format = opener(cutting.formats, cutting.hints, cutting.text, at, line);
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
