/** Text that was copied from a terminal which broke long lines at its last column. */
import { type LineLedger, OPAQUE, UNRECOGNIZED } from '@coldtrace/core';
import type { Section } from '../format.js';
import { linesOf } from './lines.js';

/** Narrower terminals are rare, and so short lines of one length are chance. */
const narrowest = 60;

/**
 * No line is longer than the widest, and each line that was not understood stands at a break: it is as long as the widest, or right below such a line, or
 * below what such a line began.
 */
export function isFolded(section: Section, ledger: LineLedger): boolean {
  const lines = linesOf(section);
  const widths = lines.map(({ text }) => text.length);
  const width = widths.reduce((most, one) => Math.max(most, one), 0);
  if (width < narrowest || width > 400) return false;
  let open = 0;
  for (const [at, state] of ledger.entries()) {
    if (state !== UNRECOGNIZED && state !== OPAQUE) continue;
    if (widths[at] !== width && widths[at - 1] !== width) return false;
    open++;
  }
  return open > 0;
}
