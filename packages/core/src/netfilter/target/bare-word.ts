/** Strings that `-save` prints without quotes, whatever is in them. */

/** What such a print loses; null when the word comes back as it is. */
export function bareWord(what: string, value: string): string | null {
  return /^[^\s"]+$/.test(value) ? null : `the ${what} "${value}", which it prints without quotes`;
}
