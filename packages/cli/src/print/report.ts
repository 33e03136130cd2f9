/** The screen of `analyze`: one line that says it all, the findings, what could not be told and how to find out. */
import { addCounts, countLines, type LineCounts, printable, type Snapshot, wrap } from '@coldtrace/core';
import type { NotEvaluated, Report, Shown, Suppression } from '@coldtrace/rules';
import type { Terminal } from '../terminal.js';
import { bullets } from './bullets.js';
import { findingLines } from './finding.js';

export interface ReportView {
  readonly snapshot: Snapshot;
  readonly report: Report;
  /** What a configuration or a baseline hides. */
  readonly shown: Shown;
  /** Rules known, for "of how many". */
  readonly ruleCount: number;
  readonly maxFindings: number;
  readonly inputs: readonly string[];
}

export function reportLines(view: ReportView, terminal: Terminal): readonly string[] {
  const { report, snapshot, maxFindings } = view;
  const shown = report.findings.slice(0, maxFindings);
  const hidden = report.findings.length - shown.length;
  return [
    headline(view, terminal),
    '',
    ...shown.flatMap((finding) => [...findingLines(snapshot, finding, terminal), '']),
    ...(hidden > 0
      ? [
          `${hidden} more finding${hidden === 1 ? '' : 's'} not shown; --max-findings ${report.findings.length} shows all`,
          '',
        ]
      : []),
    ...readLines(view, terminal),
    ...checkedLines(view, terminal),
    ...untoldLines(view, terminal),
    ...hiddenLines(view, terminal),
    ...nextLines(view, terminal),
  ];
}

function headline({ report, ruleCount, shown }: ReportView, { paint }: Terminal): string {
  const { findings } = report;
  const count = findings.length === 0 ? 'no findings' : `${findings.length} finding${findings.length === 1 ? '' : 's'}`;
  const tint = findings.some((finding) => finding.severity === 'error')
    ? paint.red
    : findings.length > 0
      ? paint.yellow
      : paint.green;
  const evaluated = report.evaluated.length;
  return `${tint(paint.bold(count))}; ${evaluated} of ${ruleCount} rule${ruleCount === 1 ? '' : 's'} evaluated, ${ruleCount - evaluated} not${shown.hidden.length === 0 ? '' : `; ${shown.hidden.length} hidden`}`;
}

/** What was read: nodes, files, time of capture, lines that were not understood. */
function readLines({ snapshot }: ReportView, { paint, columns }: Terminal): readonly string[] {
  const counts = snapshot.read.reduce<LineCounts>(
    (sum, file) => addCounts(sum, file.counts),
    countLines(new Uint8Array(0)),
  );
  const nodes = snapshot.nodes.map((node) => printable(node.name)).join(', ');
  const lines = counts.modelled + counts.inert + counts.opaque + counts.conditional + counts.unrecognized;
  const open = [
    [counts.opaque, 'kept without being understood'],
    [counts.conditional, 'that hide something'],
    [counts.unrecognized, 'not recognised'],
  ] as const;
  const gaps = open.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  const text = `${snapshot.nodes.length} node${snapshot.nodes.length === 1 ? '' : 's'} (${nodes}), ${snapshot.read.length} file${snapshot.read.length === 1 ? '' : 's'}, ${lines} lines${gaps.length === 0 ? ', all understood' : `; ${gaps.join(', ')}`}${timeText(snapshot)}`;
  return [paint.bold('Read'), ...wrap(text, columns - 2).map((line) => `  ${line}`)];
}

function timeText(snapshot: Snapshot): string {
  const times = snapshot.read.flatMap((file) => file.sections.flatMap((section) => section.takenAt ?? []));
  if (times.length === 0) return '; time of capture unknown';
  const first = new Date(Math.min(...times)).toISOString().slice(0, 19).replace('T', ' ');
  const last = new Date(Math.max(...times)).toISOString().slice(0, 19).replace('T', ' ');
  return first === last ? `; captured ${first} UTC` : `; captured ${first} to ${last} UTC`;
}

/** Rules that could say yes or no. */
function checkedLines({ report }: ReportView, { paint, columns }: Terminal): readonly string[] {
  if (report.evaluated.length === 0) return [];
  return [paint.bold('Checked'), ...wrap(report.evaluated.join(', '), columns - 2).map((line) => `  ${line}`)];
}

function untoldLines({ report }: ReportView, { paint, columns }: Terminal): readonly string[] {
  if (report.notEvaluated.length === 0) return [];
  const rows = report.notEvaluated.flatMap((row) =>
    wrap(`${untold(row)}`, columns - 4).map((line, index) => `${index === 0 ? '  - ' : '    '}${line}`),
  );
  return [paint.bold('Could not tell'), ...rows];
}

function untold({ rule, node, needs, collect, because }: NotEvaluated): string {
  const where = node === null ? '' : ` on ${printable(node)}`;
  const why = because === null ? `needs ${needs.join(', ')}` : printable(because);
  return `${rule}${where}: ${why}${collect === '' ? '' : `; run: ${collect}`}`;
}

/** Findings that somebody accepted, and entries that ran out or hide nothing. */
function hiddenLines({ shown }: ReportView, { paint, columns }: Terminal): readonly string[] {
  const known = shown.hidden.filter(({ suppression }) => suppression === null).length;
  const accepted = new Map<Suppression, number>();
  for (const { suppression } of shown.hidden)
    if (suppression !== null) accepted.set(suppression, (accepted.get(suppression) ?? 0) + 1);
  const texts = [
    ...(known === 0 ? [] : [`${known} in the baseline`]),
    ...[...accepted].map(([entry, count]) => `${count} of ${entry.rule}: ${entry.reason} (${entry.place})`),
    ...shown.expired.map((entry) => `the entry for ${entry.rule} at ${entry.place} has run out`),
    ...shown.unused.map((entry) => `the entry for ${entry.rule} at ${entry.place} hides nothing`),
  ];
  return texts.length === 0 ? [] : [paint.bold('Hidden'), ...bullets(texts, columns)];
}

function nextLines({ report, inputs }: ReportView, { paint }: Terminal): readonly string[] {
  const input = inputs.map(printable).join(' ');
  const [first] = report.findings;
  const next =
    first === undefined
      ? `coldtrace inspect ${input}      what was read, line by line`
      : `coldtrace explain ${first.rule}`;
  return [paint.bold('Next'), `  ${next}`];
}
