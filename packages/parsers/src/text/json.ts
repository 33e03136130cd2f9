/**
 * JSON (RFC 8259) with the place of every value and key. It reads without recursion, in time linear in the text, and keeps what it
 * has when the text breaks off: captured JSON is cut, wrapped in messages and edited.
 */
import type { FileId, YamlEntry, YamlValue } from '@coldtrace/core';

export interface JsonProblem {
  readonly reason: string;
  /** Offset in the text. */
  readonly offset: number;
}

export interface JsonText {
  /** What was read; containers that the text does not close are ended where it breaks off. Null when nothing begins here. */
  readonly value: YamlValue | null;
  /** Offset past the value. */
  readonly end: number;
  readonly problem: JsonProblem | null;
}

/** Deeper nesting is refused: no tool prints it, and whoever walks the value may recurse. */
export const deepestJson = 512;

type Mutable = OpenList | OpenMap;

interface OpenList {
  readonly kind: 'list';
  readonly items: YamlValue[];
  readonly start: number;
}

interface OpenMap {
  readonly kind: 'map';
  readonly entries: YamlEntry[];
  readonly start: number;
  /** The key whose value must come. */
  key: Key | null;
}

interface Key {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

interface Token {
  readonly value: string | number | boolean | null;
  readonly end: number;
}

/** `value`: a value must come; `first`: or the end of the container; `next`: a comma or the end of the container. */
type Expected = 'value' | 'first' | 'next';

interface Reader {
  readonly text: string;
  readonly file: FileId;
  readonly to: number;
  /** Containers that are not closed yet, innermost last. */
  readonly open: Mutable[];
  at: number;
  expects: Expected;
  done: YamlValue | null;
  problem: JsonProblem | null;
}

/** Reads one value between two offsets; what follows it is left to the caller. */
export function readJson(text: string, file: FileId, from = 0, to = text.length): JsonText {
  const reader: Reader = { text, file, to, open: [], at: from, expects: 'value', done: null, problem: null };
  while (reader.done === null && reader.problem === null) {
    reader.at = skipBlanks(text, reader.at, to);
    if (reader.at < to) readOn(reader);
    else reader.problem = { reason: 'the text ends within a value', offset: to };
  }
  const end = Math.min(reader.at, to);
  for (let unfinished = reader.open.pop(); unfinished !== undefined; unfinished = reader.open.pop())
    put(reader, closed(reader, unfinished, end));
  return { value: reader.done, end, problem: reader.problem };
}

/** One step: a bracket, a comma, a key or a scalar. */
function readOn(reader: Reader): void {
  const { text, at } = reader;
  const holder = reader.open.at(-1);
  const unit = text.charCodeAt(at);
  if (holder !== undefined && reader.expects !== 'value' && unit === (holder.kind === 'list' ? RBRACKET : RBRACE)) {
    reader.open.pop();
    put(reader, closed(reader, holder, at + 1));
    reader.at++;
  } else if (reader.expects === 'next') takeComma(reader, unit);
  else if (holder?.kind === 'map' && holder.key === null) takeKey(reader, holder);
  else if (unit === LBRACKET || unit === LBRACE) openContainer(reader, unit);
  else takeScalar(reader);
}

function takeComma(reader: Reader, unit: number): void {
  if (unit !== COMMA) {
    reader.problem = { reason: 'a comma or the end of a list is missing', offset: reader.at };
    return;
  }
  reader.at++;
  reader.expects = 'value';
}

function takeKey(reader: Reader, holder: OpenMap): void {
  const key = readKey(reader.text, reader.at, reader.to);
  if ('reason' in key) {
    reader.problem = key;
    return;
  }
  holder.key = key;
  reader.at = key.next;
  reader.expects = 'value';
}

function openContainer(reader: Reader, unit: number): void {
  const { open, at: start } = reader;
  if (open.length === deepestJson) reader.problem = { reason: 'nested too deeply', offset: start };
  else
    open.push(unit === LBRACKET ? { kind: 'list', items: [], start } : { kind: 'map', entries: [], start, key: null });
  reader.at++;
  reader.expects = 'first';
}

function takeScalar(reader: Reader): void {
  const { text, file, at: start, to } = reader;
  const token = readScalar(text, start, to);
  if (token === null) {
    reader.problem = { reason: 'this is no value', offset: start };
    return;
  }
  const { value, end } = token;
  put(reader, { kind: 'scalar', value, text: text.slice(start, end), span: { file, start, end } });
  reader.at = end;
}

/** A value that is complete: part of the innermost container, or all there is. */
function put(reader: Reader, value: YamlValue): void {
  const { open, file } = reader;
  const holder = open.at(-1);
  if (holder === undefined) reader.done = value;
  else if (holder.kind === 'list') holder.items.push(value);
  else if (holder.key !== null) {
    const { text: key, start, end } = holder.key;
    holder.entries.push({ key, keySpan: { file, start, end }, value });
    holder.key = null;
  }
  reader.expects = 'next';
}

function closed({ file }: Reader, container: Mutable, end: number): YamlValue {
  const span = { file, start: container.start, end };
  return container.kind === 'list'
    ? { kind: 'list', items: container.items, span }
    : { kind: 'map', entries: container.entries, span };
}

const LBRACKET = 91;
const RBRACKET = 93;
const LBRACE = 123;
const RBRACE = 125;
const COMMA = 44;
const COLON = 58;
const QUOTE = 34;
const BACKSLASH = 92;

function skipBlanks(text: string, from: number, to: number): number {
  let at = from;
  while (at < to) {
    const unit = text.charCodeAt(at);
    if (unit !== 32 && unit !== 10 && unit !== 13 && unit !== 9) break;
    at++;
  }
  return at;
}

function readKey(text: string, at: number, to: number): (Key & { readonly next: number }) | JsonProblem {
  if (text.charCodeAt(at) !== QUOTE) return { reason: 'a key in quotes is missing', offset: at };
  const token = readString(text, at, to);
  if (token === null) return { reason: 'a quote is never closed', offset: at };
  const colon = skipBlanks(text, token.end, to);
  if (colon >= to || text.charCodeAt(colon) !== COLON) return { reason: 'a colon is missing', offset: colon };
  return { text: String(token.value), start: at, end: token.end, next: colon + 1 };
}

function readScalar(text: string, at: number, to: number): Token | null {
  if (text.charCodeAt(at) === QUOTE) return readString(text, at, to);
  for (const [word, value] of words) {
    if (text.startsWith(word, at) && at + word.length <= to) return { value, end: at + word.length };
  }
  return readNumber(text, at, to);
}

const words: readonly (readonly [string, boolean | null])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
];

