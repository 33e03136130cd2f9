/** A comparison as people read it: what is gone, what is new, and each connection that ends differently with its lines. */
import { type Evidence, formatProto, lineTextAt, locate, printable, type Snapshot, wrap } from '@coldtrace/core';
import type { ChangedConnection, Comparison, Finding, Told } from '@coldtrace/rules';
import type { Terminal } from '../terminal.js';

/** Lines shown of each connection and side. */
const mostLines = 4;

export function diffLines(
  before: Snapshot,
  after: Snapshot,
  comparison: Comparison,
  most: number,
  terminal: Terminal,
): readonly string[] {
  const { gone, added, connections, compared } = comparison;
  const { paint } = terminal;
  const title = `${count(gone.length, 'finding')} gone, ${added.length} new; ${connections.length} of ${count(compared, 'connection')} ${connections.length === 1 ? 'ends' : 'end'} differently`;
  const lines = [paint.bold(title)];
  if (gone.length > 0)
    lines.push(
      '',
      paint.bold('Gone'),
      ...gone.slice(0, most).flatMap((one) => findingLines(before, one, '-', terminal)),
    );
  if (added.length > 0)
    lines.push(
      '',
      paint.bold('New'),
      ...added.slice(0, most).flatMap((one) => findingLines(after, one, '+', terminal)),
    );
  if (connections.length > 0) lines.push('', paint.bold('Connections'));
  for (const one of connections.slice(0, most)) lines.push(...connectionLines(before, after, one, terminal));
  const more = connections.length - most;
  if (more > 0) lines.push(`  … ${more} more (--json lists them all)`);
  return lines;
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}

function findingLines(
  snapshot: Snapshot,
  finding: Finding,
  sign: '+' | '-',
  { paint, columns }: Terminal,
): readonly string[] {
  const tint = sign === '+' ? paint.red : paint.green;
  const head = `${finding.severity}[${finding.rule}]  ${printable(finding.node ?? 'cluster')}`;
  const [place] = finding.evidence;
  const file = place === undefined ? undefined : snapshot.files[place.span.file];
  return [
    `  ${tint(`${sign} ${head}`)}`,
    ...wrap(printable(finding.message), columns - 4).map((line) => `    ${line}`),
    ...(file === undefined || place === undefined ? [] : [`    ${paint.blue('-->')} ${locate(file, place.span)}`]),
  ];
}

function connectionLines(
  before: Snapshot,
  after: Snapshot,
  one: ChangedConnection,
  terminal: Terminal,
): readonly string[] {
  const { paint, columns } = terminal;
  const name = `${printable(one.from)} → ${printable(one.to)} (${formatProto(one.proto)})`;
  return [
    ...wrap(name, columns - 2).map((line) => `  ${paint.bold(line)}`),
    ...wrap(`${toldText(one.before)} → ${toldText(one.after)}`, columns - 4).map((line) => `    ${line}`),
    ...one.linesGone.slice(0, mostLines).flatMap((row) => cited(before, row, paint.red('-'), terminal)),
    ...one.linesNew.slice(0, mostLines).flatMap((row) => cited(after, row, paint.green('+'), terminal)),
  ];
}

function toldText(told: Told | null): string {
  return told === null ? 'not there' : `${told.verdict} (${told.dispositions.join('; ')})`;
}

function cited(snapshot: Snapshot, { span }: Evidence, sign: string, { columns, paint }: Terminal): readonly string[] {
  const file = snapshot.files[span.file];
  if (file === undefined) return [];
  const text = printable(lineTextAt(file, span.start).trim());
  const shown = text.length > columns - 8 ? `${text.slice(0, columns - 9)}…` : text;
  return [`    ${sign} ${shown}`, `      ${paint.dim(locate(file, span))}`];
}
