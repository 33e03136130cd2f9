/** One file of an input before decoding. */
export interface RawFile {
  /** Path inside the input, with `/`; never absolute, never with `..`. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** When it was captured, milliseconds since the epoch, as far as its container tells; null where not known. */
  readonly modifiedAt: number | null;
}

/** Something that was left out, and why. */
export interface LeftOut {
  readonly path: string;
  readonly why: string;
  /** It is another name of something that is read: nothing is missing. */
  readonly elsewhere?: true;
}

export interface RawInput {
  readonly files: readonly RawFile[];
  readonly leftOut: readonly LeftOut[];
  /** True for a single text, false for a directory or an archive. */
  readonly single?: boolean;
}
