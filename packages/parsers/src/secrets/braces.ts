/** The braces around a place in JSON, also in JSON that is itself text in JSON; braces inside strings do not count (RFC 8259). */
import type { Search } from './secret.js';

/** How many backslashes stand before each quote at a depth: none in JSON, one in JSON inside a string, three in the next. */
export function quoteDepth(text: string, key: number): number {
  let depth = 0;
  while (text[key + depth] === '\\') depth++;
  return depth;
}

function isQuote(text: string, at: number, depth: number): boolean {
  let slashes = 0;
  while (slashes <= depth + 8 && text[at - 1 - slashes] === '\\') slashes++;
  return slashes === depth || (depth === 0 && slashes % 2 === 0);
}

/** The brace that opens the object a place outside any string stands in; -1 when it is not there. */
export function openingBrace(search: Search, from: number, depth: number): number {
  const { text } = search;
  let nested = 0;
  let inString = false;
  for (let at = from - 1; at >= 0; at--) {
    if (search.budget-- <= 0) return -1;
    const unit = text.charCodeAt(at);
    if (unit === 34 && isQuote(text, at, depth)) inString = !inString;
    else if (inString) continue;
    else if (unit === 125) nested++;
    else if (unit === 123 && nested-- === 0) return at;
  }
  return -1;
}

/** The brace that closes the object; the text's end when it is not there. */
export function closingBrace(search: Search, from: number, depth: number): number {
  const { text } = search;
  let nested = 0;
  let inString = false;
  for (let at = from; at < text.length; at++) {
    if (search.budget-- <= 0) return at;
    const unit = text.charCodeAt(at);
    if (unit === 34 && isQuote(text, at, depth)) inString = !inString;
    else if (inString) continue;
    else if (unit === 123) nested++;
    else if (unit === 125 && nested-- === 0) return at;
  }
  return text.length;
}
