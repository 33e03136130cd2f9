/** Words of the first part of a line, for verdicts: hostile lines are judged by their beginning only. */

const longest = 400;

/** At most `count` words of the beginning of the line, none of them longer than the window. */
export function firstWords(text: string, count: number): readonly string[] {
  const words: string[] = [];
  const limit = Math.min(text.length, longest);
  let begin = -1;
  for (let at = 0; at <= limit; at++) {
    const unit = at < limit ? text.charCodeAt(at) : 32;
    const blank = unit === 32 || unit === 9 || unit === 13;
    if (!blank && begin < 0) begin = at;
    if (blank && begin >= 0) {
      words.push(text.slice(begin, at));
      if (words.length === count) return words;
      begin = -1;
    }
  }
  return words;
}

export function isIndented(text: string): boolean {
  const unit = text.charCodeAt(0);
  return unit === 32 || unit === 9;
}
