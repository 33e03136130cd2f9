/** A member as a line shows it: the element and its attributes, `10.0.0.0/8 timeout 99 nomatch comment "x"`. ipset(8). */
import { bareElement, parseDecimal, type SetElement, type SetPart, type Span, type Trust } from '@coldtrace/core';
import { type ElementShape, readElement } from './element.js';
import { blankIn, codeIn, wordIn } from './scan.js';

const QUOTE = 34;

/** Longest comment that ipset takes, in bytes: a quote is not sought further than that. */
const longestComment = 255;
const longestName = 31;

/** The attributes of an element while they are read. */
export interface Attributes {
  nomatch: boolean;
  wildcard: boolean;
  timeout: number | null;
  packets: number | null;
  bytes: number | null;
  comment: string | null;
  skbmark: string | null;
  skbprio: string | null;
  skbqueue: number | null;
  /** The set before or after which `ipset add` puts one into a list:set. */
  before: string | null;
  after: string | null;
}

export function noAttributes(timeout: number | null): Attributes {
  return { ...bareElement, wildcard: false, timeout, before: null, after: null };
}

const bare: Readonly<Attributes> = noAttributes(null);

/** What a member without attributes has; most have none, and share one object. */
function bareAttributes(timeout: number | null): Readonly<Attributes> {
  return timeout === null ? bare : noAttributes(timeout);
}

/** Reads one attribute that stands at `at`; its end, or -1 when there is none that can be read. A comment may run past `end`. */
function readAttribute(text: string, at: number, end: number, into: Attributes): number {
  const wordEnd = blankIn(text, at, end);
  const name = text.slice(at, wordEnd);
  if (name === '-exist' || name === '-!' || readFlag(name, into)) return wordEnd;
  const from = wordIn(text, wordEnd, end);
  if (name === 'comment') return readComment(text, from, end, into);
  const to = blankIn(text, from, end);
  return readValue(name, text, from, to, into) ? to : -1;
}

export function readFlag(name: string, into: Attributes): boolean {
  if (name !== 'nomatch' && name !== 'wildcard') return false;
  into[name] = true;
  return true;
}

/** Reads the value in [from, to) of the attribute called `name`, comments aside. */
export function readValue(name: string, text: string, from: number, to: number, into: Attributes): boolean {
  switch (name) {
    case 'timeout': {
      const timeout = parseDecimal(text, 0xffffffff, from, to);
      // Zero is how ipset writes "never expires": the last second of an element is shown as 1.
      into.timeout = timeout === 0 ? null : timeout;
      return timeout !== null;
    }
    case 'packets':
    case 'bytes':
      into[name] = readCounter(text, from, to);
      return into[name] !== null;
    case 'skbqueue':
      into.skbqueue = parseDecimal(text, 65535, from, to);
      return into.skbqueue !== null;
    case 'skbmark':
    case 'skbprio':
    case 'before':
    case 'after':
      into[name] = text.slice(from, to);
      return from < to;
    default:
      return false;
  }
}

/** Counters are 64 bits wide; beyond 2^53 the nearest number has to do. */
function readCounter(text: string, start: number, end: number): number | null {
  const exact = parseDecimal(text, Number.MAX_SAFE_INTEGER, start, end);
  if (exact !== null || end - start > 20 || start === end) return exact;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code < 48 || code > 57) return null;
  }
  return Number(text.slice(start, end));
}

function readComment(text: string, at: number, end: number, into: Attributes): number {
  if (text.charCodeAt(at) !== QUOTE) {
    const wordEnd = blankIn(text, at, end);
    into.comment = text.slice(at, wordEnd);
    return at < wordEnd ? wordEnd : -1;
  }
  // A comment may hold line feeds, so its end is sought in the text and not in the line alone.
  const close = codeIn(text, QUOTE, at + 1, Math.min(text.length, Math.max(end, at + 2 + longestComment)));
  if (close < 0) return -1;
  into.comment = text.slice(at + 1, close);
  return close + 1;
}

export interface Member {
  readonly parts: readonly SetPart[];
  readonly attributes: Readonly<Attributes>;
  /** Offset past the last attribute that could be read; beyond the line when a comment holds a line feed. */
  readonly end: number;
}

/**
 * Reads the member that begins at `start`. It ends where its attributes end: at `end` in a sound line. `timeout` is what an
 * element has that names none.
 */
export function readMember(
  text: string,
  start: number,
  end: number,
  shape: ElementShape,
  timeout: number | null,
): Member | null {
  const elementEnd = shape.type.name === 'list:set' ? setNameEnd(text, start, end) : blankIn(text, start, end);
  const parts = readElement(text, start, elementEnd, shape);
  if (parts === null) return null;
  if (elementEnd === end) return { parts, attributes: bareAttributes(timeout), end };
  const attributes = noAttributes(timeout);
  let done = elementEnd;
  let stop = end;
  for (let at = wordIn(text, elementEnd, stop); at < stop; at = wordIn(text, at, stop)) {
    at = readAttribute(text, at, stop, attributes);
    if (at < 0) break;
    done = at;
    if (at > stop) stop = lineEnd(text, at);
  }
  return { parts, attributes, end: done };
}

/** The name of a set may hold blanks; it ends where an attribute begins. */
function setNameEnd(text: string, start: number, end: number): number {
  const scratch = noAttributes(null);
  let nameEnd = blankIn(text, start, end);
  while (nameEnd < end) {
    const next = wordIn(text, nameEnd, end);
    if (next === end || nameEnd - start > longestName || readAttribute(text, next, end, scratch) >= 0) break;
    nameEnd = blankIn(text, next, end);
  }
  return nameEnd;
}

function lineEnd(text: string, at: number): number {
  const feed = text.indexOf('\n', at);
  return feed < 0 ? text.length : feed;
}

export function toElement(member: Member, span: Span, trust: Trust): SetElement {
  const { attributes } = member;
  return {
    span,
    parts: attributes.wildcard ? member.parts.map(asWildcard) : member.parts,
    nomatch: attributes.nomatch,
    timeout: attributes.timeout,
    packets: attributes.packets,
    bytes: attributes.bytes,
    comment: attributes.comment,
    skbmark: attributes.skbmark,
    skbprio: attributes.skbprio,
    skbqueue: attributes.skbqueue,
    ...(trust === 'captured' ? {} : { trust }),
  };
}

function asWildcard(part: SetPart): SetPart {
  return part.kind === 'iface' ? { ...part, wildcard: true } : part;
}
