/** Where keys, plain scalars and quotes end within a line. YAML 1.2.2 sections 6.6, 7.3 and 7.4. */
import { unescapeDouble } from './scalar.js';

/** Characters with which no plain scalar begins, and those that only the package reads. */
export const indicators = new Set('&*!>%@`|?,]}#'.split('').map((one) => one.charCodeAt(0)));

export function isDash(text: string, at: number, end: number): boolean {
  return text.charCodeAt(at) === 45 && (at + 1 >= end || text.charCodeAt(at + 1) === 32);
}

export function closingQuote(text: string, at: number, end: number): number {
  const quote = text.charCodeAt(at);
  for (let next = at + 1; next < end; next++) {
    const unit = text.charCodeAt(next);
    if (quote === 34 && unit === 92) next++;
    else if (unit === quote) {
      if (quote === 39 && text.charCodeAt(next + 1) === 39) next++;
      else return next;
    }
  }
  return -1;
}

export function isRestEmpty(text: string, at: number, end: number): boolean {
  let next = at;
  while (next < end && text.charCodeAt(next) === 32) next++;
  return next >= end || (next > at && text.charCodeAt(next) === 35);
}

/** End of a plain scalar: before ` #` and trailing blanks; -1 when it holds `: ` or a tab, which only the package judges. */
export function plainEnd(text: string, at: number, end: number): number {
  let last = end;
  for (let next = at; next < end; next++) {
    const unit = text.charCodeAt(next);
    if (unit === 9) return -1;
    if (unit === 58 && (next + 1 >= end || text.charCodeAt(next + 1) === 32)) return -1;
    if (unit === 35 && text.charCodeAt(next - 1) === 32) {
      last = next;
      break;
    }
  }
  while (last > at && text.charCodeAt(last - 1) === 32) last--;
  return last;
}

/** Offset of the colon that ends the key at an offset; -1 when the line is no `key: value`. */
export function keyEnd(text: string, at: number, end: number): number {
  const unit = text.charCodeAt(at);
  if (unit === 34 || unit === 39) {
    const close = closingQuote(text, at, end);
    if (close < 0) return -1;
    return text.charCodeAt(close + 1) === 58 && (close + 2 >= end || text.charCodeAt(close + 2) === 32)
      ? close + 1
      : -1;
  }
  if (indicators.has(unit) || unit === 123 || unit === 91) return -1;
  for (let next = at; next < end; next++) {
    const here = text.charCodeAt(next);
    if (here === 58 && (next + 1 >= end || text.charCodeAt(next + 1) === 32)) return next > at ? next : -1;
    if (here === 35 && text.charCodeAt(next - 1) === 32) return -1;
  }
  return -1;
}

/** A key as text; null where the package must judge it. */
export function readKey(text: string, at: number, colon: number): string | null {
  const unit = text.charCodeAt(at);
  const raw = text.slice(at, colon);
  if (unit === 34) return unescapeDouble(raw.slice(1, -1));
  if (unit === 39) return raw.slice(1, -1).replaceAll("''", "'");
  return raw.endsWith(' ') || raw.includes('\t') || raw === '<<' ? null : raw;
}
