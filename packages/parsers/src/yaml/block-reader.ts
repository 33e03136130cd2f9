/**
 * The YAML that API machinery, kubeadm and people write in manifests (block mappings and sequences, plain and quoted scalars,
 * literal blocks, empty flow collections), read some thirty times faster than the package does. Whatever is outside of that
 * (anchors, tags, folded blocks, nested flow collections, tabs, errors) makes it answer null, and the package decides.
 */
import type { Diagnostic, FileId, Span, YamlEntry, YamlValue } from '@coldtrace/core';
import { type BlockLine, type Cursor, nextLine } from './block-lines.js';
import { closingQuote, indicators, isDash, isRestEmpty, keyEnd, plainEnd, readKey } from './block-scan.js';
import { yamlCode } from './codes.js';
import { foldLines } from './folding.js';
import { plainValue, unescapeDouble } from './scalar.js';

export interface BlockDocument {
  readonly value: YamlValue;
  readonly diagnostics: readonly Diagnostic[];
}

const deepest = 100;
/** YAML 1.2.2 section 7.4.2 allows 1024. */
const longestKey = 1000;

/** Thrown away by the caller: the text needs the package. */
const beyond = Symbol('beyond');
type Beyond = typeof beyond;

interface Reader {
  readonly text: string;
  readonly file: FileId;
  /** Offset in the file of the text's first character. */
  readonly base: number;
  readonly cursor: Cursor;
  readonly diagnostics: Diagnostic[];
  /** The line that comes next, already taken from the cursor. */
  line: BlockLine | null;
}

/** Reads one document that stands in a file from `base` on. */
export function readBlockDocument(text: string, file: FileId, base: number): BlockDocument | null {
  // YAML ends lines at a bare carriage return too; documents are cut before they come here.
  if (/\r(?!\n)/.test(text) || /^(?:---|\.\.\.)(?:\s|$)/m.test(text)) return null;
  const reader: Reader = { text, file, base, cursor: { text, next: 0 }, diagnostics: [], line: null };
  if (!advance(reader) || reader.line === null) return null;
  const value = readNode(reader, reader.line.indent, 0);
  return value === beyond || reader.line !== null ? null : { value, diagnostics: reader.diagnostics };
}

function spanIn(reader: Reader, start: number, end: number): Span {
  return { file: reader.file, start: reader.base + start, end: reader.base + end };
}

function advance(reader: Reader): boolean {
  const line = nextLine(reader.cursor);
  reader.line = line === 'tab' ? null : line;
  return line !== 'tab';
}

/** The collection or scalar whose first line is the present one, at exactly this indentation. */
function readNode(reader: Reader, indent: number, depth: number): YamlValue | Beyond {
  const { line, text } = reader;
  if (line === null || depth > deepest) return beyond;
  if (isDash(text, line.at, line.end)) return readSequence(reader, indent, depth);
  if (keyEnd(text, line.at, line.end) >= 0) return readMapping(reader, indent, depth);
  // A scalar document of one line.
  const value = readInline(reader, line.at, line.end);
  return value === beyond || !advance(reader) ? beyond : value;
}

function readSequence(reader: Reader, indent: number, depth: number): YamlValue | Beyond {
  const items: YamlValue[] = [];
  const start = reader.line?.at ?? 0;
  let end = start;
  while (
    reader.line !== null &&
    reader.line.indent === indent &&
    isDash(reader.text, reader.line.at, reader.line.end)
  ) {
    const { at, end: lineEnd } = reader.line;
    let first = at + 1;
    while (first < lineEnd && reader.text.charCodeAt(first) === 32) first++;
    let value: YamlValue | Beyond;
    if (first >= lineEnd || reader.text.charCodeAt(first) === 35) value = readBelow(reader, indent, at + 1, depth);
    else if (isDash(reader.text, first, lineEnd) || keyEnd(reader.text, first, lineEnd) >= 0) {
      // `- key: value`: a collection that begins on the dash's own line, indented as far as its first word.
      reader.line = { at: first, end: lineEnd, indent: indent + first - at };
      value = readNode(reader, reader.line.indent, depth + 1);
    } else value = readValue(reader, first, lineEnd, indent);
    if (value === beyond) return beyond;
    items.push(value);
    end = Math.max(value.span.end - reader.base, end);
  }
  if (reader.line !== null && reader.line.indent > indent) return beyond;
  return { kind: 'list', items, span: spanIn(reader, start, end) };
}

