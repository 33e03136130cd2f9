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

const nameChars = /^\/?\??[a-z]+/;
const opening = '<ipset name="';

function tagAt(text: string, start: number, end: number): Tag | null {
  if (text.startsWith(opening, start)) {
    const textStart = start + opening.length;
    const close = within(text, '">', textStart, end);
    if (close < 0) return null;
    return { name: 'ipset', closing: false, empty: false, start, end: close + 2, textStart, textEnd: close };
  }
  const head = nameChars.exec(text.slice(start + 1, Math.min(end, start + 24)))?.[0];
  if (head === undefined) return null;
  const closing = head.startsWith('/');
  const name = closing ? head.slice(1) : head;
  const after = start + 1 + head.length;
  const at = { name, start, textStart: after, textEnd: after };
  if (name.startsWith('?')) {
    const stop = within(text, '?>', after, end);
    return stop < 0 ? null : { ...at, closing, empty: true, end: stop + 2 };
  }
  if (text.startsWith('/>', after) && after + 2 <= end) return { ...at, closing, empty: true, end: after + 2 };
  if (text[after] !== '>' || after + 1 > end) return null;
  if (closing || containers.has(name)) return { ...at, closing, empty: false, end: after + 1 };
  const close = `</${name}>`;
  const stop = within(text, close, after + 1, end);
  if (stop < 0) return null;
  return { name, closing, empty: false, start, end: stop + close.length, textStart: after + 1, textEnd: stop };
}

/** Like indexOf, but no further than the longest text and `end`. */
function within(text: string, sought: string, start: number, end: number): number {
  const limit = Math.min(end, start + longestText);
  const found = text.slice(start, limit).indexOf(sought);
  return found < 0 ? -1 : start + found;
}
