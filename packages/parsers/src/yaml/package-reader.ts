/** Asks the `yaml` package: whole YAML 1.2 (core schema) to values with places, bounded against hostile text. */
import type { Diagnostic, YamlValue } from '@coldtrace/core';
import { parseDocument } from 'yaml';
import { yamlCode } from './codes.js';
import { isTame } from './documents.js';
import { packageValues } from './package-values.js';
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
    const { value, diagnostics } = packageValues(document.contents, source, limits);
    return { value, diagnostics: diagnostics.slice(0, limits.errors) };
  } catch (error) {
    // The package recurses; a RangeError is its way to say that the text is nested too deeply.
    if (error instanceof RangeError) {
      return { value: null, diagnostics: [yamlCode('too-deep', all, { limit: limits.depth })] };
    }
    return { value: null, diagnostics: [yamlCode('syntax', all, { reason: String(error) })] };
  }
}
