/** Gives a configuration that lost its indentation in a paste its nesting back, by the schema: a field belongs to the section above that knows it. */
import type { Diagnostic } from '@coldtrace/core';
import { type PlacedText, placeIn, placeSpan } from '../yaml/place.js';
import { kubeConfigCode } from './codes.js';
import { type Fields, fieldsAt, isLeaf } from './fields.js';
import { nearestName } from './nearest.js';

export interface Restored {
  readonly source: PlacedText;
  readonly diagnostics: readonly Diagnostic[];
}

/** The text with indentation restored; null when it has some, or when nothing needs it. */
export function restoreIndentation(source: PlacedText, fields: Fields): Restored | null {
  const lines = source.text.split('\n');
  if (lines.length > 2000 || lines.some((line) => /^\s+\S/.test(line) && !/^\s+-\s/.test(line))) return null;
  const inner: number[] = [];
  const outer: number[] = [];
  const made: string[] = [];
  const diagnostics: Diagnostic[] = [];
  let section: readonly string[] = [];
  let at = 0;
  let length = 0;
  for (const line of lines) {
    const match = /^([A-Za-z][\w-]*)\s{0,4}:(.*)$/.exec(line);
    const key = match?.[1];
    const rest = match?.[2]?.trim() ?? '';
    if (key !== undefined) {
      while (section.length > 0 && !belongs(fields, section, key)) section = section.slice(0, -1);
      if (section.length > 0) {
        const data = { key, section: section.join('.') };
        diagnostics.push(kubeConfigCode('indentation-restored', placeSpan(source, at, at + line.length), data));
      }
    }
    const indent = section.length * 2;
    inner.push(length + indent);
    outer.push(source.at(at));
    made.push(' '.repeat(indent) + line);
    length += indent + line.length + 1;
    at += line.length + 1;
    if (key !== undefined && rest === '' && fieldsAt(fields, [...section, key]) !== null) section = [...section, key];
  }
  if (diagnostics.length === 0) return null;
  const place = (offset: number) => placeIn({ inner, outer }, offset);
  return { source: { file: source.file, text: made.join('\n'), base: null, at: place }, diagnostics };
}

/** Whether a key is a field of the section, or is much closer to one of its fields than to any of the root's. */
function belongs(root: Fields, section: readonly string[], key: string): boolean {
  const own = fieldsAt(root, section) ?? {};
  if (Object.hasOwn(own, key)) return true;
  if (Object.hasOwn(root, key)) return false;
  const topLeaves = Object.keys(root).filter((name) => root[name] !== undefined && isLeaf(root[name]));
  return nearestName(key, Object.keys(own)) !== null && nearestName(key, topLeaves) === null;
}
