/** Bounds that keep a hostile archive or directory from filling memory. Generous for real bundles, and said in the error that they raise. */
export interface Limits {
  /** Files read from one input. */
  readonly files: number;
  /** Bytes of one file after decompression. */
  readonly fileBytes: number;
  /** Bytes of all files of one input after decompression. */
  readonly totalBytes: number;
  /** Decompressed bytes per compressed byte, beyond the first 10 MiB. */
  readonly ratio: number;
  /** Directory levels below the input. */
  readonly depth: number;
}

const mebibyte = 1024 * 1024;

/** What counts unless `ReadOptions.limits` says otherwise. */
export const defaultLimits: Limits = {
  files: 100_000,
  fileBytes: 500 * mebibyte,
  totalBytes: 2048 * mebibyte,
  ratio: 200,
  depth: 32,
};

export function megabytes(bytes: number): string {
  return bytes < mebibyte ? `${bytes} bytes` : `${Math.round(bytes / mebibyte)} MiB`;
}
