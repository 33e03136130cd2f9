/** The one way to say something about the input. Texts stand in tables of codes; code and tests use codes and data. */
import type { Span } from '../source/span.js';

/** `error`: a file or a command cannot be used; `warning`: something was not understood, or may be missing; `info`: read, but not as it stood. */
export type Severity = 'error' | 'warning' | 'info';

/** Another place that belongs to what is said, with a remark that stands below it. */
export interface RelatedSpan {
  readonly span: Span;
  readonly message: string;
}

/** What a parser or a what-if has to say about one place of the input; `renderDiagnostic` prints it. */
export interface Diagnostic {
  /** `family/what-is-wrong`, from a closed table. */
  readonly code: string;
  readonly severity: Severity;
  /** The sentence of the code's entry with the data in its places. */
  readonly message: string;
  /** What filled the places, for programs; whole, also where the message cuts a long value. */
  readonly data: Readonly<Record<string, string | number>>;
  readonly span: Span;
  readonly related: readonly RelatedSpan[];
  /** What can be done about it; null: nothing is said. */
  readonly hint: string | null;
}

/** What one code says, whenever it is reported. */
export interface CodeEntry {
  readonly severity: Severity;
  /** Sentence with `{name}` places that the data fills. */
  readonly text: string;
  readonly hint?: string;
}

/** The codes of one family by their name, without the family in front. */
export type CodeTable = Readonly<Record<string, CodeEntry>>;

type DiagnosticData = Readonly<Record<string, string | number>>;

/** Makes the diagnostics of one family, what `defineCodes` returns. It collects nothing: the caller keeps what it gets. */
export interface Reporter<Code extends string> {
  (code: Code, span: Span, data?: DiagnosticData, related?: readonly RelatedSpan[]): Diagnostic;
  readonly family: string;
  readonly table: CodeTable;
}

/** Declares the closed codes of one family and returns the function that makes its diagnostics. */
export function defineCodes<const Table extends CodeTable>(
  family: string,
  table: Table,
): Reporter<Extract<keyof Table, string>> {
  const report = (
    code: Extract<keyof Table, string>,
    at: Span,
    data: DiagnosticData = {},
    related: readonly RelatedSpan[] = [],
  ): Diagnostic => {
    const entry: CodeEntry | undefined = table[code];
    return {
      code: `${family}/${code}`,
      severity: entry?.severity ?? 'error',
      message: fill(entry?.text ?? code, data),
      data,
      span: at,
      related,
      hint: entry?.hint === undefined ? null : fill(entry.hint, data),
    };
  };
  return Object.assign(report, { family, table });
}

const longestValue = 200;

/** Puts the data into the places of a text; over-long values (hostile input) are cut. */
export function fill(text: string, data: DiagnosticData): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = data[name];
    if (value === undefined) return place;
    const shown = String(value);
    return shown.length > longestValue ? `${shown.slice(0, longestValue)}…` : shown;
  });
}