function readMapping(reader: Reader, indent: number, depth: number): YamlValue | Beyond {
  const entries: YamlEntry[] = [];
  const seen = new Set<string>();
  const start = reader.line?.at ?? 0;
  let end = start;
  while (reader.line !== null && reader.line.indent === indent) {
    const { at, end: lineEnd } = reader.line;
    if (isDash(reader.text, at, lineEnd)) break;
    const colon = keyEnd(reader.text, at, lineEnd);
    if (colon < 0) return beyond;
    const key = readKey(reader.text, at, colon);
    if (key === null || colon - at > longestKey) return beyond;
    const keySpan = spanIn(reader, at, colon);
    let first = colon + 1;
    while (first < lineEnd && reader.text.charCodeAt(first) === 32) first++;
    const empty = first >= lineEnd || reader.text.charCodeAt(first) === 35;
    const value = empty ? readBelow(reader, indent, colon + 1, depth, true) : readValue(reader, first, lineEnd, indent);
    if (value === beyond) return beyond;
    if (seen.has(key)) reader.diagnostics.push(yamlCode('duplicate-key', keySpan, { key }));
    seen.add(key);
    entries.push({ key, keySpan, value });
    end = Math.max(value.span.end - reader.base, colon + 1, end);
  }
  if (reader.line !== null && reader.line.indent > indent) return beyond;
  return { kind: 'map', entries, span: spanIn(reader, start, end) };
}

/** What stands under a key or dash without a value on its line: deeper lines, or (for a key) dashes at its own indentation. */
function readBelow(reader: Reader, indent: number, at: number, depth: number, ofKey = false): YamlValue | Beyond {
  if (!advance(reader)) return beyond;
  const { line } = reader;
  if (
    line !== null &&
    (line.indent > indent || (ofKey && line.indent === indent && isDash(reader.text, line.at, line.end)))
  ) {
    const nested = isDash(reader.text, line.at, line.end) || keyEnd(reader.text, line.at, line.end) >= 0;
    return nested ? readNode(reader, line.indent, depth + 1) : beyond;
  }
  return { kind: 'scalar', value: null, text: '', span: spanIn(reader, at, at) };
}

/** A value on the line of its key or dash; the line after it must not continue it. */
function readValue(reader: Reader, at: number, end: number, indent: number): YamlValue | Beyond {
  const unit = reader.text.charCodeAt(at);
  if (unit === 124) return readLiteral(reader, at, end, indent);
  if ((unit === 34 || unit === 39) && closingQuote(reader.text, at, end) < 0) return readLongQuoted(reader, at, indent);
  const value = readInline(reader, at, end);
  if (value === beyond || !advance(reader)) return beyond;
  if (reader.line === null || reader.line.indent <= indent) return value;
  const plain = unit !== 34 && unit !== 39 && value.kind === 'scalar';
  return plain ? readLongPlain(reader, at, end, value.span.end - reader.base, indent) : beyond;
}

/** A plain scalar that goes on in deeper lines; a comment between them, or anything that is no plain text, is left to the package. */
function readLongPlain(reader: Reader, at: number, end: number, last: number, indent: number): YamlValue | Beyond {
  const { text } = reader;
  if (last < end && text.slice(last, end).trim() !== '') return beyond;
  let stop = last;
  while (reader.line !== null && reader.line.indent > indent) {
    if (text.slice(stop, reader.line.at).trim() !== '') return beyond;
    const close = plainEnd(text, reader.line.at, reader.line.end);
    if (close < 0 || text.slice(close, reader.line.end).trim() !== '') return beyond;
    stop = close;
    if (!advance(reader)) return beyond;
  }
  const folded = foldLines(text.slice(at, stop).split(/\r?\n/), false);
  if (folded === null) return beyond;
  return { kind: 'scalar', value: plainValue(folded), text: folded, span: spanIn(reader, at, stop) };
}

