/** Lines that a shell's editor wrote over, as script(1) and terminals record them: what was on the screen when the line ended. ECMA-48, readline(3). */
import type { Stretch } from './removal.js';

/** Back by a character, or a cursor moved within the line. */
const moved = /\x08|\x1b\[\d{0,4}[DGP@]/;
/** Bold and underlined as nroff prints them, where nothing moves. */
const overstruck = /([^\n\b])\x08\1|_\x08[^\b]/g;
const token = /\x1b\[([0-?]*)[ -/]*([@-~])|\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]|[\s\S]/gu;
/** What readline writes where a line reaches the edge of the screen. */
const wrap = / \r(?=[^\n\r])/g;

const longest = 10_000;

/** A stretch for each line that was written over, with what remained of it. */
export function redrawnLines(text: string): readonly Stretch[] {
  const found: Stretch[] = [];
  for (const [line, start] of linesWithControls(text)) {
    if (!moved.test(line.replace(overstruck, '$1'))) continue;
    found.push({ start, end: start + line.length, put: screenOf(line.replace(wrap, '')) });
  }
  return found;
}

function* linesWithControls(text: string): Generator<readonly [string, number]> {
  let at = 0;
  while (at < text.length) {
    const feed = text.indexOf('\n', at);
    const end = feed < 0 ? text.length : feed;
    const line = end - at > longest ? '' : text.slice(at, end);
    if (moved.test(line)) yield [line, at];
    at = end + 1;
  }
}

function screenOf(line: string): string {
  const cells: string[] = [];
  let cursor = 0;
  for (const [whole, given = '', final] of line.matchAll(token)) {
    if (final !== undefined) cursor = control(cells, cursor, final, Number.parseInt(given, 10));
    else if (whole === '\b') cursor = Math.max(0, cursor - 1);
    else if (whole === '\r') cursor = 0;
    else if (whole.length < 3 && !/^[\x00-\x08\x0b-\x1f]/.test(whole)) {
      while (cells.length < cursor) cells.push(' ');
      cells[cursor++] = whole;
    }
  }
  return cells.join('').trimEnd();
}

/** The cursor after a control sequence; cells behind it are taken out or put in. */
function control(cells: string[], cursor: number, final: string, given: number): number {
  const count = Number.isNaN(given) ? 1 : Math.min(Math.max(given, 1), longest);
  switch (final) {
    case 'C':
      return Math.min(cursor + count, longest);
    case 'D':
      return Math.max(0, cursor - count);
    case 'G':
      return count - 1;
    case 'K':
      if (Number.isNaN(given) || given === 0) cells.length = Math.min(cells.length, cursor);
      return cursor;
    case 'P':
      cells.splice(cursor, count);
      return cursor;
    case '@':
      if (cursor < cells.length) cells.splice(cursor, 0, ...' '.repeat(Math.min(count, 500)));
      return cursor;
    default:
      return cursor;
  }
}
