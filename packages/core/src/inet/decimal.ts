/** Unsigned numbers in text: strict decimal as the dumps print it, strtoul(3) with base 0 as the tools read it. */

const ZERO = 48;

/** Reads a decimal number without sign, blanks and leading zeros, of at most `max` (itself at most 2⁵³ − 1); null for anything else. */
export function parseDecimal(text: string, max: number, start = 0, end = text.length): number | null {
  if (start >= end) return null;
  let value = 0;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (!(code >= ZERO && code <= 57)) return null;
    if (value === 0 && at > start) return null;
    value = value * 10 + (code - ZERO);
    if (value > max) return null;
  }
  return value;
}

/** Reads a uint32 as strtoul(3) with base 0 would: `26`, `0x1a`, `032`. No blanks, no sign; null for anything else. */
export function parseUint32(text: string, start = 0, end = text.length): number | null {
  let at = start;
  let base = 10;
  if (text.charCodeAt(at) === ZERO && end - at > 1) {
    const hex = (text.charCodeAt(at + 1) | 32) === 120;
    base = hex ? 16 : 8;
    at += hex ? 2 : 1;
  }
  if (at >= end) return null;
  let value = 0;
  for (; at < end; at++) {
    const digit = hexDigit(text.charCodeAt(at));
    if (digit < 0 || digit >= base) return null;
    value = value * base + digit;
    if (value > 0xffffffff) return null;
  }
  return value;
}

/** The value of a character code as a hex digit of either case, or -1. */
export function hexDigit(code: number): number {
  if (code >= ZERO && code <= 57) return code - ZERO;
  const lower = code | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}
