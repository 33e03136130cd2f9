/** One file of the input as text, after decoding; every offset of the model points into `text`. */
import type { FileId } from './span.js';

/** A file that could be read as text. It never changes. */
export interface SourceFile {
  readonly id: FileId;
  /** Path inside the input, as shown to the user. */
  readonly name: string;
  /** Decoded text: no byte order mark, no carriage return before a line feed, no terminal escape sequences. */
  readonly text: string;
  /**
   * What decoding took out within lines, as pairs [offset in `text`, code points removed so far in the file], ascending.
   * Absent when nothing was removed. Columns are printed as the user's editor counts them, so they need it back.
   */
  readonly removed?: Int32Array;
  /** Offsets in `text` at which a line of the user's file begins within a line: what a window or mail program broke was put together. Ascending. */
  readonly broken?: Int32Array;
  /** Offsets of line feeds in `text` that are blanks in the user's file: what a wiki or chat ran together was parted. Ascending. */
  readonly parted?: Int32Array;
  /** Time the file was written, milliseconds since the epoch, where the archive or directory tells. */
  readonly modifiedAt?: number;
}
