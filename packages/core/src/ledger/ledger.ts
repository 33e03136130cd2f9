/** What became of every line of the input: each line is in exactly one of five states, and the sums equal the line count. */

/** Order matters: the value is the byte kept per line, and 0 is what nobody has claimed. */
export const lineStates = ['unrecognized', 'modelled', 'inert', 'opaque', 'conditional'] as const;

/**
 * - `modelled`: read into the model completely
 * - `inert`: understood and without bearing on any verdict (headings, blank lines, prompts, statistics)
 * - `opaque`: kept verbatim, meaning not known; verdicts that it could change are open
 * - `conditional`: read, but the output hides part of what is there (`iptables -L` without `-v`)
 * - `unrecognized`: not understood
 */
export type LineState = (typeof lineStates)[number];

/** Lines in each state; they sum to the lines of what was counted. */
export type LineCounts = Readonly<Record<LineState, number>>;

/** Ledger byte of a line that nobody has claimed: what a fresh ledger is full of. */
export const UNRECOGNIZED = 0;
/** Ledger byte of a line that is in the model completely. */
export const MODELLED = 1;
/** Ledger byte of a line without bearing on any verdict. */
export const INERT = 2;
/** Ledger byte of a line that is kept word by word. */
export const OPAQUE = 3;
/** Ledger byte of a line that shows only part of what is there. */
export const CONDITIONAL = 4;

/** One byte per line of a file or section: an index into `lineStates`. */
export type LineLedger = Uint8Array;

/** How many lines of a ledger are in each state. */
export function countLines(ledger: LineLedger): LineCounts {
  const lines = [0, 0, 0, 0, 0];
  for (let at = 0; at < ledger.length; at++) {
    const state = ledger[at] ?? 0;
    lines[state] = (lines[state] ?? 0) + 1;
  }
  const [unrecognized = 0, modelled = 0, inert = 0, opaque = 0, conditional = 0] = lines;
  return { unrecognized, modelled, inert, opaque, conditional };
}

/** The sums, state by state, of two stretches or files. */
export function addCounts(left: LineCounts, right: LineCounts): LineCounts {
  return {
    unrecognized: left.unrecognized + right.unrecognized,
    modelled: left.modelled + right.modelled,
    inert: left.inert + right.inert,
    opaque: left.opaque + right.opaque,
    conditional: left.conditional + right.conditional,
  };
}
