/** The tags of `ipset list -o xml`, each with its text: the tool writes text unescaped, so ends are sought by tag name. */

export interface Tag {
  readonly name: string;
  /** `</name>`. */
  readonly closing: boolean;
  /** `<name/>`. */
  readonly empty: boolean;
  readonly start: number;
  /** Past the tag; past `</name>` where the tag holds text alone. */
  readonly end: number;
  /** The text in the tag; of `<ipset name="…">` the name. */
  readonly textStart: number;
  readonly textEnd: number;
}

/** Tags that hold other tags. */
const containers = new Set(['ipsets', 'ipset', 'header', 'members', 'member']);

/** Longest text in a tag: a comment with its quotes, with room to spare. */
const longestText = 600;

/** The next whole tag in [start, end), or null. */
export function nextTag(text: string, start: number, end: number): Tag | null {
  for (let at = text.indexOf('<', start); at >= 0 && at < end; at = text.indexOf('<', at + 1)) {
    const tag = tagAt(text, at, end);
    if (tag !== null) return tag;
  }
  return null;
}

const opening = '<ipset name="';

function tagAt(text: string, start: number, end: number): Tag | null {
  if (text.startsWith(opening, start)) {
    const textStart = start + opening.length;
    const close = within(text, '">', textStart, end);
    if (close < 0) return null;
    return { name: 'ipset', closing: false, empty: false, start, end: close + 2, textStart, textEnd: close };
  }
  const first = text.charCodeAt(start + 1);
  if (first === QUESTION) return instruction(text, start, end);
  const closing = first === SLASH;
  const nameStart = closing ? start + 2 : start + 1;
  const nameEnd = lettersEnd(text, nameStart, Math.min(end, nameStart + longestName));
  if (nameEnd === nameStart || nameEnd >= end) return null;
  const name = text.slice(nameStart, nameEnd);
  const empty = text.charCodeAt(nameEnd) === SLASH;
  const tagEnd = nameEnd + (empty ? 2 : 1);
  if (text[tagEnd - 1] !== '>' || tagEnd > end) return null;
  if (empty || closing || containers.has(name)) {
    return { name, closing, empty, start, end: tagEnd, textStart: nameEnd, textEnd: nameEnd };
  }
  const close = `</${name}>`;
  const stop = within(text, close, tagEnd, end);
  if (stop < 0) return null;
  return { name, closing, empty, start, end: stop + close.length, textStart: tagEnd, textEnd: stop };
}

const SLASH = 47;
const QUESTION = 63;
const longestName = 20;

/** `<?xml … ?>`. */
function instruction(text: string, start: number, end: number): Tag | null {
  const stop = within(text, '?>', start + 2, end);
  if (stop < 0) return null;
  return { name: '?', closing: false, empty: true, start, end: stop + 2, textStart: stop, textEnd: stop };
}

function lettersEnd(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && text.charCodeAt(at) >= 97 && text.charCodeAt(at) <= 122) at++;
  return at;
}

/** Like indexOf, but no further than the longest text and `end`. */
function within(text: string, sought: string, start: number, end: number): number {
  const limit = Math.min(end, start + longestText);
  const code = sought.charCodeAt(0);
  for (let at = start; at < limit; at++) {
    if (text.charCodeAt(at) === code && text.startsWith(sought, at)) return at + sought.length <= end ? at : -1;
  }
  return -1;
}
