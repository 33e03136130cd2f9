/** The width at which a mail program, fold(1) or a terminal broke the lines of a text, and where: told from the lines alone. */

/** A line end that may be no line's end. */
export interface LineBreak {
  /** Index of the line before it. */
  readonly line: number;
  /** What stood there. */
  readonly put: '' | ' ';
}

const narrowest = 40;
const widest = 160;
/** Fewer lines at the border are chance. */
const fewest = 3;

/** Every line end at the border; none where the text has no border. `lost`: how much was taken off a line since. */
export function breaksAtBorder(lines: readonly string[], lost: (line: number) => number): readonly LineBreak[] {
  const widths = lines.map((line, at) => line.length + lost(at));
  const width = widthOf(lines, widths);
  if (width < narrowest || width > widest) return [];
  const atLast = (at: number) => isFilled(lines[at]) && isFilled(lines[at + 1]);
  const cut = lines.flatMap((_, at) => (widths[at] === width && atLast(at) ? [at] : []));
  const words = lines.flatMap((line, at) =>
    atLast(at) && (widths[at] ?? 0) + behind(line, lines[at + 1]) > width ? [at] : [],
  );
  if (words.length < fewest) return [];
  // A terminal fills each line to its last column; who breaks between words does so by chance.
  const within = cut.filter((at) => lines[at]?.endsWith(' ') !== true).length;
  if (within >= fewest && within * 2 >= words.length) return cut.map((line) => ({ line, put: '' }));
  // fold(1) leaves the blank at which it broke; a mail program takes it.
  const folded = words.filter((at) => lines[at]?.endsWith(' ') === true);
  if (folded.length >= fewest && folded.length * 5 >= words.length * 2)
    return folded.map((line) => ({ line, put: '' }));
  return words.map((line) => ({ line, put: ' ' }));
}

/** Characters of East Asian scripts, which take two columns, and between which a line may be broken anywhere. */
const wide = /[\u1100-\u115f\u2e80-\uffef]/;

/** A single word is not broken, however long it is. */
function widthOf(lines: readonly string[], widths: readonly number[]): number {
  let width = 0;
  for (const [at, line] of lines.entries()) {
    const own = widths[at] ?? 0;
    if (own > width && /\S\s+\S/.test(line) && !wide.test(line)) width = own;
  }
  return width;
}

/** What the next line's first word would have taken; fold(1) counts the blank behind it, too. */
function behind(line: string, next = ''): number {
  const folded = line.endsWith(' ');
  const first = (folded ? /^\s*\S+\s?/ : /^\s*\S+/).exec(next)?.[0].length ?? 0;
  return (folded ? 0 : 1) + first;
}

function isFilled(line: string | undefined): boolean {
  return line !== undefined && line.trim() !== '';
}

/** A blank line behind each line, as some editors and trackers space out what is pasted: where such a line begins. */
export function blanksBetween(lines: readonly string[]): readonly LineBreak[] {
  const filled = lines.flatMap((line, at) => (isFilled(line) ? [at] : []));
  if (filled.length < 6 || filled.some((at) => isFilled(lines[at + 1]))) return [];
  const parity = (filled[0] ?? 0) % 2;
  if (filled.some((at) => at % 2 !== parity)) return [];
  return filled.filter((at) => at + 1 < lines.length - 1).map((line) => ({ line, put: '' }));
}
