/** Taking stretches out of a text so that columns can still be printed as the user's editor counts them (SourceFile.removed). */

export interface Stretch {
  readonly start: number;
  readonly end: number;
  /** What stands there instead; nothing when absent. */
  readonly put?: string;
}

export interface Reduced {
  readonly text: string;
  /** Pairs [offset in `text`, code points removed so far], ascending. */
  readonly removed?: Int32Array;
}

/** Takes out the stretches, which are ascending and do not overlap; earlier removals are kept. */
export function takeOut(from: Reduced, stretches: readonly Stretch[]): Reduced {
  if (stretches.length === 0) return from;
  const earlier = from.removed ?? new Int32Array(0);
  const pairs: number[] = [];
  const parts: string[] = [];
  let at = 0;
  let length = 0;
  let before = 0;
  let taken = 0;
  let next = 0;
  const carryUntil = (limit: number) => {
    for (; next < earlier.length && (earlier[next] ?? 0) <= limit; next += 2) {
      before = earlier[next + 1] ?? before;
      const offset = Math.max(length + (earlier[next] ?? 0) - at, length);
      pairs.push(offset, before + taken);
    }
  };
  for (const { start, end, put = '' } of stretches) {
    carryUntil(start);
    parts.push(from.text.slice(at, start), put);
    length += start - at + put.length;
    at = end;
    taken += Math.max(codePoints(from.text, start, end) - put.length, 0);
    pairs.push(length, before + taken);
  }
  carryUntil(from.text.length);
  parts.push(from.text.slice(at));
  return { text: parts.join(''), removed: Int32Array.from(pairs) };
}

function codePoints(text: string, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0xdc00 || unit > 0xdfff) count++;
  }
  return count;
}
