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

export type LineCounts = Readonly<Record<LineState, number>>;

export const UNRECOGNIZED = 0;
export const MODELLED = 1;
export const INERT = 2;
export const OPAQUE = 3;
export const CONDITIONAL = 4;

/** One byte per line of a file or section: an index into `lineStates`. */
export type LineLedger = Uint8Array;

export function countLines(ledger: LineLedger): LineCounts {
  const lines = [0, 0, 0, 0, 0];
  for (let at = 0; at < ledger.length; at++) {
    const state = ledger[at] ?? 0;
    lines[state] = (lines[state] ?? 0) + 1;
  }
  const [unrecognized = 0, modelled = 0, inert = 0, opaque = 0, conditional = 0] = lines;
  return { unrecognized, modelled, inert, opaque, conditional };
}

export function addCounts(left: LineCounts, right: LineCounts): LineCounts {
  return {
    unrecognized: left.unrecognized + right.unrecognized,
    modelled: left.modelled + right.modelled,
    inert: left.inert + right.inert,
    opaque: left.opaque + right.opaque,
    conditional: left.conditional + right.conditional,
  };
}
