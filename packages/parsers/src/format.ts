/** The contract between a parser and everything that feeds it: how its output is recognised, and what reading it yields. */
import type { Diagnostic, Facts, Family, LineLedger, SourceFile, Span } from '@coldtrace/core';

/** A run of whole lines of one source file that one command printed (or one file that one tool wrote). */
export interface Section {
  readonly file: SourceFile;
  /** Offset of the first line. */
  readonly start: number;
  /** Offset past the last line, including its line feed. */
  readonly end: number;
  /** Command as typed, where a prompt or banner shows it. */
  readonly command: string | null;
  /** Path of the file, or the path given to `cat`; some facts stand only there (host-local reservations, /proc/sys). */
  readonly path: string;
  /** True when the text was pasted by hand: damage may be mended (with a diagnostic). False: a canonical dump, nothing is. */
  readonly freeForm: boolean;
  /** Of rules that do not say so themselves, as the caller knows it. */
  readonly family?: Family;
}

/** What came of one section. Parsers do not throw, and every line is in the ledger. */
export interface Parsed<T> {
  readonly value: T;
  readonly diagnostics: readonly Diagnostic[];
  /** One state per line of the section, in order. */
  readonly ledger: LineLedger;
}

/**
 * How one line looks to a format, judged on its own:
 * - `opens`: nothing but this output begins (or has an entry's first line) like this
 * - `continues`: fits inside the output, but says little alone
 */
export type LineVerdict = 'opens' | 'continues' | null;

/** One kind of output that is read. All its functions are pure and take any text. */
export interface Format {
  /** `iptables-save`, `ip-addr`, … the name shown by `inspect`. */
  readonly id: string;
  /** What it is, for people. */
  readonly title: string;
  /** Commands whose output it is, tested against the command as typed (without prompt, `sudo`, pipes). */
  readonly commands: readonly RegExp[];
  /** File names that suggest it, tested against the last part of a path; content decides first. */
  readonly fileNames: readonly RegExp[];
  /** Paths whose last part says nothing (`/proc/sys/net/ipv4/ip_forward`), tested against the whole path. */
  readonly paths?: readonly RegExp[];
  /** Must be cheap: it is asked for every line of unknown text. Must be linear in the line's length. */
  readonly line: (text: string) => LineVerdict;
  /** Whether a line that says nothing alone belongs to the one right above it, the output's last, which was broken there. */
  readonly goesOn?: (above: string, line: string) => boolean;
  /** Its lines may begin as entries of logs do, with date and time or as a logger's JSON; other formats are not asked whether those open them. */
  readonly entries?: true;
  /**
   * For big or bracketed formats: given the offset of a line that `opens`, the offset where the output certainly ends (a COMMIT, the closing
   * brace of a JSON text), or null when only the lines tell.
   */
  readonly extent?: (text: string, start: number) => number | null;
  /** For formats of many lines that are all alike: the offset past those, from a line that `opens` on, that open it whatever stands around them. */
  readonly run?: (text: string, start: number) => number;
  /** Whole-file formats (YAML, JSON, PEM, one-value files) that are not a matter of lines: how sure, 0..1, from text and path. */
  readonly whole?: (text: string, path: string) => number;
  /** Returns facts as far as the text goes; an error message in the place of an output is a failed capture, never an empty dump. */
  readonly parse: (section: Section) => Parsed<readonly Facts[]>;
}

export function spanOf(section: Section, start: number, end: number): Span {
  return { file: section.file.id, start, end };
}

/** The path of the machine's own file that a section shows; null where it only names the text it was pasted into. */
export function fileOfSection({ path, file, freeForm }: Pick<Section, 'path' | 'file' | 'freeForm'>): string | null {
  return freeForm && path === file.name ? null : path.replace(/\.txt$/, '');
}
