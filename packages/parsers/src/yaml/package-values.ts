/** What the `yaml` package made of a document, as values with places. Aliases are followed as far as their weight allows: few lines can stand for billions of values. */
import type { Diagnostic, YamlEntry, YamlValue } from '@coldtrace/core';
import {
  type Alias,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Pair,
  type Range,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { yamlCode } from './codes.js';
import { type PlacedText, placeSpan } from './place.js';

export interface ValueLimits {
  readonly depth: number;
  /** How many values aliases may stand for, all together. */
  readonly aliasWeight: number;
}

interface Conversion {
  readonly source: PlacedText;
  readonly limits: ValueLimits;
  readonly diagnostics: Diagnostic[];
  readonly anchors: Map<string, Weighed>;
  /** Values that aliases stood for so far. */
  expanded: number;
}

interface Weighed {
  readonly value: YamlValue;
  /** Values under it once aliases are followed. */
  readonly weight: number;
}

interface WeighedEntry {
  readonly entry: YamlEntry;
  readonly weight: number;
}

type Place = Range | null | undefined;

/** The value of a document's root, null where there is none. */
export function packageValues(
  root: unknown,
  source: PlacedText,
  limits: ValueLimits,
): { readonly value: YamlValue | null; readonly diagnostics: readonly Diagnostic[] } {
  const conversion: Conversion = { source, limits, diagnostics: [], anchors: new Map(), expanded: 0 };
  const value = root === null ? null : weighed(conversion, root, 0).value;
  return { value, diagnostics: conversion.diagnostics };
}

function weighed(conversion: Conversion, node: unknown, depth: number): Weighed {
  const made = bareWeighed(conversion, node, depth);
  if (!isScalar(node) && !isMap(node) && !isSeq(node)) return made;
  if (node.anchor !== undefined) conversion.anchors.set(node.anchor, made);
  if (node.tag !== undefined && !node.tag.startsWith('tag:yaml.org,2002:'))
    conversion.diagnostics.push(yamlCode('custom-tag', made.value.span, { tag: node.tag }));
  return made;
}

function bareWeighed(conversion: Conversion, node: unknown, depth: number): Weighed {
  if (isAlias(node)) return followed(conversion, node);
  if (isScalar(node)) return { value: scalarOf(conversion, node), weight: 1 };
  if (!isMap(node) && !isSeq(node)) return nothing(conversion, null);
  if (depth > conversion.limits.depth) {
    const span = spanOf(conversion, node.range);
    conversion.diagnostics.push(yamlCode('too-deep', span, { limit: conversion.limits.depth }));
    return nothing(conversion, node.range);
  }
  return isSeq(node) ? listOf(conversion, node, depth) : mapOf(conversion, node, depth);
}

function listOf(conversion: Conversion, node: YAMLSeq, depth: number): Weighed {
  const items: YamlValue[] = [];
  let weight = 1;
  for (const item of node.items) {
    const inner = isPair(item) ? pairAsMap(conversion, item, depth + 1) : weighed(conversion, item, depth + 1);
    weight += inner.weight;
    items.push(inner.value);
  }
  return { value: { kind: 'list', items, span: spanOf(conversion, node.range) }, weight };
}

function mapOf(conversion: Conversion, node: YAMLMap, depth: number): Weighed {
  const entries: YamlEntry[] = [];
  const seen = new Set<string>();
  let weight = 1;
  for (const pair of node.items) {
    const { entry, weight: inner } = entryOf(conversion, pair, depth + 1);
    weight += inner;
    if (seen.has(entry.key)) conversion.diagnostics.push(yamlCode('duplicate-key', entry.keySpan, { key: entry.key }));
    seen.add(entry.key);
    entries.push(entry);
  }
  return { value: { kind: 'map', entries, span: spanOf(conversion, node.range) }, weight };
}

function entryOf(conversion: Conversion, { key, value }: Pair, depth: number): WeighedEntry {
  const name = weighed(conversion, key, depth);
  const inner =
    value === null ? nothing(conversion, isScalar(key) ? key.range : null) : weighed(conversion, value, depth);
  const entry = { key: keyText(name.value), keySpan: name.value.span, value: inner.value };
  return { entry, weight: name.weight + inner.weight };
}

/** Lists and maps as keys have no text. */
function keyText(key: YamlValue): string {
  if (key.kind !== 'scalar') return '';
  return typeof key.value === 'string' ? key.value : key.text;
}

function pairAsMap(conversion: Conversion, pair: Pair, depth: number): Weighed {
  const { entry, weight } = entryOf(conversion, pair, depth);
  const span = { ...entry.keySpan, end: Math.max(entry.keySpan.end, entry.value.span.end) };
  return { value: { kind: 'map', entries: [entry], span }, weight };
}

function followed(conversion: Conversion, { source: name, range }: Alias): Weighed {
  const span = spanOf(conversion, range);
  // What hides a value (`***HIDDEN***`) looks like an alias, and is a text.
  if (name.includes('*')) return { value: { kind: 'scalar', value: `*${name}`, text: `*${name}`, span }, weight: 1 };
  const target = conversion.anchors.get(name);
  if (target === undefined) {
    conversion.diagnostics.push(yamlCode('unknown-alias', span, { name }));
    return nothing(conversion, range);
  }
  conversion.expanded += target.weight;
  if (conversion.expanded <= conversion.limits.aliasWeight) return target;
  conversion.diagnostics.push(yamlCode('too-many-aliases', span, { limit: conversion.limits.aliasWeight }));
  return nothing(conversion, range);
}

function scalarOf(conversion: Conversion, node: Scalar): YamlValue {
  const given = node.value;
  const value = typeof given === 'string' || typeof given === 'number' || typeof given === 'boolean' ? given : null;
  const written = node.type === 'PLAIN' ? node.source : undefined;
  const text = written ?? (value === null ? '' : String(value));
  return { kind: 'scalar', value, text, span: spanOf(conversion, node.range) };
}

function nothing(conversion: Conversion, place: Place): Weighed {
  return { value: { kind: 'scalar', value: null, text: '', span: spanOf(conversion, place) }, weight: 1 };
}

function spanOf({ source }: Conversion, place: Place) {
  const [start, end] = place ?? [0, 0];
  return placeSpan(source, start, end);
}
