/** Cuts a YAML stream at its `---` and `...` lines (YAML 1.2.2 section 9.2) and measures nesting before anybody parses it. */

export interface DocumentCut {
  /** Offset of the first line after `---`. */
  readonly start: number;
  readonly end: number;
}

/** The documents of a stream, empty ones (blank lines and comments only) left out. Time linear in the text. */
export function cutDocuments(text: string): readonly DocumentCut[] {
  const cuts: DocumentCut[] = [];
  let start = 0;
  let content = false;
  for (let at = 0; at <= text.length; ) {
    const feed = text.indexOf('\n', at);
    const end = feed < 0 ? text.length : feed;
    const marker = markerAt(text, at, end);
    if (marker !== null) {
      if (content) cuts.push({ start, end: at });
      start = Math.min(end + 1, text.length);
      content = false;
      // `--- value` on one line is legal; the value belongs to the new document.
      if (marker === 'value') {
        start = at + 3;
        content = true;
      }
    } else if (!content) content = hasContent(text, at, end);
    if (feed < 0) break;
    at = feed + 1;
  }
  if (content) cuts.push({ start, end: text.length });
  return cuts;
}

function markerAt(text: string, at: number, end: number): 'bare' | 'value' | null {
  const dashes = text.startsWith('---', at);
  if (!dashes && !text.startsWith('...', at)) return null;
  let next = at + 3;
  if (next < end && text[next] !== ' ' && text[next] !== '\t' && text[next] !== '\r') return null;
  while (next < end && (text[next] === ' ' || text[next] === '\t' || text[next] === '\r')) next++;
  return dashes && next < end && text[next] !== '#' ? 'value' : 'bare';
}

function hasContent(text: string, at: number, end: number): boolean {
  for (let next = at; next < end; next++) {
    const unit = text.charCodeAt(next);
    if (unit === 35) return false;
    if (unit !== 32 && unit !== 9 && unit !== 13) return true;
  }
  return false;
}

/** Whether the yaml package can be given the text: its lexer builds expressions as long as an indentation (past some length the engine aborts), and some errors cost it quadratic time. */
export function isTame(text: string, deepest: number): boolean {
  for (let at = 0; at < text.length; ) {
    const feed = text.indexOf('\n', at);
    const end = feed < 0 ? text.length : feed;
    if (indentation(text, at, end) > deepest || properties(text, at, end) > deepest) return false;
    if (crowdedClosers(text, at, end) > deepest) return false;
    at = end + 1;
  }
  return true;
}

/** Columns of a line before its first word, counting `- `, `? ` and `: ` as indentation, which they are. */
function indentation(text: string, at: number, end: number): number {
  let next = at;
  while (next < end) {
    const unit = text.charCodeAt(next);
    if (unit === 32 || unit === 9) next++;
    else if ((unit === 45 || unit === 63 || unit === 58) && (next + 1 >= end || text.charCodeAt(next + 1) === 32))
      next++;
    else break;
  }
  return next === end ? 0 : next - at;
}

/** Closing brackets of a line with a word right behind them: each is an error, and errors cost the package quadratic time. */
function crowdedClosers(text: string, at: number, end: number): number {
  let count = 0;
  for (let next = at; next + 1 < end; next++) {
    const unit = text.charCodeAt(next);
    if ((unit === 93 || unit === 125) && !' ,]}:\r'.includes(text[next + 1] ?? ' ')) count++;
  }
  return count;
}

/** Words of a line that begin with `&` or `!`. */
function properties(text: string, at: number, end: number): number {
  let count = 0;
  for (let next = at; next < end; next++) {
    const unit = text.charCodeAt(next);
    if ((unit === 38 || unit === 33) && (next === at || text.charCodeAt(next - 1) === 32)) count++;
  }
  return count;
}
