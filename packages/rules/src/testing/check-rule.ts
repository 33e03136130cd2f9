/** Holds a rule against its cases: what it must find, word for word, and where it must stay silent. Free of any test framework. */
import type { AssumeMode, Snapshot } from '@coldtrace/core';
import { analyze } from '../analyze.js';
import type { Rule } from '../define-rule.js';
import { renderFinding } from './render.js';

export interface RuleCase {
  /** A sentence that says what is so in this world. */
  readonly name: string;
  readonly snapshot: Snapshot;
  readonly assume?: AssumeMode;
  /** Milliseconds since the epoch. */
  readonly now?: number;
}

export interface BadCase extends RuleCase {
  /** All findings as `renderFinding` prints them, joined by line feeds. */
  readonly report: string;
}

export interface GoodCase extends RuleCase {
  /** Silent because it could not tell: ids of the dumps that it asks for. By default it must have been able to tell. */
  readonly needs?: readonly string[];
}

/** At least one of each kind. */
export interface RuleCases {
  readonly bad: readonly [BadCase, ...BadCase[]];
  readonly good: readonly [GoodCase, ...GoodCase[]];
}

export interface CaseResult {
  readonly name: string;
  readonly expected: string;
  readonly actual: string;
}

/** One result per case; a case holds when `actual` equals `expected`. */
export function checkRule(rule: Rule, { bad, good }: RuleCases): readonly CaseResult[] {
  return [
    ...bad.map((one) => ({ name: one.name, expected: one.report.trim(), actual: findingsOf(rule, one) })),
    ...good.map((one) => ({ name: one.name, expected: silenceWanted(one), actual: silenceOf(rule, one) })),
  ];
}

function reportOf(rule: Rule, { snapshot, assume, now }: RuleCase) {
  return analyze(snapshot, {
    rules: [rule],
    ...(assume === undefined ? {} : { assume }),
    ...(now === undefined ? {} : { now }),
  });
}

/** Everything that the rule finds in a world, rendered. */
export function findingsOf(rule: Rule, one: RuleCase): string {
  return reportOf(rule, one)
    .findings.map((finding) => renderFinding(one.snapshot, finding))
    .join('\n');
}

/** What `silenceOf` says when the case holds. */
export function silenceWanted({ needs = [] }: GoodCase): string {
  return `silent\n${askedText(needs)}`;
}

/** Whether the rule found nothing, and whether it could tell. */
export function silenceOf(rule: Rule, one: RuleCase): string {
  const { findings, notEvaluated } = reportOf(rule, one);
  const said =
    findings.length === 0 ? 'silent' : findings.map((finding) => renderFinding(one.snapshot, finding)).join('\n');
  return `${said}\n${askedText(notEvaluated.flatMap(({ needs }) => needs))}`;
}

function askedText(needs: readonly string[]): string {
  const unique = [...new Set(needs)].sort();
  return unique.length === 0 ? 'it could tell' : `could not tell without ${unique.join(', ')}`;
}
