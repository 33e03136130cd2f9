/** The screen of `analyze`: one line that says it all, the findings, what could not be told and how to find out. */
import { addCounts, countLines, type LineCounts, printable, type Snapshot, wrap } from '@coldtrace/core';
import type { Finding, NotEvaluated, Report, Shown, Suppression } from '@coldtrace/rules';
import type { Terminal } from '../terminal.js';
import { bullets } from './bullets.js';
import { commandLines } from './commands.js';
import { findingLines } from './finding.js';

export interface ReportView {
  readonly snapshot: Snapshot;
  readonly report: Report;
  /** What a configuration or a baseline hides. */
  readonly shown: Shown;
  /** Ids of the rules that were run. */
  readonly known: readonly string[];
  /** Of these the ones that `explain` has a document of. */
  readonly documented: readonly string[];
  readonly maxFindings: number;
  readonly inputs: readonly string[];
}

export function reportLines(view: ReportView, terminal: Terminal): readonly string[] {
  const { report, snapshot, maxFindings } = view;
  const shown = report.findings.slice(0, maxFindings);
  return [
    headline(view, terminal),
    '',
    ...shown.flatMap((finding) => [...findingLines(snapshot, finding, terminal), '']),
    ...moreLines(report.findings, maxFindings, terminal),
    ...readLines(view, terminal),
    ...checkedLines(view, terminal),
    ...untoldLines(view, terminal),
    ...hiddenLines(view, terminal),
    ...nextLines(view, terminal),
  ];
}

/** What is not shown in full, in a line for each rule: causes stand before symptoms, and neither is lost. */
function moreLines(findings: readonly Finding[], most: number, { columns }: Terminal): readonly string[] {
  const rest = findings.slice(most);
  if (rest.length === 0) return [];
  const byRule = new Map<string, { readonly nodes: Set<string>; count: number }>();
  for (const { severity, rule, node } of rest) {
    const title = `${severity}[${rule}]`;
    const row = byRule.get(title) ?? { nodes: new Set(), count: 0 };
    byRule.set(title, row);
    row.nodes.add(node ?? 'cluster');
    row.count++;
  }
  const rows = [...byRule].map(
    ([title, { nodes, count }]) => `${title}${count === 1 ? '' : ` × ${count}`}: ${someNames([...nodes])}`,
  );
  const title = `${count(rest.length, most > 0 ? 'more finding' : 'finding')} not shown; --max-findings ${findings.length} shows all`;
  return [title, ...bullets(rows, columns), ''];
}

function headline({ report, known, shown }: ReportView, { paint }: Terminal): string {
  const ruleCount = known.length;
  const { findings } = report;
  const count = findings.length === 0 ? 'no findings' : `${findings.length} finding${findings.length === 1 ? '' : 's'}`;
  const evaluated = report.evaluated.length;
  // Where nothing could be evaluated, no findings are no good news.
  const tint = findings.some((finding) => finding.severity === 'error')
    ? paint.red
    : findings.length > 0 || evaluated === 0
      ? paint.yellow
      : paint.green;
  return `${tint(paint.bold(count))}; ${evaluated} of ${ruleCount} rule${ruleCount === 1 ? '' : 's'} evaluated, ${ruleCount - evaluated} not${shown.hidden.length === 0 ? '' : `; ${shown.hidden.length} hidden`}`;
}

/** What was read: nodes, files, time of capture, lines that were not understood. */
function readLines({ snapshot }: ReportView, { paint, columns }: Terminal): readonly string[] {
  const counts = snapshot.read.reduce<LineCounts>(
    (sum, file) => addCounts(sum, file.counts),
    countLines(new Uint8Array(0)),
  );
  const { length } = snapshot.nodes;
  const nodes =
    length === 0 ? 'no nodes' : `${count(length, 'node')} (${someNames(snapshot.nodes.map((node) => node.name))})`;
  const lines = counts.modelled + counts.inert + counts.opaque + counts.conditional + counts.unrecognized;
  const open = [
    [counts.opaque, 'kept without being understood'],
    [counts.conditional, 'that hide something'],
    [counts.unrecognized, 'not recognised'],
  ] as const;
  const gaps = open.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  const text = `${nodes}, ${count(snapshot.read.length, 'file')}, ${count(lines, 'line')}${gaps.length === 0 ? ', all understood' : `; ${gaps.join(', ')}`}${timeText(snapshot)}`;
  return [
    paint.bold('Read'),
    ...[text, ...notJudged(snapshot)].flatMap((one) => wrap(one, columns - 2)).map((line) => `  ${line}`),
  ];
}

