/** The snapshot after a finding's fix, as `coldtrace --apply` would have it: what a test of a rule asks to see the finding gone. */
import { noPaint, renderDiagnostic, type Snapshot } from '@coldtrace/core';
import { applyText } from '@coldtrace/parsers';
import type { Finding } from '@coldtrace/rules';

/** Every step of the fix, each on its node; throws with what could not be carried out. */
export function afterFix(snapshot: Snapshot, finding: Pick<Finding, 'fix' | 'rule'>): Snapshot {
  const steps = finding.fix?.steps ?? [];
  if (steps.length === 0) throw new Error(`${finding.rule} proposes no steps`);
  let now = snapshot;
  for (const { node, command } of steps) {
    const { snapshot: after, problems } = applyText(now, command, {
      fileName: 'fix',
      ...(node === null ? {} : { node }),
    });
    if (problems.length > 0) {
      const said = problems.flatMap((one) => renderDiagnostic(after.files, one, { paint: noPaint, columns: 100 }));
      throw new Error(`${finding.rule}: the fix cannot be carried out\n${said.join('\n')}`);
    }
    now = after;
  }
  return now;
}
