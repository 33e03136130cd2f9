/** Lines that a backslash joins, in units and environment files. systemd.syntax(7). */
import type { Line } from '../text/lines.js';

/** A backslash at the end joins the next line; comments between joined lines are passed over by systemd too. */
export function lastOfContinued(lines: readonly Line[], from: number): Line {
  let last = lines[from] ?? { index: from, text: '', start: 0, end: 0 };
  for (
    let next = lines[from + 1];
    next !== undefined && last.text.trimEnd().endsWith('\\');
    next = lines[last.index + 1]
  )
    last = next;
  return last;
}
