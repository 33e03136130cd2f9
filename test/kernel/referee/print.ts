/** A disagreement as people read it: the probe, both answers where they differ, and the rules that either side counted. */
import type { Case } from './case.js';
import { fieldsOf } from './compare.js';
import type { Judged } from './referee.js';

/** What tells one kind of disagreement from another, roughly. */
export function signatureOf(one: Case, { probe, judgement, kernel }: Judged): string {
  const fields = judgement.kind === 'wrong' ? judgement.fields : [];
  return [one.family, probe.kind, kernel.outcome, fields.slice(0, 3)].join(' ');
}

export function printWrong(one: Case, { probe, kernel, ours, judgement }: Judged): string {
  const fields = judgement.kind === 'wrong' ? judgement.fields : [];
  const theirs = fieldsOf({ ...kernel });
  const mine = fieldsOf({ ...ours });
  const lines = fields.map(
    (name) =>
      `  ${name}: kernel ${theirs.get(name) ?? '-'}\n  ${' '.repeat(name.length)}  ours   ${mine.get(name) ?? '-'}`,
  );
  return [
    `${one.name} ${JSON.stringify(probe)}`,
    ...lines,
    ...('branches' in ours || 'either' in ours || 'error' in ours ? [`  ${JSON.stringify(ours)}`] : []),
  ].join('\n');
}

/** The commands that remain of a case. */
export function printSetup({ setup, family }: Case): string {
  return setup
    .map(
      ({ tool, table, text }) =>
        `  ${tool}${table === undefined ? '' : ` -t ${table}`}${family === 6 ? ' (6)' : ''} ${text}`,
    )
    .join('\n');
}
