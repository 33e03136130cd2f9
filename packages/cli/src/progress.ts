/** What the command is doing, in one line of stderr that is rewritten and gone at the end; only where stderr is a terminal. */

export interface Progress {
  /** Replaces the line; null takes it away. */
  readonly show: (text: string | null) => void;
}

interface ProgressOutput {
  write(text: string): unknown;
  readonly columns?: number;
  readonly isTTY?: boolean;
}

/** Back to the first column, and erase to the end of the line (ECMA-48 CR, EL). */
const ERASE = '\r\u001b[K';

const silent: Progress = { show: () => {} };

export function progressOn(output: ProgressOutput, term: string | undefined, quiet: boolean): Progress {
  if (quiet || output.isTTY !== true || term === 'dumb') return silent;
  let shown = false;
  return {
    show: (text) => {
      if (text !== null) output.write(`${ERASE}${text.slice(0, (output.columns ?? 80) - 1)}`);
      else if (shown) output.write(ERASE);
      shown = text !== null;
    },
  };
}
