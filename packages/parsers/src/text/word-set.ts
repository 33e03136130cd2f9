/** Sets of words, written as text: a table of words reads better without quotes and commas. */

export function wordSet(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
