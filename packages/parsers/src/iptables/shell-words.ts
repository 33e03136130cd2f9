/**
 * The words of a typed command, as the shell hands them to the tool: three ways to quote, `;` and `&&` between commands, no comments, no redirections.
 * What a shell would put in the place of a word stays as it stands. POSIX Shell Command Language, 2.2, 2.3, 2.7.
 */
import type { Words } from './words.js';

const tool = /(?:^|[\s;&|(])(?:\/\S{1,60}\/)?ip6?tables(?:-legacy|-nft)?\s/;
const listing = /\s(?:-S|-L|--list(?:-rules)?)(?:\s|$)/;

/** A line on which a tool is called, and whose words are not what it printed. */
export function isShellLine(text: string, from: number, to: number): boolean {
  const first = text.charCodeAt(from);
  // Rules, chains, tables and counters of a dump: asked of every line of it.
  if (first === 45 || first === 58 || first === 42 || first === 91) return false;
  const start = text.slice(from, Math.min(to, from + 400));
  return tool.test(start) && !listing.test(start);
}

const separator = /;;?|&&?|\|\|?/y;
const redirection = /(?:\d?>>?|&>>?)(?:&\d|\s*[^\s;&|<>]+)/y;

/** Splits source[from, to) into words. Behind the tool's name a `#` begins a comment; before it, it is a prompt. */
export function splitShellWords(source: string, from: number, to: number): Words {
  const text: string[] = [];
  const start: number[] = [];
  const end: number[] = [];
  let called = false;
  const put = (word: string, begin: number, stop: number) => {
    text.push(word);
    start.push(begin);
    end.push(stop);
  };
  for (let at = from; at < to; ) {
    const unit = source[at] ?? '';
    if (isBlank(unit)) at++;
    else if (unit === '\\' && source[at + 1] === '\n') at += 2;
    else if (unit === '#' && called) at = Math.min(to, lineEndAt(source, at));
    else {
      const redirected = called ? matchedAt(redirection, source, at) : 0;
      const separated = matchedAt(separator, source, at);
      if (redirected > 0) at += redirected;
      else if (separated > 0) {
        put(source.slice(at, at + separated), at, at + separated);
        at += separated;
      } else {
        const [word, stop] = wordAt(source, at, to);
        put(word, at, stop);
        called ||= /(?:^|\/)ip6?tables(?:-legacy|-nft)?$/.test(word);
        at = stop;
      }
    }
  }
  return { text, start, end };
}

function isBlank(unit: string): boolean {
  return unit === ' ' || unit === '\t' || unit === '\r' || unit === '\n';
}

function lineEndAt(source: string, at: number): number {
  const feed = source.indexOf('\n', at);
  return feed < 0 ? source.length : feed;
}

function matchedAt(pattern: RegExp, source: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0].length ?? 0;
}

/** The word at `from`, its quotes taken off, and where it ends. A quote that nothing closes is a plain character. */
function wordAt(source: string, from: number, to: number): readonly [word: string, end: number] {
  const pieces: string[] = [];
  let at = from;
  while (at < to) {
    const unit = source[at] ?? '';
    if (isBlank(unit) || (at > from && isSeparator(unit))) break;
    if (unit === '\\' && at + 1 < to) {
      if (source[at + 1] !== '\n') pieces.push(source[at + 1] ?? '');
      at += 2;
    } else if (unit === "'" || unit === '"') {
      const stop = closing(source, at, to);
      if (stop < 0) {
        // Only `"` may go on in the next line: an apostrophe is mostly none.
        if (unit === '"') return [pieces.join('') + unquoted(source.slice(at + 1, to), unit), to];
        pieces.push(unit);
        at++;
      } else {
        pieces.push(unquoted(source.slice(at + 1, stop), unit));
        at = stop + 1;
      }
    } else {
      pieces.push(unit);
      at++;
    }
  }
  return [pieces.join(''), at];
}

function isSeparator(unit: string): boolean {
  return unit === ';' || unit === '&' || unit === '|';
}

/** Place of the mark that closes the one at `from`; -1 when none does. */
function closing(source: string, from: number, to: number): number {
  const mark = source[from];
  for (let at = from + 1; at < to; at++) {
    if (source[at] === mark) return at;
    if (mark === '"' && source[at] === '\\') at++;
  }
  return -1;
}

/** Inside `"` a backslash means itself, but before what it takes the meaning from; inside `'` always. */
function unquoted(text: string, mark: string): string {
  if (mark === "'") return text;
  return text.replace(/\\([$`"\\])|\\\n/g, '$1').replace(/\n/g, '');
}
