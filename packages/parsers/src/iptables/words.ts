/** The words of a rule line under iptables-restore's quoting: `"` opens and closes, `\` escapes inside. iptables: iptables/xshared.c. */

/** Parallel lists instead of objects: a dump has millions of words. */
export interface Words {
  readonly text: readonly string[];
  /** Offsets of the word in the source, quotes included. */
  readonly start: readonly number[];
  readonly end: readonly number[];
}

const blank = 32;
const tab = 9;
/** Only where wrapped lines were put together. */
const lineFeed = 10;
const quoteMark = 34;
const backslash = 92;

/** Splits source[from, to) into words. A quote left open ends with the line. */
export function splitWords(source: string, from: number, to: number): Words {
  const text: string[] = [];
  const start: number[] = [];
  const end: number[] = [];
  for (let at = from; at < to; ) {
    const unit = source.charCodeAt(at);
    if (unit === blank || unit === tab || unit === 13 || unit === lineFeed) {
      at++;
      continue;
    }
    const begin = at;
    let bare = true;
    while (at < to) {
      const next = source.charCodeAt(at);
      if (next === quoteMark) bare = false;
      if (next === blank || next === tab || next === 13 || next === lineFeed || next === quoteMark) break;
      at++;
    }
    if (bare) {
      text.push(source.slice(begin, at));
    } else {
      const [word, after] = readQuoted(source, begin, to);
      text.push(word);
      at = after;
    }
    start.push(begin);
    end.push(at);
  }
  return { text, start, end };
}

/** A word with quotes in it; it ends at the closing quote or at a blank outside quotes. */
function readQuoted(source: string, from: number, to: number): readonly [word: string, end: number] {
  const pieces: string[] = [];
  let open = false;
  let begin = from;
  let at = from;
  for (; at < to; at++) {
    const unit = source.charCodeAt(at);
    if (open && unit === backslash && at + 1 < to) {
      pieces.push(source.slice(begin, at));
      begin = at + 1;
      at++;
    } else if (unit === quoteMark) {
      pieces.push(source.slice(begin, at));
      begin = at + 1;
      if (open) return [pieces.join(''), at + 1];
      open = true;
    } else if (open && unit === lineFeed) {
      pieces.push(source.slice(begin, at));
      begin = at + 1;
    } else if (!open && (unit === blank || unit === tab || unit === lineFeed)) {
      break;
    }
  }
  pieces.push(source.slice(begin, at));
  return [pieces.join(''), at];
}
