/** YAML (and JSON, which is YAML) to values that keep their places: the only way into the yaml folder. */
import type { Diagnostic, YamlValue } from '@coldtrace/core';
import { cutDocuments } from './documents.js';
import { readWithPackage } from './package-reader.js';
import type { PlacedText } from './place.js';

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
  const documents: YamlDocument[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const { start, end } of cutDocuments(source.text)) {
    const part: PlacedText = {
      file: source.file,
      text: source.text.slice(start, end),
      at: (offset) => source.at(start + offset),
    };
    const read = readWithPackage(part);
    diagnostics.push(...read.diagnostics);
    documents.push({ value: read.value, start, end });
  }
  return { documents, diagnostics };
}
