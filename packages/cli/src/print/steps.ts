/** A packet's way as people read it: one line a step, grouped by node and stage, the decisive ones with their place. */
import { locate, printable, type Snapshot, type Step, wrap } from '@coldtrace/core';
import type { Terminal } from '../terminal.js';

/** Steps that say nothing happened are left out of the picture; `--json` has them all. */
function matters(step: Step): boolean {
  return (
    !step.what.includes('not apply') &&
    !/^(end of the chain|RETURN): policy of \S+ is ACCEPT$/.test(step.what) &&
    !step.what.startsWith('RETURN by rule')
  );
}

export function stepLines(snapshot: Snapshot, steps: readonly Step[], terminal: Terminal): readonly string[] {
  const { paint, columns } = terminal;
  const lines: string[] = [];
  let node = '';
  let stage = '';
  for (const step of steps.filter(matters)) {
    if (step.node !== node) {
      node = step.node;
      stage = '';
      lines.push(`  ${paint.bold(printable(node))}`);
    }
    const name = step.stage === stage ? '' : step.stage;
    stage = step.stage;
    const [first = '', ...rest] = wrap(printable(step.what), columns - 26);
    lines.push(`    ${paint.blue(name.padEnd(19))} ${first}`);
    for (const more of rest) lines.push(`${' '.repeat(24)}${more}`);
    const place = placeOf(snapshot, step);
    if (place !== null) lines.push(`${' '.repeat(24)}${paint.dim(place)}`);
  }
  return lines;
}

function placeOf(snapshot: Snapshot, step: Step): string | null {
  const last = step.evidence.at(-1);
  const file = last === undefined ? undefined : snapshot.files[last.span.file];
  return file === undefined || last === undefined ? null : locate(file, last.span);
}
