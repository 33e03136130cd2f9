/** Bounded searches within a slice of a big text: none looks past `end`, so that a hundred thousand slices cost linear time. */

/** Offset of the first character with that code in [start, end), or -1. */
export function codeIn(text: string, code: number, start: number, end: number): number {
  for (let at = start; at < end; at++) if (text.charCodeAt(at) === code) return at;
  return -1;
}

/** Whether the text has `word` at the offset, within `end`. */
export function hasAt(text: string, word: string, at: number, end: number): boolean {
  return at + word.length <= end && text.startsWith(word, at);
}

/** Offset of the first blank in [start, end), or `end`. */
export function blankIn(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && !isBlankCode(text.charCodeAt(at))) at++;
  return at;
}

/** Offset of the first character that is not blank in [start, end), or `end`. */
export function wordIn(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && isBlankCode(text.charCodeAt(at))) at++;
  return at;
}

/** Offset past the last character that is not blank in [start, end). */
export function trimmedEnd(text: string, start: number, end: number): number {
  let at = end;
  while (at > start && isBlankCode(text.charCodeAt(at - 1))) at--;
  return at;
}

/** Space, tab, the other blanks of ASCII, and the no-break space of web pages. */
function isBlankCode(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13) || code === 0xa0;
}
