/** Runs all rules over a snapshot and ranks what they found. */
import type { AssumeMode, Severity, Snapshot } from '@coldtrace/core';
import type { Rule } from './define-rule.js';
import type { Certainty, Finding, NotEvaluated } from './finding.js';
import { rules as builtinRules } from './rules.js';

export interface Report {
  readonly findings: readonly Finding[];
  readonly notEvaluated: readonly NotEvaluated[];
  /** Ids of the rules that could say something, yes or no, on at least one node. */
  readonly evaluated: readonly string[];
}

export interface AnalyzeOptions {
  readonly rules?: readonly Rule[];
  /** `defaults` (the default) names what it assumes; `none` leaves open what was not captured. */
  readonly assume?: AssumeMode;
}

const severities: readonly Severity[] = ['error', 'warning', 'info'];
const certainties: readonly Certainty[] = ['proven', 'likely', 'possible'];

/** Findings by severity, then certainty, then rule, node and message: the same snapshot gives the same order. */
export function analyze(snapshot: Snapshot, options: AnalyzeOptions = {}): Report {
  const rules = options.rules ?? builtinRules;
  const results = rules.map((rule) => ({ rule, ...rule.run(snapshot, options.assume ?? 'defaults') }));
  const evaluated = results
    .filter(({ findings, notEvaluated }) => findings.length > 0 || !coversAll(notEvaluated, snapshot))
    .map(({ rule }) => rule.id);
  return {
    findings: results.flatMap(({ findings }) => findings).sort(byRank),
    notEvaluated: results.flatMap(({ notEvaluated }) => notEvaluated),
    evaluated,
  };
}

/** A rule that could tell nothing on any node, or nothing of the cluster, was not evaluated. */
function coversAll(rows: readonly NotEvaluated[], snapshot: Snapshot): boolean {
  if (rows.some((row) => row.node === null)) return true;
  const nodes = new Set(rows.map((row) => row.node));
  return snapshot.nodes.every((node) => nodes.has(node.name));
}

function byRank(x: Finding, y: Finding): number {
  return (
    severities.indexOf(x.severity) - severities.indexOf(y.severity) ||
    certainties.indexOf(x.certainty) - certainties.indexOf(y.certainty) ||
    compare(x.rule, y.rule) ||
    compare(x.node ?? '', y.node ?? '') ||
    compare(x.message, y.message)
  );
}

function compare(x: string, y: string): number {
  return x < y ? -1 : x > y ? 1 : 0;
}
