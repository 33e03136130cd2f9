/** The one place that imports the `yaml` package: whole YAML 1.2 (core schema) to values with places, bounded against hostile text. */
import type { Diagnostic, YamlEntry, YamlValue } from '@coldtrace/core';
import { isAlias, isMap, isPair, isScalar, isSeq, type Pair, parseDocument, type Range, type Scalar } from 'yaml';
import { yamlCode } from './codes.js';
import { isTame } from './documents.js';
import { type PlacedText, placeSpan } from './place.js';

export interface ReadDocument {
  readonly value: YamlValue | null;
  readonly diagnostics: readonly Diagnostic[];
}

const limits = { size: 1 << 18, depth: 200, indentation: 1000, aliasWeight: 100_000, errors: 20 } as const;

/** Reads one document. A document with syntax errors yields no value: half a mapping would be a different configuration. */
export function readWithPackage(source: PlacedText): ReadDocument {
  const { text } = source;
  const all = placeSpan(source, 0, text.length);
  if (text.length > limits.size) {
    return { value: null, diagnostics: [yamlCode('too-large', all, { size: text.length, limit: limits.size })] };
  }
  if (!isTame(text, limits.indentation)) {
    return { value: null, diagnostics: [yamlCode('too-deep', all, { limit: limits.depth })] };
  }
  try {
    const document = parseDocument(text, {
      version: '1.2',
      schema: 'core',
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'silent',
    });
    if (document.errors.length > 0) {
      const diagnostics = document.errors.slice(0, limits.errors).map((error) => {
        const [start, end] = error.pos;
        return yamlCode('syntax', placeSpan(source, start, end), { reason: error.message });
      });
      return { value: null, diagnostics };
    }
    return convert(document.contents, source);
  } catch (error) {
    // The package recurses; a RangeError is its way to say that the text is nested too deeply.
    if (error instanceof RangeError) {
      return { value: null, diagnostics: [yamlCode('too-deep', all, { limit: limits.depth })] };
    }
    return { value: null, diagnostics: [yamlCode('syntax', all, { reason: String(error) })] };
  }
}

interface Weighed {
  readonly value: YamlValue;
  /** Values under it once aliases are followed. */
  readonly weight: number;
}

function convert(root: unknown, source: PlacedText): ReadDocument {
  const diagnostics: Diagnostic[] = [];
  const anchors = new Map<string, Weighed>();
  let expanded = 0;

  const nothing = (range: Range | null | undefined): Weighed => {
    const [start, end] = range ?? [0, 0];
    return { value: { kind: 'scalar', value: null, text: '', span: placeSpan(source, start, end) }, weight: 1 };
  };

  const hidden = (name: string, range: Range | null | undefined): YamlValue => {
    const text = `*${name}`;
    const [start, end] = range ?? [0, 0];
    return { kind: 'scalar', value: text, text, span: placeSpan(source, start, end) };
  };

  const visit = (node: unknown, depth: number): Weighed => {
    const weighed = visitBare(node, depth);
    if ((isScalar(node) || isMap(node) || isSeq(node)) && node.anchor !== undefined) anchors.set(node.anchor, weighed);
    if (
      (isMap(node) || isSeq(node) || isScalar(node)) &&
      node.tag !== undefined &&
      !node.tag.startsWith('tag:yaml.org,2002:')
    ) {
      diagnostics.push(yamlCode('custom-tag', weighed.value.span, { tag: node.tag }));
    }
    return weighed;
  };

  const visitBare = (node: unknown, depth: number): Weighed => {
    // What hides a value (`***HIDDEN***`) looks like an alias, and is a text.
    if (isAlias(node) && node.source.includes('*')) return { value: hidden(node.source, node.range), weight: 1 };
    if (isAlias(node)) return follow(node.source, node.range);
    if (isScalar(node)) return { value: scalar(node), weight: 1 };
    if (!isMap(node) && !isSeq(node)) return nothing(null);
    const [start, end] = node.range ?? [0, 0];
    const span = placeSpan(source, start, end);
    if (depth > limits.depth) {
      diagnostics.push(yamlCode('too-deep', span, { limit: limits.depth }));
      return nothing(node.range);
    }
    let weight = 1;
    if (isSeq(node)) {
      const items: YamlValue[] = [];
      for (const item of node.items) {
        const inner = isPair(item) ? pairAsMap(item, depth + 1) : visit(item, depth + 1);
        weight += inner.weight;
        items.push(inner.value);
      }
      return { value: { kind: 'list', items, span }, weight };
    }
    const entries: YamlEntry[] = [];
    const seen = new Set<string>();
    for (const pair of node.items) {
      const [made, entryWeight] = entry(pair, depth + 1);
      weight += entryWeight;
      if (seen.has(made.key)) diagnostics.push(yamlCode('duplicate-key', made.keySpan, { key: made.key }));
      seen.add(made.key);
      entries.push(made);
    }
    return { value: { kind: 'map', entries, span }, weight };
  };

  const entry = (pair: Pair<unknown, unknown>, depth: number): readonly [YamlEntry, number] => {
    const key = visit(pair.key, depth);
    const inner = pair.value === null ? nothing(isScalar(pair.key) ? pair.key.range : null) : visit(pair.value, depth);
    const name =
      key.value.kind !== 'scalar' ? '' : typeof key.value.value === 'string' ? key.value.value : key.value.text;
    return [{ key: name, keySpan: key.value.span, value: inner.value }, key.weight + inner.weight];
  };

  const pairAsMap = (pair: Pair<unknown, unknown>, depth: number): Weighed => {
    const [made, weight] = entry(pair, depth);
    const span = { ...made.keySpan, end: Math.max(made.keySpan.end, made.value.span.end) };
    return { value: { kind: 'map', entries: [made], span }, weight };
  };

  const follow = (name: string, range: Range | null | undefined): Weighed => {
    const target = anchors.get(name);
    const [start, end] = range ?? [0, 0];
    const span = placeSpan(source, start, end);
    if (target === undefined) {
      diagnostics.push(yamlCode('unknown-alias', span, { name }));
      return nothing(range);
    }
    expanded += target.weight;
    if (expanded <= limits.aliasWeight) return target;
    diagnostics.push(yamlCode('too-many-aliases', span, { limit: limits.aliasWeight }));
    return nothing(range);
  };

  const scalar = (node: Scalar): YamlValue => {
    const given = node.value;
    const [start, end] = node.range ?? [0, 0];
    const value = typeof given === 'string' || typeof given === 'number' || typeof given === 'boolean' ? given : null;
    const written = node.type === 'PLAIN' ? node.source : undefined;
    const span = placeSpan(source, start, end);
    return { kind: 'scalar', value, text: written ?? (value === null ? '' : String(value)), span };
  };

  const made = root === null ? null : visit(root, 0);
  return { value: made?.value ?? null, diagnostics: diagnostics.slice(0, limits.errors) };
}
