/**
 * Characters that word processors, chats and web pages put in the place of the ones that were typed: dashes, quotes, blanks, full-width forms, HTML
 * entities. Unicode general punctuation, halfwidth and fullwidth forms; HTML character references. What stands inside quotes is text and stays as it is.
 */

/** Text with the plain characters, and where each of them stands in the source. */
export interface PlainText {
  readonly text: string;
  /** Source offset of each character, and of the end. */
  readonly offsets: Int32Array;
  /** Source offsets of the characters that were replaced, ascending. */
  readonly replaced: readonly number[];
}

const dashes = '\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2e3a\ufe58\ufe63\uff0d';
const blanks = '\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000';
const nothing = '\u00ad\u200b\u200c\u200d\u2060\ufeff';
const doubleQuotes = '\u201c\u201d\u201e\u201f\uff02';
const singleQuotes = '\u2018\u2019\u201a\u201b';
const odd = new RegExp(
  `[${dashes}${blanks}${nothing}${doubleQuotes}${singleQuotes}\\u3001\\u3002\\uff01-\\uff5e']|&(?:[a-z]{2,6}|#\\d{2,4}|#x[0-9a-f]{2,4});|\\\\\\n`,
  'i',
);

export function isPlain(text: string): boolean {
  return !odd.test(text);
}

const entities: ReadonlyMap<string, string> = new Map([
  ['&gt;', '>'],
  ['&lt;', '<'],
  ['&amp;', '&'],
  ['&quot;', '"'],
  ['&apos;', "'"],
  ['&nbsp;', ' '],
  ['&ndash;', '-'],
  ['&mdash;', '-'],
  ['&minus;', '-'],
  ['&shy;', ''],
  ['&excl;', '!'],
]);

/**
 * The plain characters of source[from, to). `shell`: what reads the result knows single quotes and the shell's escapes; elsewhere a single quote is a
 * repair, and all quotes come out as iptables-restore's.
 */
export function plainText(source: string, from: number, to: number, shell: boolean): PlainText {
  const out: string[] = [];
  const offsets: number[] = [];
  const replaced: number[] = [];
  const put = (char: string, at: number) => {
    for (const unit of char.split('')) {
      out.push(unit);
      offsets.push(at);
    }
  };
  let quote: Quote | null = null;
  for (let at = from; at < to; ) {
    const unit = source[at] ?? '';
    if (unit === '\\' && source[at + 1] === '\n') {
      at += 2;
      continue;
    }
    if (shell && unit === '\\' && quote === null && at + 1 < to) {
      put(source.slice(at, at + 2), at);
      at += 2;
      continue;
    }
    if (quote !== null) {
      if (unit === '\\' && quote.escapes && at + 1 < to) {
        put(source.slice(at, at + 2), at);
        at += 2;
        continue;
      }
      const closed = closes(source, at, quote);
      if (closed > 0) {
        put(markOf(quote, shell), at);
        if (unit !== '"' && !(shell && unit === "'")) replaced.push(at);
        quote = null;
        at += closed;
        continue;
      }
      const inside: string | null = quote.entity ? entityAt(source, at) : null;
      // A `"` or `\` would end or change the text that the other kind of quote holds.
      const read: string = inside === null ? unit : (decoded(inside) ?? inside);
      const ends = quote.mark !== '"' && (read === '"' || (read === '\\' && !quote.escapes));
      put(ends && markOf(quote, shell) === '"' ? `\\${read}` : read, at);
      at += inside?.length ?? 1;
      continue;
    }
    const opened = opens(source, at, to, shell);
    if (opened !== null) {
      put(markOf(opened, shell), at);
      if (unit !== '"' && !(shell && unit === "'")) replaced.push(at);
      quote = opened;
      at += opened.width;
      continue;
    }
    const entity = unit === '&' ? entityAt(source, at) : null;
    const plain = entity === null ? plainCharacter(unit) : (decoded(entity) ?? entity);
    if (plain !== (entity ?? unit)) replaced.push(at);
    put(plain, at);
    at += entity?.length ?? 1;
  }
  offsets.push(to);
  return { text: out.join(''), offsets: Int32Array.from(offsets), replaced };
}

