/** The decisive words within a longer piece of evidence, so that carets stand under them. */
import type { Snapshot, Span } from '@coldtrace/core';

/** Where the text stands within the span; the whole span when it is not found word for word. */
export function partOf(snapshot: Pick<Snapshot, 'files'>, span: Span, text: string): Span {
  const source = snapshot.files[span.file]?.text ?? '';
  const at = source.indexOf(text, span.start);
  return at < 0 || at + text.length > span.end ? span : { file: span.file, start: at, end: at + text.length };
}
