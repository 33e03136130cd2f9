/** Strings in `iptables -L` that are printed as `-save` prints them: bare, or quoted with escapes. iptables: libxtables/xtables.c. */
import type { ListingCursor } from './listing-cursor.js';

/** Takes a string that may run over several words; null at the end. */
export function takeQuoted(cursor: ListingCursor): string | null {
  const first = cursor.take();
  if (first === null || !first.startsWith('"')) return first;
  // The last word alone tells whether the string ends: looking at all of it each time would cost quadratic time.
  let last = first.slice(1);
  const pieces = [last];
  while (!closes(last)) {
    const gap = cursor.gap();
    const next = cursor.take();
    if (next === null) break;
    pieces.push(gap, next);
    last = next;
  }
  const text = pieces.join('');
  return (closes(last) ? text.slice(0, -1) : text).replace(/\\(.)/g, '$1');
}

/** Ends with a quote that no backslash takes away. */
function closes(text: string): boolean {
  if (!text.endsWith('"')) return false;
  let backslashes = 0;
  while (text.charAt(text.length - 2 - backslashes) === '\\') backslashes++;
  return backslashes % 2 === 0;
}
