/** Where something stands in the input: half-open UTF-16 offsets into one source file. Lines and columns exist only in print. */
export type FileId = number;

export interface Span {
  readonly file: FileId;
  /** First UTF-16 code unit. */
  readonly start: number;
  /** One past the last UTF-16 code unit. */
  readonly end: number;
}

export function span(file: FileId, start: number, end: number): Span {
  return { file, start, end };
}