interface Quote {
  readonly mark: string;
  readonly width: number;
  readonly escapes: boolean;
  readonly entity: boolean;
}

/** The plain mark in the place of a quote's marks. */
function markOf({ escapes }: Quote, shell: boolean): string {
  return shell && !escapes ? "'" : '"';
}

function opens(source: string, at: number, to: number, shell: boolean): Quote | null {
  const unit = source[at] ?? '';
  if (unit === '"') return { mark: '"', width: 1, escapes: true, entity: false };
  if (doubleQuotes.includes(unit)) return { mark: '\u201c', width: 1, escapes: true, entity: false };
  if (unit === "'" || singleQuotes.includes(unit)) {
    const mark = unit === "'" ? "'" : '\u2018';
    const begins =
      (shell && unit === "'") ||
      at === 0 ||
      /[\s=]/.test(source[at - 1] ?? ' ') ||
      blanks.includes(source[at - 1] ?? 'x');
    // An apostrophe is no quote, nor is a mark that nothing closes.
    if (!begins || !hasClosing(source, at + 1, to, mark)) return null;
    return { mark, width: 1, escapes: false, entity: false };
  }
  if (unit !== '&') return null;
  const entity = entityAt(source, at);
  if (entity === null || decoded(entity) !== '"') return null;
  return { mark: '&', width: entity.length, escapes: true, entity: true };
}

function hasClosing(source: string, from: number, to: number, mark: string): boolean {
  for (let at = from; at < to && at < from + 1024; at++) {
    const unit = source[at] ?? '';
    const closing = mark === "'" ? unit === "'" : unit === "'" || singleQuotes.includes(unit);
    if (closing) return true;
  }
  return false;
}

/** Length of the closing mark at `at`; 0 when there is none. */
function closes(source: string, at: number, quote: Quote): number {
  const unit = source[at] ?? '';
  switch (quote.mark) {
    case '"':
    case "'":
      return unit === quote.mark ? 1 : 0;
    case '\u201c':
      return unit === '"' || doubleQuotes.includes(unit) ? 1 : 0;
    case '\u2018':
      return unit === "'" || singleQuotes.includes(unit) ? 1 : 0;
    default: {
      const entity = entityAt(source, at);
      if (entity !== null && decoded(entity) === '"') return entity.length;
      return unit === '"' ? 1 : 0;
    }
  }
}

const entity = /&(?:[a-z]{2,6}|#\d{2,4}|#x[0-9a-f]{2,4});/iy;

function entityAt(source: string, at: number): string | null {
  if (source.charCodeAt(at) !== 38) return null;
  entity.lastIndex = at;
  return entity.exec(source)?.[0] ?? null;
}

function decoded(text: string): string | null {
  const named = entities.get(text.toLowerCase());
  if (named !== undefined) return named;
  const numeric = /^&#(x?)([0-9a-f]+);$/i.exec(text);
  if (numeric === null) return null;
  const unit = Number.parseInt(numeric[2] ?? '', numeric[1] === '' ? 10 : 16);
  return Number.isNaN(unit) || unit < 32 ? null : plainCharacter(String.fromCharCode(unit));
}

function plainCharacter(unit: string): string {
  if (unit < '\u00a0') return unit;
  if (dashes.includes(unit)) return '-';
  if (blanks.includes(unit)) return ' ';
  if (nothing.includes(unit)) return '';
  if (unit === '\u3001') return ',';
  if (unit === '\u3002') return '.';
  const code = unit.charCodeAt(0);
  return code >= 0xff01 && code <= 0xff5e ? String.fromCharCode(code - 0xfee0) : unit;
}
