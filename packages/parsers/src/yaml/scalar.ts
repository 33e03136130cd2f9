/** Plain scalars by the core schema (YAML 1.2.2 section 10.3.2), and the escapes of double-quoted ones (section 5.7). */

export function plainValue(text: string): string | number | boolean | null {
  if (text === '' || text === '~' || text === 'null' || text === 'Null' || text === 'NULL') return null;
  if (text === 'true' || text === 'True' || text === 'TRUE') return true;
  if (text === 'false' || text === 'False' || text === 'FALSE') return false;
  const first = text.charCodeAt(0);
  // `+`, `-`, `.`, digits
  if (first !== 43 && first !== 45 && first !== 46 && !(first >= 48 && first <= 57)) return text;
  return numberOf(text) ?? text;
}

function numberOf(text: string): number | null {
  if (text.length > 400) return null;
  if (/^[-+]?\d+$/.test(text)) return Number(text);
  if (/^0o[0-7]+$/.test(text) || /^0x[0-9a-fA-F]+$/.test(text)) return Number(text);
  if (/^[-+]?(?:\.\d+|\d+\.?\d*)(?:[eE][-+]?\d+)?$/.test(text)) return Number(text);
  if (/^[-+]?\.(?:inf|Inf|INF)$/.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return /^\.(?:nan|NaN|NAN)$/.test(text) ? Number.NaN : null;
}

const escapes: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  '/': '/',
  '\\': '\\',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
  '\t': '\t',
};

const hexLengths: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** The text of a double-quoted scalar on one line; null for an escape that YAML does not know. */
export function unescapeDouble(inner: string): string | null {
  if (!inner.includes('\\')) return inner;
  const parts: string[] = [];
  let from = 0;
  for (let at = inner.indexOf('\\'); at >= 0; at = inner.indexOf('\\', from)) {
    parts.push(inner.slice(from, at));
    const letter = inner[at + 1] ?? '';
    const digits = hexLengths[letter];
    if (digits !== undefined) {
      const hex = inner.slice(at + 2, at + 2 + digits);
      const point = /^[0-9a-fA-F]+$/.test(hex) && hex.length === digits ? Number.parseInt(hex, 16) : -1;
      if (point < 0 || point > 0x10ffff) return null;
      parts.push(String.fromCodePoint(point));
      from = at + 2 + digits;
    } else {
      const value = Object.hasOwn(escapes, letter) ? escapes[letter] : undefined;
      if (value === undefined) return null;
      parts.push(value);
      from = at + 2;
    }
  }
  parts.push(inner.slice(from));
  return parts.join('');
}