/** A quoted scalar over several lines, each of them deeper than the key. */
function readLongQuoted(reader: Reader, at: number, indent: number): YamlValue | Beyond {
  const { text, cursor } = reader;
  const close = closingQuote(text, at, text.length);
  if (close < 0) return beyond;
  const feed = text.indexOf('\n', close);
  const end = feed < 0 ? text.length : feed > 0 && text[feed - 1] === '\r' ? feed - 1 : feed;
  if (!isRestEmpty(text, close + 1, end)) return beyond;
  const lines = text.slice(at + 1, close).split(/\r?\n/);
  const shallow = (line: string, index: number) =>
    index > 0 && line.trim() !== '' && line.length - line.trimStart().length <= indent;
  if (lines.some(shallow) || lines.at(-1)?.trim() === '') return beyond;
  const folded = foldLines(lines, text[at] === '"');
  const value = folded === null ? null : text[at] === '"' ? unescapeDouble(folded) : folded.replaceAll("''", "'");
  if (value === null) return beyond;
  cursor.next = feed < 0 ? text.length : feed + 1;
  if (!advance(reader) || (reader.line !== null && reader.line.indent > indent)) return beyond;
  return { kind: 'scalar', value, text: value, span: spanIn(reader, at, close + 1) };
}

function readInline(reader: Reader, at: number, end: number): YamlValue | Beyond {
  const { text } = reader;
  const unit = text.charCodeAt(at);
  if (indicators.has(unit) || isDash(text, at, end) || (unit === 58 && text.charCodeAt(at + 1) === 32)) return beyond;
  if (unit === 34 || unit === 39) {
    const close = closingQuote(text, at, end);
    if (close < 0 || !isRestEmpty(text, close + 1, end)) return beyond;
    const inner = text.slice(at + 1, close);
    const value = unit === 34 ? unescapeDouble(inner) : inner.replaceAll("''", "'");
    return value === null ? beyond : { kind: 'scalar', value, text: value, span: spanIn(reader, at, close + 1) };
  }
  if (unit === 123 || unit === 91) return readFlow(reader, at, end);
  const last = plainEnd(text, at, end);
  if (last < 0) return beyond;
  const plain = text.slice(at, last);
  return { kind: 'scalar', value: plainValue(plain), text: plain, span: spanIn(reader, at, last) };
}

/** `{}` and `[]`; others are left to the package. */
function readFlow(reader: Reader, at: number, end: number): YamlValue | Beyond {
  const map = reader.text.charCodeAt(at) === 123;
  if (reader.text.charCodeAt(at + 1) !== (map ? 125 : 93) || !isRestEmpty(reader.text, at + 2, end)) return beyond;
  const span = spanIn(reader, at, at + 2);
  return map ? { kind: 'map', entries: [], span } : { kind: 'list', items: [], span };
}

/** `|` and `|-`: the lines indented deeper than the key, without the indentation of the first of them. */
function readLiteral(reader: Reader, at: number, end: number, indent: number): YamlValue | Beyond {
  const head = reader.text.slice(at + 1, end).trimEnd();
  if (head !== '' && head !== '-') return beyond;
  const { text, cursor } = reader;
  const lines: string[] = [];
  let own = -1;
  let from = cursor.next;
  while (from < text.length) {
    const feed = text.indexOf('\n', from);
    const raw = feed < 0 ? text.length : feed;
    const stop = raw > from && text.charCodeAt(raw - 1) === 13 ? raw - 1 : raw;
    let first = from;
    while (first < stop && text.charCodeAt(first) === 32) first++;
    const column = first - from;
    if (first < stop) {
      if (own < 0 && column > indent) own = column;
      if (column < own || own < 0) break;
      // A tab where indentation may end is a matter for the package.
      if (lines.length === 0 && text.charCodeAt(first) === 9) return beyond;
    } else if (own < 0 && column > indent + 1) return beyond;
    lines.push(own < 0 ? '' : text.slice(Math.min(from + own, stop), stop));
    from = raw + 1;
  }
  cursor.next = Math.min(from, text.length + 1);
  const value = chomp(lines, head);
  const span = spanIn(reader, at, Math.min(from, text.length));
  const scalar: YamlValue = { kind: 'scalar', value, text: value, span };
  if (!advance(reader)) return beyond;
  return reader.line !== null && reader.line.indent > indent ? beyond : scalar;
}

function chomp(lines: readonly string[], head: string): string {
  let last = lines.length;
  while (last > 0 && lines[last - 1] === '') last--;
  const body = lines.slice(0, last).join('\n');
  return head === '-' || body === '' ? body : `${body}\n`;
}
