/** Flow scalars over several lines (YAML 1.2.2 section 6.5): one line break is a blank, more of them are one fewer breaks. */

/** Joins the lines of a scalar; null where an escaped blank at a line's end makes the package the judge. */
export function foldLines(lines: readonly string[], escapes: boolean): string | null {
  let folded = '';
  let blanks = 0;
  for (const [index, line] of lines.entries()) {
    const last = index === lines.length - 1;
    const head = index === 0 ? line : line.replace(/^[ \t]+/, '');
    const text = last ? head : head.replace(/[ \t]+$/, '');
    if (escapes && text.length < head.length && endsEscaping(text)) return null;
    if (index === 0) {
      folded = text;
      continue;
    }
    if (text === '' && !last) {
      blanks++;
      continue;
    }
    if (escapes && blanks === 0 && endsEscaping(folded)) folded = folded.slice(0, -1) + text;
    else folded += (blanks === 0 ? ' ' : '\n'.repeat(blanks)) + text;
    blanks = 0;
  }
  return folded;
}

/** An odd number of backslashes at the end. */
function endsEscaping(text: string): boolean {
  let count = 0;
  while (text.charCodeAt(text.length - 1 - count) === 92) count++;
  return count % 2 === 1;
}
