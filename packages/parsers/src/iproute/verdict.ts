/** Words of the first part of a line, for verdicts: hostile lines are judged by their beginning only. */

const longest = 400;

/** At most `count` words of the beginning of the line, none of them longer than the window; none at all for a line of another tool. */
export function firstWords(text: string, count: number): readonly string[] {
  const limit = Math.min(text.length, longest);
  let at = 0;
  while (at < limit && isBlank(text.charCodeAt(at))) at++;
  const words: string[] = [];
  if (isForeign(text, at)) return words;
  let begin = -1;
  for (; at <= limit; at++) {
    const blank = at === limit || isBlank(text.charCodeAt(at));
    if (!blank && begin < 0) begin = at;
    if (blank && begin >= 0) {
      words.push(text.slice(begin, at));
      if (words.length === count) return words;
      begin = -1;
    }
  }
  return words;
}

const isBlank = (unit: number): boolean => unit === 32 || unit === 9 || unit === 13;

/** Rules (`-A`), chains (`:INPUT`) and comments make up most of a capture, and nothing of ip begins like them (`::1` does). */
function isForeign(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit === 45 || unit === 35 || (unit === 58 && text.charCodeAt(at + 1) !== 58);
}

export function isIndented(text: string): boolean {
  const unit = text.charCodeAt(0);
  return unit === 32 || unit === 9;
}
