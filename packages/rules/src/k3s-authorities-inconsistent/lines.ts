/** The decisive line of a certificate's text; of PEM the line that begins it. */
import { type Certificate, fileOf, type Snapshot, type Span } from '@coldtrace/core';

/** PEM inside a kubeconfig is one line. */
const longest = 72;

/** Values that stand below their heading. */
const below = /Identifier|Constraints|Usage/;

export function lineOf(snapshot: Pick<Snapshot, 'files'>, { span }: Pick<Certificate, 'span'>, heading: string): Span {
  const text = fileOf(snapshot, span.file)?.text.slice(span.start, span.end) ?? '';
  const at = text.search(new RegExp(`(?:^|[\\s])${heading}\\s?[:=]`, 'i'));
  if (at < 0) return firstLine(span, text);
  const start = at + (/\s/.test(text[at] ?? '') ? 1 : 0);
  const own = lineAt(text, start);
  const value = below.test(heading) ? lineAt(text, text.indexOf('\n', own.end) + 1) : own;
  const from =
    value.start + (text.slice(value.start, value.end).length - text.slice(value.start, value.end).trimStart().length);
  return {
    file: span.file,
    start: span.start + Math.max(from, value === own ? start : from),
    end: span.start + value.end,
  };
}

function firstLine(span: Span, text: string): Span {
  return { file: span.file, start: span.start, end: span.start + Math.min(lineAt(text, 0).end, longest) };
}

function lineAt(text: string, start: number): { readonly start: number; readonly end: number } {
  const feed = text.indexOf('\n', start);
  const end = feed < 0 ? text.length : feed;
  return { start, end: start + text.slice(start, end).trimEnd().length };
}