const mostNotes = 4;

/** Dumps that do not count because others do: what they show is not in the answer. */
function notJudged({ diagnostics }: Snapshot): readonly string[] {
  const notes = diagnostics.filter(
    ({ code }) => code === 'assemble/older-capture' || code === 'assemble/contradicting-dumps',
  );
  const shown = notes.slice(0, mostNotes).map(({ message }) => printable(message));
  return notes.length > mostNotes
    ? [...shown, `${notes.length - mostNotes} more such notes: coldtrace inspect`]
    : shown;
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
  return [
    paint.bold('Could not tell'),
    ...untold(report.notEvaluated).flatMap(({ text, collect }) => [
      ...bullets([collect === '' ? text : `${text}; run:`], columns),
      ...(collect === '' ? [] : commandLines(collect, columns - 6).map((line) => `      ${paint.green(line)}`)),
    ]),
  ];
}

interface Untold {
  readonly text: string;
  readonly collect: string;
}

/** One text for all nodes on which a rule lacks the same, and for all rules that lack the same there. */
function untold(rows: readonly NotEvaluated[]): readonly Untold[] {
  const lacks = new Map<
    string,
    { readonly rule: string; readonly rest: string; readonly collect: string; readonly nodes: Set<string> }
  >();
  for (const { rule, node, needs, collect, because } of rows) {
    const rest = because === null ? `needs ${needs.join(', ')}` : printable(because);
    const key = JSON.stringify([rule, node === null, rest, collect]);
    const same = lacks.get(key) ?? { rule, rest, collect, nodes: new Set() };
    lacks.set(key, same);
    if (node !== null) same.nodes.add(node);
  }
  const told = new Map<string, { readonly rest: string; readonly collect: string; readonly rules: string[] }>();
  for (const { rule, rest, collect, nodes } of lacks.values()) {
    const where = `${nodes.size === 0 ? '' : ` on ${someNames([...nodes])}`}: ${rest}`;
    const key = JSON.stringify([where, collect]);
    const same = told.get(key) ?? { rest: where, collect, rules: [] };
    told.set(key, same);
    same.rules.push(rule);
  }
  return [...told.values()].map(({ rest, collect, rules }) => ({ text: `${rules.join(', ')}${rest}`, collect }));
}

const mostNames = 8;

function someNames(names: readonly string[]): string {
  const shown = names.slice(0, mostNames).map(printable).join(', ');
  return names.length > mostNames ? `${shown} and ${names.length - mostNames} more` : shown;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** Findings that somebody accepted, and entries that ran out or hide nothing. */
function hiddenLines({ shown, known: rules }: ReportView, { paint, columns }: Terminal): readonly string[] {
  const known = shown.hidden.filter(({ suppression }) => suppression === null).length;
  const accepted = new Map<Suppression, number>();
  for (const { suppression } of shown.hidden)
    if (suppression !== null) accepted.set(suppression, (accepted.get(suppression) ?? 0) + 1);
  const texts = [
    ...(known === 0 ? [] : [`${known} in the baseline`]),
    ...[...accepted].map(([entry, count]) => `${count} of ${entry.rule}: ${entry.reason} (${entry.place})`),
    ...shown.expired.map((entry) => `the entry for ${entry.rule} at ${entry.place} has run out`),
    ...shown.unused.map(
      (entry) =>
        `the entry for ${entry.rule} at ${entry.place} hides nothing${rules.includes(entry.rule) ? '' : ': there is no such rule'}`,
    ),
  ];
  return texts.length === 0 ? [] : [paint.bold('Hidden'), ...bullets(texts, columns)];
}

function nextLines({ report, inputs, documented }: ReportView, { paint, columns }: Terminal): readonly string[] {
  const input = inputs.map(printable).join(' ');
  const first = report.findings.find(({ rule }) => documented.includes(rule));
  const steps =
    first !== undefined
      ? [[`coldtrace explain ${first.rule}`, '']]
      : [
          ...(report.notEvaluated.length === 0
            ? []
            : [['coldtrace collect > collect.sh', 'captures what is missing: run it on each node']]),
          [`coldtrace inspect ${input}`, 'what was read, line by line'],
        ];
  const lines = steps.flatMap(([command = '', what = '']) =>
    what === '' || command.length + what.length + 5 > columns
      ? [`  ${command}`, ...(what === '' ? [] : [`    ${what}`])]
      : [`  ${command}   ${what}`],
  );
  return [paint.bold('Next'), ...lines];
}