/** Strings with raw line feeds are taken: some tools print them. */
function readString(text: string, at: number, to: number): Token | null {
  let value = '';
  let from = at + 1;
  for (let index = from; index < to; index++) {
    const unit = text.charCodeAt(index);
    if (unit === QUOTE) return { value: value + text.slice(from, index), end: index + 1 };
    if (unit !== BACKSLASH) continue;
    const escaped = readEscape(text, index + 1, to);
    value += text.slice(from, index) + escaped.text;
    from = escaped.end;
    index = escaped.end - 1;
  }
  return null;
}

const escapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

function readEscape(text: string, at: number, to: number): { readonly text: string; readonly end: number } {
  const letter = text.charAt(at);
  if (letter === 'u' && at + 5 <= to) {
    const digits = text.slice(at + 1, at + 5);
    if (/^[0-9a-fA-F]{4}$/.test(digits)) return { text: String.fromCharCode(Number.parseInt(digits, 16)), end: at + 5 };
  }
  return { text: escapes[letter] ?? letter, end: Math.min(at + 1, to) };
}

function readNumber(text: string, at: number, to: number): Token | null {
  let end = at;
  while (end < to && isNumberUnit(text.charCodeAt(end))) end++;
  if (end === at || end - at > 400) return null;
  const value = Number(text.slice(at, end));
  return Number.isFinite(value) ? { value, end } : null;
}

/** Digits, `+`, `-`, `.`, `e`, `E`. */
function isNumberUnit(unit: number): boolean {
  return (unit >= 48 && unit <= 57) || unit === 43 || unit === 45 || unit === 46 || unit === 101 || unit === 69;
}

/** The value of a key of a map (the first one, should it be there twice), or null. */
export function fieldOf(value: YamlValue | null, key: string): YamlValue | null {
  if (value?.kind !== 'map') return null;
  return value.entries.find((entry) => entry.key === key)?.value ?? null;
}

/** Offset past the bracketed value that begins at an offset, without reading it; null when it is never closed. */
export function jsonExtent(text: string, start: number): number | null {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) {
      at = closingQuote(text, at);
      if (at < 0) return null;
    } else if (unit === LBRACKET || unit === LBRACE) {
      // Without this, text that opens on every line would be scanned to its end from every line.
      if (++depth > deepestJson) return null;
    } else if (unit === RBRACKET || unit === RBRACE) {
      depth--;
      if (depth === 0) return at + 1;
      if (depth < 0) return null;
    }
  }
  return null;
}

function closingQuote(text: string, at: number): number {
  for (let index = at + 1; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit === QUOTE) return index;
    if (unit === BACKSLASH) index++;
  }
  return -1;
}
