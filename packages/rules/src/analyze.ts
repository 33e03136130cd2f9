/** Runs all rules over a snapshot and ranks what they found. */
import { type AssumeMode, collectCommand, type Snapshot } from '@coldtrace/core';
import { capturedAt } from './captured-at.js';
import type { Rule, RuleQuestion, RuleResult, RuleRole } from './define-rule.js';
import { lacks, lacksAll } from './facts/present.js';
import { certainties, type Finding, type NotEvaluated, severities } from './finding.js';
import { grouped, type Ranked } from './grouping.js';
import { inStep } from './out-of-step.js';
import { rules as builtinRules } from './rules.js';
import { type ApplyCommands, verifyFixes } from './verify/verify-fix.js';

/** What the rules say of one snapshot. */
export interface Report {
  readonly findings: readonly Finding[];
  readonly notEvaluated: readonly NotEvaluated[];
  /** Ids of the rules that could say something, yes or no, on at least one node. */
  readonly evaluated: readonly string[];
}

/** All of it may be left out. */
export interface AnalyzeOptions {
  /** By default those of this package (`rules`); a rule of your own is added with `[...rules, mine]`. */
  readonly rules?: readonly Rule[];
  /** `defaults` (the default) names what it assumes; `none` leaves open what was not captured. */
  readonly assume?: AssumeMode;
  /** Milliseconds since the epoch against which dates are judged; by default when the snapshot was captured. */
  readonly now?: number;
  /** Carries out commands, so that every fix is verified before it is shown: `applyText` of @coldtrace/parsers. */
  readonly apply?: ApplyCommands;
  /** Told before each rule: its id, and that it is number `at` (from 1) of `of`. */
  readonly onRule?: (id: string, at: number, of: number) => void;
}

const roles: readonly RuleRole[] = ['cause', 'symptom'];

/** Findings by severity, then certainty, then causes before symptoms, rule, node and message: the same snapshot gives the same order. */
export function analyze(snapshot: Snapshot, options: AnalyzeOptions = {}): Report {
  const rules = options.rules ?? builtinRules;
  const question = {
    snapshot,
    assume: options.assume ?? 'defaults',
    now: options.now ?? capturedAt(snapshot),
  } as const;
  const results = rules.map((rule, index) => {
    options.onRule?.(rule.id, index + 1, rules.length);
    return { rule, ...spoken(rule, runSafely(rule, question), snapshot) };
  });
  const evaluated = results
    .filter(({ reported, notEvaluated }) => reported.length > 0 || !coversAll(notEvaluated, snapshot))
    .map(({ rule }) => rule.id);
  const stepped = inStep(snapshot);
  const ranked = results.flatMap(({ rule, reported }): readonly Ranked[] =>
    reported.map((one) => ({ ...one, finding: stepped(one.finding), role: one.role ?? rule.role })),
  );
  const findings = grouped([...ranked].sort(byRank));
  const { apply } = options;
  return {
    findings: apply === undefined ? findings : verifyFixes(findings, { ...question, rules, apply }),
    notEvaluated: results.flatMap(({ notEvaluated }) => notEvaluated),
    evaluated,
  };
}

/** A rule may come from a module of the user's: when it fails, the others still speak. */
function runSafely(rule: Rule, question: RuleQuestion): RuleResult {
  try {
    return rule.run(question);
  } catch (error) {
    const because = `the rule failed: ${error instanceof Error ? error.message : String(error)}`;
    return { reported: [], notEvaluated: [{ rule: rule.id, node: null, needs: [], collect: '', because }] };
  }
}

/** A rule that says nothing where none of the dumps that it looks at was captured has not passed: it was not evaluated. A user's own may not tell what it needs. */
function spoken({ id, needs = [], decidesBy = [] }: Rule, result: RuleResult, snapshot: Snapshot): RuleResult {
  if (result.reported.length > 0 || result.notEvaluated.length > 0) return result;
  const wanted = [
    { dumps: needs, lacking: needs.length > 0 && lacksAll(snapshot, needs) },
    { dumps: decidesBy, lacking: decidesBy.length > 0 && lacks(snapshot, decidesBy) },
  ].find(({ lacking }) => lacking)?.dumps;
  if (wanted === undefined) return result;
  const collect = wanted.map(collectCommand).join('; ');
  return { ...result, notEvaluated: [{ rule: id, node: null, needs: wanted, collect, because: null }] };
}

/** A rule that could tell nothing on any node, or nothing of the cluster, was not evaluated. */
function coversAll(rows: readonly NotEvaluated[], snapshot: Snapshot): boolean {
  if (rows.some((row) => row.node === null && row.partial !== true)) return true;
  const nodes = new Set(rows.map((row) => row.node));
  return snapshot.nodes.every((node) => nodes.has(node.name));
}

function byRank(left: Ranked, right: Ranked): number {
  const [x, y] = [left.finding, right.finding];
  return (
    severities.indexOf(x.severity) - severities.indexOf(y.severity) ||
    certainties.indexOf(x.certainty) - certainties.indexOf(y.certainty) ||
    roles.indexOf(left.role) - roles.indexOf(right.role) ||
    compare(x.rule, y.rule) ||
    countOf(right) - countOf(left) ||
    compare(x.node ?? '', y.node ?? '') ||
    compare(x.message, y.message)
  );
}

/** Of symptoms, the one that more is grouped into is nearer to the cause. */
function countOf({ role, finding: { data } }: Ranked): number {
  const { count } = data;
  return role === 'symptom' && typeof count === 'number' ? count : 0;
}

function compare(x: string, y: string): number {
  return x < y ? -1 : x > y ? 1 : 0;
}
