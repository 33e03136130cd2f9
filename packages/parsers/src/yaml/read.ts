/** YAML and JSON to values that keep their places: the only way into the yaml folder. */
import type { Diagnostic, YamlEntry, YamlValue } from '@coldtrace/core';
import { readJson } from '../text/json.js';
import { readBlockDocument } from './block-reader.js';
import { yamlCode } from './codes.js';
import { cutDocuments } from './documents.js';
import { type ReadDocument, readWithPackage } from './package-reader.js';
import { type PlacedText, placedPart, placeSpan } from './place.js';

export interface YamlDocument {
  readonly value: YamlValue | null;
  /** Offsets of the document in the text given. */
  readonly start: number;
  readonly end: number;
}

export interface YamlStream {
  readonly documents: readonly YamlDocument[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads every document of a stream; a document that is not YAML has no value and does not disturb the others. */
export function readYaml(source: PlacedText): YamlStream {
  const first = firstUnit(source.text, 0);
  if (first < source.text.length && isJsonOpening(source.text, first)) return readJsonTexts(source, first);
  const documents: YamlDocument[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const { start, end } of cutDocuments(source.text)) {
    const read = readDocument(placedPart(source, start, end));
    diagnostics.push(...read.diagnostics);
    documents.push({ value: read.value, start, end });
  }
  return { documents, diagnostics };
}

/** The fast reader where it is able to, else the package. */
function readDocument(part: PlacedText): ReadDocument {
  const block = readBlockDocument(part.text, part.file, part.base ?? 0);
  if (block === null) return readWithPackage(part);
  return part.base === null
    ? { value: relocate(block.value, part), diagnostics: block.diagnostics.map((one) => moved(one, part)) }
    : block;
}

function moved(one: Diagnostic, source: PlacedText): Diagnostic {
  return { ...one, span: placeSpan(source, one.span.start, one.span.end) };
}

/** `{"` and `[{`: a flow mapping with bare keys is YAML only. */
function isJsonOpening(text: string, at: number): boolean {
  if (text[at] !== '{' && text[at] !== '[') return false;
  const next = text[firstUnit(text, at + 1)];
  return (
    next === '"' ||
    next === undefined ||
    (text[at] === '{' ? next === '}' : next === '{' || next === ']' || next === '[')
  );
}

function firstUnit(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \t\r\n'.includes(text[at] ?? '')) at++;
  return at;
}

/** JSON texts one after the other, as `kubectl cluster-info dump` prints them. */
function readJsonTexts(source: PlacedText, first: number): YamlStream {
  const documents: YamlDocument[] = [];
  const diagnostics: Diagnostic[] = [];
  const { text } = source;
  for (let at = first; at < text.length && (text[at] === '{' || text[at] === '['); ) {
    const read = readJson(text, source.file, at);
    if (read.problem !== null) {
      const { offset, reason } = read.problem;
      diagnostics.push(yamlCode('json-syntax', placeSpan(source, offset, offset), { reason }));
    }
    const end = Math.max(read.end, at + 1);
    documents.push({ value: read.value === null ? null : relocate(read.value, source), start: at, end });
    if (read.problem !== null) break;
    at = firstUnit(text, end);
  }
  return { documents, diagnostics };
}

/** The value with the places of the file instead of those of the text. Nesting is bounded by the reader. */
function relocate(value: YamlValue, source: PlacedText): YamlValue {
  const span = placeSpan(source, value.span.start, value.span.end);
  if (value.kind === 'scalar') return { ...value, span };
  if (value.kind === 'list') return { kind: 'list', items: value.items.map((item) => relocate(item, source)), span };
  const entries: YamlEntry[] = value.entries.map((entry) => ({
    key: entry.key,
    keySpan: placeSpan(source, entry.keySpan.start, entry.keySpan.end),
    value: relocate(entry.value, source),
  }));
  return { kind: 'map', entries, span };
}
