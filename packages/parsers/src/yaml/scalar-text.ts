/** The text inside a scalar that itself is a file (a ConfigMap's key), with every offset led back to the outer file. YAML 1.2.2 chapters 7 and 8. */
import type { SourceFile } from '@coldtrace/core';
import type { YamlScalar } from './access.js';
import { type PlacedText, placeIn } from './place.js';

/** Text of a scalar with its places; for escapes and folded lines the nearest place before. */
export function placedScalar(file: SourceFile, scalar: YamlScalar): PlacedText {
  const text = typeof scalar.value === 'string' ? scalar.value : scalar.text;
  const { start, end } = scalar.span;
  const first = file.text[start];
  const inner: number[] = [0];
  const outer: number[] = [start];
  if (first === '|' || first === '>') placeBlock(file.text, start, end, text, inner, outer);
  else if (first === '"' || first === "'") placeQuoted(file.text, start, end, inner, outer);
  return { file: file.id, text, base: null, at: (offset) => Math.min(placeIn({ inner, outer }, offset), end) };
}

/** Lines of a block scalar: each inner line is an outer line without its indentation. */
function placeBlock(source: string, start: number, end: number, text: string, inner: number[], outer: number[]): void {
  inner.length = 0;
  outer.length = 0;
  let at = source.indexOf('\n', start) + 1;
  if (at === 0) at = end;
  for (let from = 0; from <= text.length; ) {
    const feed = text.indexOf('\n', from);
    const line = text.slice(from, feed < 0 ? text.length : feed);
    const sourceFeed = source.indexOf('\n', at);
    const sourceEnd = sourceFeed < 0 || sourceFeed > end ? end : sourceFeed;
    const lineEnd = source[sourceEnd - 1] === '\r' ? sourceEnd - 1 : sourceEnd;
    inner.push(from);
    outer.push(Math.max(at, lineEnd - line.length));
    if (feed < 0 || sourceEnd >= end) break;
    from = feed + 1;
    at = sourceEnd + 1;
  }
}

const escapeLengths: Readonly<Record<string, number>> = { x: 4, u: 6, U: 10 };

function placeQuoted(source: string, start: number, end: number, inner: number[], outer: number[]): void {
  const double = source[start] === '"';
  outer[0] = start + 1;
  let made = 0;
  for (let at = start + 1; at < end - 1; ) {
    const escaped = double && source[at] === '\\';
    const doubled = !double && source[at] === "'" && source[at + 1] === "'";
    const length = escaped ? (escapeLengths[source[at + 1] ?? ''] ?? 2) : doubled ? 2 : 1;
    made++;
    at += length;
    if (length > 1) {
      inner.push(made);
      outer.push(at);
    }
  }
}
