/** What comes of one change: the thing as it is afterwards, the reason for which the real tool refuses it, or that the capture does not tell. */
import type { NetNs } from '../snapshot/node.js';

/** What a change comes to. No change throws, and what it was given is left as it was. */
export type Changed<T> =
  | { readonly kind: 'done'; readonly value: T }
  /** As the tool or the kernel says it; `left` is what was done before that and stays. */
  | { readonly kind: 'refused'; readonly why: string; readonly left?: NetNs }
  /** What was not captured decides whether it would be done. */
  | { readonly kind: 'open'; readonly why: string };

/** It is done; this is how things are now. */
export function done<T>(value: T): Changed<T> {
  return { kind: 'done', value };
}

/** Nothing is done. */
export function refused(why: string): Changed<never> {
  return { kind: 'refused', why };
}

/** Refused in the middle: what was done before stays. */
export function stopped(why: string, left: NetNs): Changed<never> {
  return { kind: 'refused', why, left };
}

/** Nothing is done, since nobody can tell. */
export function open(why: string): Changed<never> {
  return { kind: 'open', why };
}

/** The next change after one that was done. */
export function andThen<T, U>(changed: Changed<T>, next: (value: T) => Changed<U>): Changed<U> {
  return changed.kind === 'done' ? next(changed.value) : changed;
}

/** One change after another; the first that is not done ends it. */
export function each<T, Item>(
  value: T,
  items: Iterable<Item>,
  change: (value: T, item: Item) => Changed<T>,
): Changed<T> {
  let now = done(value);
  for (const item of items) {
    now = andThen(now, (before) => change(before, item));
    if (now.kind !== 'done') return now;
  }
  return now;
}
