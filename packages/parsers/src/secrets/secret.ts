/** A secret found in a text, and the shared state of one search that keeps its time linear. */

export interface Secret {
  /** UTF-16 offsets, half-open. */
  readonly start: number;
  readonly end: number;
  /** What it is, for people: `private key`, `bearer token`, … */
  readonly what: string;
}

export interface Search {
  readonly text: string;
  readonly found: Secret[];
  /** Offsets before this are already covered by a finder that consumes whole stretches, by finder. */
  readonly done: Map<string, number>;
  /** Characters that backward and forward scans may still read; it is in proportion to the text. */
  budget: number;
  /** The text speaks of tokens. */
  tokens: boolean;
}

export function openSearch(text: string): Search {
  return { text, found: [], done: new Map(), budget: text.length * 4 + 4096, tokens: false };
}

export function addSecret(search: Search, start: number, end: number, what: string): void {
  if (end > start) search.found.push({ start, end, what });
}

/** True when the finder has already covered the offset. */
export function isDone(search: Search, finder: string, at: number): boolean {
  return at < (search.done.get(finder) ?? 0);
}

export function lineStart(text: string, at: number): number {
  return at <= 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1;
}

export function lineEnd(text: string, at: number): number {
  const feed = text.indexOf('\n', at);
  return feed < 0 ? text.length : feed;
}

/** Base64 and base64url: letters, digits, `+/=`, `-_`. */
function isBase64Unit(unit: number): boolean {
  return (
    (unit >= 47 && unit <= 57) ||
    (unit >= 65 && unit <= 90) ||
    (unit >= 97 && unit <= 122) ||
    unit === 43 ||
    unit === 61 ||
    unit === 45 ||
    unit === 95
  );
}

export function base64End(text: string, from: number): number {
  let at = from;
  while (at < text.length && isBase64Unit(text.charCodeAt(at))) at++;
  return at;
}

const shortestWrap = 40;
const shortestRest = 8;

/**
 * Where an encoded value ends that a terminal or an editor broke over lines: lines that hold nothing else go on with it, when the
 * one before is long, or when they are indented deeper than the value's own line.
 */
export function wrappedEnd(text: string, start: number, end: number): number {
  let own = -1;
  let last = end;
  for (let from = start; ; ) {
    let feed = last;
    while (text[feed] === ' ' || text[feed] === '\r') feed++;
    if (text[feed] !== '\n') return last;
    if (own < 0) own = indentOf(text, lineStart(text, start));
    const next = feed + 1;
    const indent = indentOf(text, next);
    const stop = base64End(text, next + indent);
    const length = stop - next - indent;
    let blank = stop;
    while (text[blank] === ' ' || text[blank] === '\r') blank++;
    const alone = blank >= text.length || text[blank] === '\n' || text[blank] === '.';
    const wraps = last - from >= shortestWrap || (indent > own && length >= shortestRest);
    if (!alone || !wraps || length === 0 || (length < shortestRest && text[stop - 1] !== '=')) return last;
    from = next;
    last = stop;
  }
}

export function indentOf(text: string, start: number): number {
  let at = start;
  while (text[at] === ' ' || text[at] === '\t') at++;
  return at - start;
}
