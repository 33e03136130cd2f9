/** Sets of uint32 as sorted, disjoint, non-adjacent intervals: ports, IPv4 addresses, marks. */

/** The ends of the intervals, flat: first, last, first, last …, ascending, both ends included. */
export interface IntervalSet {
  readonly bounds: readonly number[];
}

/** One interval, both ends included. */
export interface Interval {
  readonly first: number;
  readonly last: number;
}

/** The set without members. */
export const emptyIntervals: IntervalSet = { bounds: [] };

/** The set of everything in any of the intervals; they may come in any order, overlap or touch. One with `last` below `first` is empty. */
export function intervalSet(intervals: Iterable<Interval>): IntervalSet {
  const sorted = [...intervals].filter((one) => one.first <= one.last).sort((x, y) => x.first - y.first);
  const bounds: number[] = [];
  for (const { first, last } of sorted) {
    const end = bounds.at(-1);
    if (end === undefined || first > end + 1) bounds.push(first, last);
    else if (last > end) bounds[bounds.length - 1] = last;
  }
  return { bounds };
}

/** The intervals of a set, ascending. */
export function intervalsOf(set: IntervalSet): Interval[] {
  const intervals: Interval[] = [];
  for (let at = 0; at < set.bounds.length; at += 2) {
    intervals.push({ first: set.bounds[at] ?? 0, last: set.bounds[at + 1] ?? 0 });
  }
  return intervals;
}

/** Whether the value is in the set, by binary search. */
export function intervalsContain(set: IntervalSet, value: number): boolean {
  const { bounds } = set;
  let low = 0;
  let high = bounds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((bounds[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  // An odd index is a last, so the value lies within; an even one is a first, so only its own value does.
  return low < bounds.length && ((low & 1) === 1 || bounds[low] === value);
}

/** The set of everything in either set. */
export function uniteIntervals(x: IntervalSet, y: IntervalSet): IntervalSet {
  return intervalSet([...intervalsOf(x), ...intervalsOf(y)]);
}

/** The set of everything from 0 to `max` that is not in the set. */
export function complementIntervals(set: IntervalSet, max = 0xffffffff): IntervalSet {
  const gaps: Interval[] = [];
  let from = 0;
  for (const { first, last } of intervalsOf(set)) {
    gaps.push({ first: from, last: Math.min(first - 1, max) });
    from = last + 1;
  }
  gaps.push({ first: from, last: max });
  return intervalSet(gaps);
}

/** The set of everything in both sets. */
export function intersectIntervals(x: IntervalSet, y: IntervalSet): IntervalSet {
  const common: Interval[] = [];
  const left = intervalsOf(x);
  const right = intervalsOf(y);
  let at = 0;
  let to = 0;
  for (let one = left[at], other = right[to]; one && other; one = left[at], other = right[to]) {
    common.push({ first: Math.max(one.first, other.first), last: Math.min(one.last, other.last) });
    if (one.last < other.last) at++;
    else to++;
  }
  return intervalSet(common);
}
