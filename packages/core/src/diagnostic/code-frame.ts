/** A line of the input with carets under what is meant. One renderer for diagnostics and evidence. */
import { lineAt, lineIndex, lineNumberAt, lineText, positionAt } from '../source/line-index.js';
import type { SourceFile } from '../source/source-file.js';
import type { Span } from '../source/span.js';
import type { Diagnostic } from './diagnostic.js';
import { printable } from './printable.js';
import { charWidth, textWidth, wrap } from './width.js';

/** Terminal styles; the identity functions where colour is off. */
export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly blue: (text: string) => string;
  readonly green: (text: string) => string;
}

const same = (text: string) => text;
/** No colour: every text stays as it is, for `NO_COLOR`, files and pipes. */
export const noPaint: Paint = { bold: same, dim: same, red: same, yellow: same, blue: same, green: same };

/** How wide a frame may be, in terminal columns (at least 20 are used for the text), and in which colours. */
export interface FrameOptions {
  readonly columns: number;
  readonly paint: Paint;
}

/** `file:line:column` of a span. */
export function locate(file: SourceFile, span: Span): string {
  const { line, column } = positionAt(file, span.start);
  return `${printable(file.name)}:${line}:${column}`;
}

/** The source line of a span, cut to the columns around it, carets below, and a remark behind them. */
export function codeFrame(
  file: SourceFile,
  span: Span,
  remark: string,
  { columns, paint }: FrameOptions,
): readonly string[] {
  const starts = lineIndex(file);
  const line = lineAt(starts, span.start);
  const text = lineText(file, line);
  const number = String(lineNumberAt(file, span.start));
  const gutter = Math.max(number.length, 4);
  const start = starts[line] ?? 0;
  const last = lineAt(starts, Math.max(span.start, span.end - 1));
  const several = last > line;
  const from = Math.max(span.start - start, 0);
  const to = several ? text.length : Math.min(Math.max(span.end - start, from + 1), text.length);
  const view = cut(text, from, to, Math.max(columns - gutter - 4, 20));
  const rail = paint.blue('|');
  const lines = [`${paint.blue(number.padStart(gutter))} ${rail} ${view.shown}`];
  const marks = `${' '.repeat(view.before)}${paint.red('^'.repeat(Math.max(view.under, 1)))}`;
  const more = several ? ` (to line ${lineNumberAt(file, Math.max(span.start, span.end - 1))})` : '';
  const said = `${remark}${more}`;
  const room = columns - gutter - 3;
  const beside = said !== '' && view.before + view.under + 1 + textWidth(said) <= room;
  const below = beside ? [`${marks} ${said}`] : [marks, ...wrap(said, Math.max(room, 20))];
  return [...lines, ...below.map((text) => `${' '.repeat(gutter)} ${rail} ${text}`)];
}

interface View {
  readonly shown: string;
  /** Columns before the carets, and under them. */
  readonly before: number;
  readonly under: number;
}

/** The part of a line that fits, with the marked part in it. */
function cut(text: string, from: number, to: number, columns: number): View {
  const lead = printable(text.slice(Math.max(0, from - 400), from));
  const marked = printable(text.slice(from, Math.min(to, from + 2000)));
  const rest = printable(text.slice(Math.min(to, from + 2000), to + 400));
  if (textWidth(lead) + textWidth(marked) + textWidth(rest) <= columns && from <= 400) {
    return { shown: lead + marked + rest, before: textWidth(lead), under: textWidth(marked) };
  }
  const whole = textWidth(lead) + Math.min(textWidth(marked), columns / 2) <= columns - 2 && from <= 400;
  const before = whole ? lead : `…${tail(lead, Math.floor(columns / 4))}`;
  const room = columns - textWidth(before) - 1;
  const under = head(marked, room);
  const after = head(rest, room - textWidth(under));
  const clipped = under.length < marked.length || after.length < rest.length || text.length > to + 400;
  return {
    shown: `${before}${under}${after}${clipped ? '…' : ''}`,
    before: textWidth(before),
    under: textWidth(under),
  };
}

function head(text: string, columns: number): string {
  let width = 0;
  let taken = '';
  for (const char of text) {
    width += charWidth(char.codePointAt(0) ?? 0);
    if (width > columns) break;
    taken += char;
  }
  return taken;
}

function tail(text: string, columns: number): string {
  return [...head([...text].reverse().join(''), columns)].reverse().join('');
}

/** A diagnostic as people read it: place, severity, code, message, the line, related places, a hint. */
export function renderDiagnostic(
  files: readonly SourceFile[],
  diagnostic: Diagnostic,
  options: FrameOptions,
): readonly string[] {
  const { paint } = options;
  const file = files[diagnostic.span.file];
  const tint = { error: paint.red, warning: paint.yellow, info: paint.blue }[diagnostic.severity];
  const title = `${tint(`${diagnostic.severity}[${diagnostic.code}]`)}${paint.bold(`: ${printable(diagnostic.message)}`)}`;
  if (file === undefined) return [title];
  const lines = [
    title,
    `${paint.blue('  -->')} ${locate(file, diagnostic.span)}`,
    ...codeFrame(file, diagnostic.span, '', options),
  ];
  for (const { span, message } of diagnostic.related) {
    const other = files[span.file];
    if (other === undefined) continue;
    lines.push(`${paint.blue('  -->')} ${locate(other, span)}`, ...codeFrame(other, span, printable(message), options));
  }
  if (diagnostic.hint !== null) {
    const [first, ...more] = wrap(`hint: ${printable(diagnostic.hint)}`, Math.max(options.columns - 7, 20));
    lines.push(`     ${paint.blue('=')} ${first}`, ...more.map((text) => `       ${text}`));
  }
  return lines;
}
