/** Texts with a number before each line, as pages and editors show them: what is a secret there shows only without the numbers. */
import type { Secret } from './secret.js';

const longest = 4_000_000;
const number = /^[ \t]{0,8}(\d{1,5})(?:[|:.)]| ?\||(?=[ \t]))/;

/** What every text with such numbers has, and most texts have not. */
const threeInARow = /^[ \t]{0,8}\d[^\n]*\n[ \t]{0,8}\d[^\n]*\n[ \t]{0,8}\d/m;

/** A text without its line numbers, and where its lines stood. */
interface Plain {
  readonly text: string;
  /** Offsets in the plain text at which lines begin, ascending. */
  readonly starts: readonly number[];
  /** What to add to an offset on each line. */
  readonly shifts: readonly number[];
}

/** Null for a text without three lines in a row whose numbers follow each other. */
function withoutNumbers(text: string): Plain | null {
  if (text.length > longest || !threeInARow.test(text)) return null;
  const lines = text.split('\n');
  const widths = lines.map(() => 0);
  let found = false;
  for (let first = 0; first < lines.length; ) {
    let next = first;
    let expected: number | null = null;
    const run: number[] = [];
    for (; next < lines.length; next++) {
      const match = number.exec((lines[next] ?? '').slice(0, 20));
      if (match === null || (expected !== null && Number(match[1]) !== expected)) break;
      expected = Number(match[1]) + 1;
      run.push(match[0].length);
    }
    if (run.length >= 3) {
      found = true;
      for (const [at, width] of run.entries()) widths[first + at] = width;
    }
    first = Math.max(next, first + 1);
  }
  return found ? cutNumbers(lines, widths) : null;
}

function cutNumbers(lines: readonly string[], widths: readonly number[]): Plain {
  const starts: number[] = [];
  const shifts: number[] = [];
  const kept: string[] = [];
  let at = 0;
  let shift = 0;
  for (const [index, line] of lines.entries()) {
    const width = widths[index] ?? 0;
    shift += width;
    starts.push(at);
    shifts.push(shift);
    kept.push(line.slice(width));
    at += line.length - width + 1;
  }
  return { text: kept.join('\n'), starts, shifts };
}

/** The secrets that a search finds without the numbers, at their places in the text, each cut at the ends of lines. */
export function findBehindNumbers(text: string, search: (text: string) => readonly Secret[]): readonly Secret[] {
  const plain = withoutNumbers(text);
  if (plain === null) return [];
  const found: Secret[] = [];
  let line = 0;
  for (const { start, end, what } of search(plain.text)) {
    while ((plain.starts[line + 1] ?? Number.POSITIVE_INFINITY) <= start) line++;
    for (let at = line; (plain.starts[at] ?? Number.POSITIVE_INFINITY) < end; at++) {
      const shift = plain.shifts[at] ?? 0;
      const from = Math.max(start, plain.starts[at] ?? 0);
      const to = Math.min(end, (plain.starts[at + 1] ?? Number.POSITIVE_INFINITY) - 1);
      if (to > from) found.push({ start: from + shift, end: to + shift, what });
    }
  }
  return found;
}
