/** A finding as people meet it: the answer, the lines that prove it, the packet's way, the remedy. */
import { codeFrame, type Evidence, locate, printable, type Snapshot, textWidth, wrap } from '@coldtrace/core';
import type { Finding, Fix, FixStep } from '@coldtrace/rules';
import type { Terminal } from '../terminal.js';
import { bullets } from './bullets.js';
import { commandLines, hasHereDocument, isCommand } from './commands.js';
import { stepLines } from './steps.js';

export function findingLines(snapshot: Snapshot, finding: Finding, terminal: Terminal): readonly string[] {
  const { paint, columns } = terminal;
  const tint = { error: paint.red, warning: paint.yellow, info: paint.blue }[finding.severity];
  const where = finding.node === null ? 'cluster' : finding.node;
  const lines = [
    tint(paint.bold(`${finding.severity}[${finding.rule}]`)) + paint.dim(`  ${printable(where)}  ${finding.certainty}`),
    ...wrap(printable(finding.message), columns - 2).map((line) => `  ${paint.bold(line)}`),
    '',
    ...withoutRepeats(finding.evidence).flatMap((row) => evidenceLines(snapshot, row, terminal)),
  ];
  if (finding.path.length > 0)
    lines.push('', paint.bold('The packet’s way'), ...stepLines(snapshot, finding.path, terminal));
  if (finding.assumptions.length > 0)
    lines.push('', paint.bold(`Why ${finding.certainty} and not proven`), ...bullets(finding.assumptions, columns));
  if (finding.symptoms.length > 0)
    lines.push('', paint.bold('Explains'), ...bullets(symptomTexts(finding.symptoms), columns));
  if (finding.fix !== null) lines.push('', ...fixLines(finding.fix, terminal));
  return lines;
}

/** One line may prove two things; what it proves twice is shown once. */
function withoutRepeats(evidence: readonly Evidence[]): readonly Evidence[] {
  const seen = new Set<string>();
  return evidence.filter(({ span: { file, start, end }, why }) => {
    const key = `${file} ${start} ${end} ${why}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** Symptoms that say the same of several nodes or subjects count once. */
function symptomTexts(symptoms: readonly Finding[]): readonly string[] {
  const shown = symptoms
    .slice(0, mostSymptoms)
    .map(({ message, node }) => (node === null ? message : `${node}: ${message}`));
  return symptoms.length > mostSymptoms ? [...shown, `${symptoms.length - mostSymptoms} more`] : shown;
}

const mostSymptoms = 5;

function evidenceLines(snapshot: Snapshot, { span, why }: Evidence, { paint, columns }: Terminal): readonly string[] {
  const file = snapshot.files[span.file];
  if (file === undefined) return [];
  return [`  ${paint.blue('-->')} ${locate(file, span)}`, ...codeFrame(file, span, printable(why), { columns, paint })];
}

function fixLines(fix: Fix, terminal: Terminal): readonly string[] {
  const { paint, columns } = terminal;
  const verified = {
    true: 'verified by simulation',
    false: 'simulated: it does not mend it, or breaks something else',
    null: 'not verified: a daemon or something uncaptured decides',
  }[String(fix.verified) as 'true' | 'false' | 'null'];
  return [
    `${paint.bold('Fix')} ${paint.dim(`(${verified})`)}`,
    ...(fix.after === undefined ? [] : wrap(othersFirst(fix), columns - 2).map((line) => `  ${line}`)),
    ...fix.steps.flatMap((step, index) => fixStepLines(step, index, terminal)),
    ...(fix.persist === ''
      ? []
      : wrap(`To make it last: ${printable(fix.persist)}`, columns - 2).map((line) => `  ${line}`)),
    ...(fix.notes === '' ? [] : wrap(`Note: ${printable(fix.notes)}`, columns - 2).map((line) => `  ${line}`)),
  ];
}

/** With two faults at once the order of the fixes may count. */
function othersFirst({ after = [] }: Fix): string {
  const those = after.map(({ rule, node }) => printable(node === null ? rule : `${rule} on ${node}`)).join(', ');
  return `First carry out the fix of ${those}: alone, this one does not help yet, or breaks what works now.`;
}

function fixStepLines(step: FixStep, index: number, { paint, columns }: Terminal): readonly string[] {
  const number = `  ${index + 1}. `;
  const where = step.node === null ? '' : `on ${printable(step.node)}: `;
  return [
    ...fixCommandLines(step.command, number, where, columns).map(
      ([head, line]) => head + (line === '' ? '' : paint.green(line)),
    ),
    ...wrap(`disrupts: ${printable(step.disrupts)}`, columns - 5).map((line) => `     ${paint.dim(line)}`),
    ...undoLines(step.undo, columns - 5).map((line) => `     ${paint.dim(line)}`),
  ];
}

/** A here-document ends at a word that begins its line, so that command stands at the edge of the screen. */
function fixCommandLines(
  command: string,
  number: string,
  where: string,
  columns: number,
): readonly (readonly [head: string, line: string])[] {
  if (hasHereDocument(command))
    return [
      [`${number}${where === '' ? 'run:' : where.trimEnd()}`, ''],
      ...commandLines(command, columns).map((line) => ['', line] as const),
    ];
  const head = `${number}${where}`;
  const [first = '', ...rest] = commandLines(command, columns - 5, columns - textWidth(head));
  return [[head, first], ...rest.map((line) => ['     ', line] as const)];
}

function undoLines(undo: string, room: number): readonly string[] {
  if (!isCommand(undo)) return wrap(`undo: ${printable(undo)}`, room);
  const [first = '', ...rest] = commandLines(undo, room, room - 6);
  return [`undo: ${first}`, ...rest];
}
