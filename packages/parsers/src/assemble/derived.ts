/** What facts of one kind state about another: the flags of a running daemon are its configuration. */
import type { Facts, SourceFile } from '@coldtrace/core';
import { factsOfCommandLine } from '../cni/index.js';

export function derivedFacts(values: readonly Facts[], file: SourceFile): readonly Facts[] {
  const derived: Facts[] = [];
  for (const facts of values) {
    if (facts.kind !== 'processes') continue;
    for (const { command, span } of facts.rows) {
      const at = file.text.slice(span.start, span.end).indexOf(command);
      if (at >= 0) derived.push(...factsOfCommandLine(command, span.start + at, file.id));
    }
  }
  return derived;
}
