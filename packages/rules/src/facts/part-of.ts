/** The decisive words within a longer piece of evidence, so that carets stand under them. */
import type { Snapshot, Span } from '@coldtrace/core';

/** Where the text stands within the span; the whole span when it is not found word for word. */
export function partOf(snapshot: Pick<Snapshot, 'files'>, span: Span, text: string): Span {
  const source = snapshot.files[span.file]?.text ?? '';
  const at = source.indexOf(text, span.start);
  return at < 0 || at + text.length > span.end ? span : { file: span.file, start: at, end: at + text.length };
}

/** What stands between a key and its value in YAML, JSON, or an option's text. */
const betweenKeyAndValue = /^["']?\s*[:=]\s*["']?$/;

/** The value that follows a key within the span, however the object is written; the whole span when it is not found. */
function fieldValue(snapshot: Pick<Snapshot, 'files'>, span: Span, key: string, value: string): Span {
  const text = snapshot.files[span.file]?.text ?? '';
  for (let at = text.indexOf(key, span.start); at >= 0 && at < span.end; at = text.indexOf(key, at + 1)) {
    const after = at + key.length;
    const start = text.indexOf(value, after);
    const end = start + value.length;
    if (start < 0 || end > span.end) return span;
    if (betweenKeyAndValue.test(text.slice(after, start))) return { file: span.file, start, end };
  }
  return span;
}

/** An object that more than one output may tell of. */
interface Told {
  readonly span: Span;
  readonly also?: readonly Span[];
}

/** `partOf` in whichever output of the object holds the text. */
export function partOfObject(snapshot: Pick<Snapshot, 'files'>, object: Told, text: string): Span {
  return firstFound(object, (span) => partOf(snapshot, span, text));
}

/** `fieldValue` in whichever output of the object holds the key; where a value was printed alone, the value. */
export function fieldOfObject(snapshot: Pick<Snapshot, 'files'>, object: Told, key: string, value: string): Span {
  const found = firstFound(object, (span) => fieldValue(snapshot, span, key, value));
  return found === object.span ? partOfObject(snapshot, object, value) : found;
}

function firstFound({ span, also = [] }: Told, find: (span: Span) => Span): Span {
  for (const one of [span, ...also]) {
    const found = find(one);
    if (found !== one) return found;
  }
  return span;
}
