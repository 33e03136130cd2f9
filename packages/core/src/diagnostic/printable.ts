/** Text of dumps made safe to print: nothing in it can move a cursor, recolour a terminal or turn the reading direction. */

/** C0, DEL, C1, bidirectional controls (UAX #9), zero-width and other format characters, lone surrogates. */
const unsafe =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** A tab becomes one blank, everything else that is unsafe a visible `\u{…}`. */
export function printable(text: string): string {
  return text.replace(unsafe, (unit) => (unit === '\t' ? ' ' : `\\u{${(unit.codePointAt(0) ?? 0).toString(16)}}`));
}
