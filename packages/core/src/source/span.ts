/** Where something stands in the input: half-open UTF-16 offsets into one source file. Lines and columns exist only in print. */
export type FileId = number;

/** A stretch of one file; empty where `start` is `end`. */
export interface Span {
  readonly file: FileId;
  /** First UTF-16 code unit. */
  readonly start: number;
  /** One past the last UTF-16 code unit. */
  readonly end: number;
}

/** The stretch between two offsets, which nobody checks. */
export function span(file: FileId, start: number, end: number): Span {
  return { file, start, end };
}
