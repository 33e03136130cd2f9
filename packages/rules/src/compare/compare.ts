/** What became of one snapshot in another, or in its what-if: findings gone and new, connections whose end is another one, and the lines that make the difference. */
import {
  type AssumeMode,
  type Evidence,
  lineTextAt,
  type Snapshot,
  type SourceFile,
  type Trace,
} from '@coldtrace/core';
import { analyze } from '../analyze.js';
import type { Rule } from '../define-rule.js';
import type { Finding } from '../finding.js';
import { connectionsOf, type Named, traced } from './connections.js';
import { lastingLine } from './lasting-line.js';

/** As of `analyze`, for both snapshots alike. */
export interface CompareOptions {
  readonly assume?: AssumeMode;
  readonly rules?: readonly Rule[];
  /** Milliseconds since the epoch; by default each snapshot is judged by its own capture. */
  readonly now?: number;
  /** Connections to compare besides the usual ones. */
  readonly asked?: readonly Named[];
}

/** How a connection ends in one of the two; null: it is not there. */
export interface Told {
  readonly verdict: Trace['verdict'];
  /** How each of its ways ends, each named once. */
  readonly dispositions: readonly string[];
}

/** A connection that does not end in both as it does in the other. */
export interface ChangedConnection extends Named {
  readonly before: Told | null;
  readonly after: Told | null;
  /** Lines on its ways before that are on none after, and the other way round. */
  readonly linesGone: readonly Evidence[];
  readonly linesNew: readonly Evidence[];
}

/** Findings by their fingerprint: `gone` are those of the first snapshot alone, `added` those of the second. */
export interface Comparison {
  readonly gone: readonly Finding[];
  readonly added: readonly Finding[];
  readonly connections: readonly ChangedConnection[];
  /** How many connections were looked at. */
  readonly compared: number;
}

/** Findings and connections that two snapshots do not share, with the lines that make the difference. */
export function compareSnapshots(before: Snapshot, after: Snapshot, options: CompareOptions = {}): Comparison {
  const { asked = [], ...question } = options;
  const old = allOf(analyze(before, question).findings);
  const now = allOf(analyze(after, question).findings);
  const has = (list: readonly Finding[], { fingerprint }: Finding) =>
    list.some((one) => one.fingerprint === fingerprint);
  const assume = options.assume ?? 'defaults';
  const theirs = connectionsOf(before, asked);
  const ours = connectionsOf(after, asked);
  const keys = [...new Set([...theirs.keys(), ...ours.keys()])];
  const connections = keys.flatMap((key): readonly ChangedConnection[] => {
    const [one, other] = [theirs.get(key), ours.get(key)];
    const named = one ?? other;
    if (named === undefined) return [];
    const first = one === undefined ? null : traced(before, one, assume);
    const second = other === undefined ? null : traced(after, other, assume);
    return changeOf(named, [before, first], [after, second]);
  });
  return {
    gone: old.filter((finding) => !has(now, finding)),
    added: now.filter((finding) => !has(old, finding)),
    connections,
    compared: keys.length,
  };
}

/** A symptom that a cause explains is a finding too: it may be on its own in the other snapshot. */
function allOf(findings: readonly Finding[]): readonly Finding[] {
  return findings.flatMap((finding) => [finding, ...allOf(finding.symptoms)]);
}

type Side = readonly [snapshot: Snapshot, trace: Trace | null];

function changeOf({ from, to, proto }: Named, before: Side, after: Side): readonly ChangedConnection[] {
  const [one, other] = [toldOf(before[1]), toldOf(after[1])];
  if (JSON.stringify(one) === JSON.stringify(other)) return [];
  const old = linesOf(before);
  const now = linesOf(after);
  const linesGone = deciding(old, now, (evidence) => standsIn(after[0], before[0], evidence));
  const linesNew = deciding(now, old, (evidence) => standsIn(before[0], after[0], evidence));
  return [{ from, to, proto, before: one, after: other, linesGone, linesNew }];
}

/** Lines of these ways alone. What stands in the other capture too is no difference; only where nothing else tells is it shown. */
function deciding(
  lines: ReadonlyMap<string, Evidence>,
  others: ReadonlyMap<string, Evidence>,
  inBoth: (evidence: Evidence) => boolean,
): readonly Evidence[] {
  const found = [...lines].filter(([text]) => !others.has(text)).map(([, evidence]) => evidence);
  const changed = found.filter((evidence) => !inBoth(evidence));
  return changed.length > 0 ? changed : found;
}

function standsIn(other: Snapshot, own: Snapshot, evidence: Evidence): boolean {
  const name = own.files[evidence.span.file]?.name;
  const text = textOf(own, evidence);
  return other.files.some((file) => file.name === name && lastingLines(file).has(text));
}

const known = new WeakMap<SourceFile, ReadonlySet<string>>();

function lastingLines(file: SourceFile): ReadonlySet<string> {
  const lines = known.get(file) ?? new Set(file.text.split('\n').map(lastingLine));
  known.set(file, lines);
  return lines;
}

function toldOf(trace: Trace | null): Told | null {
  if (trace === null) return null;
  const dispositions = trace.outcomes.map(({ disposition, reply }) =>
    reply === null ? disposition : `${disposition}, answer ${reply.disposition}`,
  );
  return { verdict: trace.verdict, dispositions: [...new Set(dispositions)].sort() };
}

/** The lines that the ways of a trace rest on, by what they say: their places differ from capture to capture. */
function linesOf([snapshot, trace]: Side): ReadonlyMap<string, Evidence> {
  const lines = new Map<string, Evidence>();
  for (const { steps, reply } of trace?.outcomes ?? []) {
    for (const step of [...steps, ...(reply?.steps ?? [])]) {
      for (const evidence of step.evidence) {
        const text = `${step.node} ${textOf(snapshot, evidence)}`;
        if (!lines.has(text)) lines.set(text, evidence);
      }
    }
  }
  return lines;
}

function textOf(snapshot: Snapshot, { span }: Evidence): string {
  const file = snapshot.files[span.file];
  return file === undefined ? '' : lastingLine(lineTextAt(file, span.start));
}
