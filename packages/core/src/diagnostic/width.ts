/** Columns that text takes on a terminal: East Asian wide characters take two, combining marks none. Unicode UAX #11. */

const wide: readonly (readonly [first: number, last: number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
];

export function charWidth(codePoint: number): number {
  if (codePoint < 0x300) return 1;
  if ((codePoint >= 0x300 && codePoint <= 0x36f) || (codePoint >= 0xfe00 && codePoint <= 0xfe0f)) return 0;
  if (codePoint < 0x1100) return 1;
  return wide.some(([first, last]) => codePoint >= first && codePoint <= last) ? 2 : 1;
}

const narrow = /^[\0-\u02ff]*$/;

/** Columns of one line of text. Control characters count as one each: `printable` takes them out first. */
export function textWidth(text: string): number {
  if (narrow.test(text)) return text.length;
  let width = 0;
  for (const char of text) width += charWidth(char.codePointAt(0) ?? 0);
  return width;
}

/** The longest beginning of the text that fits; `…` replaces what is cut. */
export function fit(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  let width = 0;
  let taken = '';
  for (const char of text) {
    const next = charWidth(char.codePointAt(0) ?? 0);
    if (width + next > columns - 1) break;
    width += next;
    taken += char;
  }
  return `${taken}…`;
}

/** Words filled into lines of at most so many columns; a word longer than that stands alone. */
export function wrap(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (line !== '' && textWidth(joined) > columns) {
      lines.push(line);
      line = word;
    } else line = joined;
  }
  if (line !== '') lines.push(line);
  return lines;
}
