/** Blank-separated words of a line with their places; no regular expression, so that hostile lines cost linear time. */
import type { Line } from './lines.js';

export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Words of a line; offsets are those of the source file. */
export function wordsOf(line: Pick<Line, 'text' | 'start'>): readonly Word[] {
  const { text, start } = line;
  const words: Word[] = [];
  let begin = -1;
  for (let at = 0; at <= text.length; at++) {
    const unit = at < text.length ? text.charCodeAt(at) : 32;
    const blank = unit === 32 || unit === 9 || unit === 13;
    if (!blank && begin < 0) begin = at;
    if (blank && begin >= 0) {
      words.push({ text: text.slice(begin, at), start: start + begin, end: start + at });
      begin = -1;
    }
  }
  return words;
}
