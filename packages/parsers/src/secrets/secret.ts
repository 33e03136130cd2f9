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
}

export function openSearch(text: string): Search {
  return { text, found: [], done: new Map(), budget: text.length * 4 + 4096 };
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
