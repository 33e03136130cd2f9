/** Words of the first part of a line, for verdicts: hostile lines are judged by their beginning only. */

const longest = 400;

/** At most `count` words of the beginning of the line, none of them longer than the window; none at all for a line of another tool. */
export function firstWords(text: string, count: number): readonly string[] {
  const window = text.length > longest ? text.slice(0, longest) : text;
  const words: string[] = [];
  word.lastIndex = 0;
  for (let found = word.exec(window); found !== null; found = words.length < count ? word.exec(window) : null) {
    if (words.length === 0 && isForeign(window, found.index)) break;
    words.push(found[0]);
  }
  return words;
}

/** An expression finds the ends of words several times as fast as a loop that has just begun. */
const word = /[^ \t\r]+/g;

/** Rules (`-A`), chains (`:INPUT`) and comments make up most of a capture, and nothing of ip begins like them (`::1` does). */
function isForeign(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit === 45 || unit === 35 || (unit === 58 && text.charCodeAt(at + 1) !== 58);
}

export function isIndented(text: string): boolean {
  const unit = text.charCodeAt(0);
  return unit === 32 || unit === 9;
}
