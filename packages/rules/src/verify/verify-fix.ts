/**
 * Is a proposed fix one? Its commands are carried out on the snapshot, the rule is asked again, and connections that worked must still work.
 * Whoever calls hands in what carries out commands: rules see snapshots and no text.
 */
import type { AssumeMode, Diagnostic, Snapshot } from '@coldtrace/core';
import { type Connection, standardConnections } from '../connections/standard.js';
import { follow, type TracedConnection, tracedConnections } from '../connections/traced.js';
import type { Rule, RuleQuestion } from '../define-rule.js';
import type { Finding, Fix, NotEvaluated } from '../finding.js';
import { behindText } from './behind.js';

/** Carries out commands on a snapshot: `applyText` of @coldtrace/parsers. */
export type ApplyCommands = (
  snapshot: Snapshot,
  text: string,
  options?: { readonly node?: string; readonly fileName?: string },
) => { readonly snapshot: Snapshot; readonly problems: readonly Diagnostic[] };

/** The question that the findings answer, and what carries out their commands. */
export interface Verification extends RuleQuestion {
  readonly rules: readonly Rule[];
  readonly apply: ApplyCommands;
}

/** The findings, each fix with what simulation says of it; `most` of them are looked at. */
export function verifyFixes(
  findings: readonly Finding[],
  cx: Verification,
  most = Number.POSITIVE_INFINITY,
): readonly Finding[] {
  const alone = findings.map((finding, at) => {
    const { fix } = finding;
    if (fix === null || at >= most || fix.verified !== null) return finding;
    const verified = verdictOn(finding, fix, cx);
    return { ...finding, fix: { ...fix, verified, notes: notesOf(fix, verified, cx) } };
  });
  return alone.map((finding) => (finding.fix?.verified === false ? withOthersFirst(finding, alone, cx) : finding));
}

/** Whoever mends it expects the connection to work then. */
function notesOf(fix: Fix, verified: boolean | null, cx: Verification): string {
  const applied = verified === true ? stepsApplied(fix, cx) : null;
  if (typeof applied !== 'object' || applied === null) return fix.notes;
  const changed = new Set(fix.steps.map(({ node }) => node));
  const failed = tracedConnections(cx.snapshot, cx.assume).filter(
    (one) => one.fate === 'fails' && passes(one, changed),
  );
  return [fix.notes, behindText(failed, applied, cx.assume)].filter((text) => text !== '').join(' ');
}

/** With two faults at once a packet may live by a detour that the second one spoils as soon as the first is mended: then the order of the fixes counts. */
function withOthersFirst(finding: Finding, all: readonly Finding[], cx: Verification): Finding {
  const { fix } = finding;
  const others = all.filter((one) => one.fix?.verified === true);
  if (fix === null) return finding;
  const ways = others.length > 1 ? [...others.map((one) => [one]), others] : [others];
  for (const first of ways) {
    const steps = first.flatMap((one) => one.fix?.steps ?? []);
    const mended = stepsApplied({ ...fix, steps }, cx);
    if (typeof mended !== 'object' || mended === null) continue;
    const after = { ...cx, snapshot: mended };
    if (isReported(finding, after) && verdictOn(finding, fix, after) === true)
      return {
        ...finding,
        fix: {
          ...fix,
          verified: true,
          after: first.map(({ fingerprint, rule, node }) => ({ fingerprint, rule, node })),
        },
      };
  }
  return finding;
}

function isReported({ rule: id, fingerprint }: Finding, cx: Verification): boolean {
  try {
    const rule = cx.rules.find((one) => one.id === id);
    return rule?.run(cx).reported.some((one) => one.finding.fingerprint === fingerprint) === true;
  } catch {
    return false;
  }
}

/** true: the fault is gone and nothing else broke; false: it stays, or something breaks; null: simulation cannot tell. */
function verdictOn(finding: Finding, fix: Fix, cx: Verification): boolean | null {
  const applied = stepsApplied(fix, cx);
  if (typeof applied !== 'object' || applied === null) return applied;
  const rule = cx.rules.find(({ id }) => id === finding.rule);
  if (rule === undefined) return null;
  const mends = () => mendsSome(fix, cx, applied);
  const gone = isGone(finding, rule, { ...cx, snapshot: applied }, silences(rule, cx, mends));
  if (gone !== true) return gone;
  const kept = keepsWorking(fix, cx, applied);
  // What a missing dump would decide, a connection that worked without it does not.
  return kept === false && finding.certainty === 'possible' ? null : kept;
}

/** The snapshot after all steps, or the verdict when one of them cannot be carried out. */
function stepsApplied({ steps }: Fix, { snapshot, apply }: Verification): Snapshot | boolean | null {
  let now = snapshot;
  for (const { node, command } of steps) {
    const { snapshot: after, problems } = apply(now, command, { fileName: 'fix', ...(node === null ? {} : { node }) });
    // What the real tool refuses mends nothing.
    if (problems.length > 0) return problems.some(({ code }) => code === 'what-if/refused') ? false : null;
    now = after;
  }
  return steps.length === 0 ? null : now;
}

/**
 * What could not be evaluated before either, when the finding was there, is no reason for its silence now. A mended connection may be one more of those
 * that leave the snapshot, which says nothing as long as others are seen to arrive.
 */
function silences(rule: Rule, cx: RuleQuestion, mends: () => boolean): (one: NotEvaluated) => boolean {
  let before: ReadonlySet<string> | null = null;
  const keyOfSilence = ({ node, needs, because }: NotEvaluated) => JSON.stringify([node, needs, because]);
  const uncounted = (one: NotEvaluated) => ({ ...one, because: one.because?.replace(/^\d+ of \d+ /, '') ?? '' });
  return (one) => {
    before ??= new Set(rule.run(cx).notEvaluated.flatMap((was) => [keyOfSilence(was), keyOfSilence(uncounted(was))]));
    return before.has(keyOfSilence(one)) || (before.has(keyOfSilence(uncounted(one))) && mends());
  };
}

/** Does a connection work that failed? */
function mendsSome({ steps }: Fix, { snapshot, assume }: Verification, after: Snapshot): boolean {
  const changed = new Set(steps.map(({ node }) => node));
  const failed = tracedConnections(snapshot, assume).filter((one) => one.fate === 'fails' && passes(one, changed));
  return fatesOf(after, assume, new Set(failed.map(({ connection }) => keyOf(connection)))).includes('works');
}

function isGone(
  finding: Finding,
  rule: Rule,
  question: RuleQuestion,
  wasSilent: (one: NotEvaluated) => boolean,
): boolean | null {
  try {
    const { reported, notEvaluated } = rule.run(question);
    // What rests on dumps that are missing may be reported whatever the fix does.
    const again = reported.find((one) => one.finding.fingerprint === finding.fingerprint)?.finding;
    if (again !== undefined) return [finding, again].some(({ certainty }) => certainty === 'possible') ? null : false;
    const silent = notEvaluated.filter(({ node }) => node === null || node === finding.node);
    return silent.every((one) => wasSilent(one)) ? true : null;
  } catch {
    return null;
  }
}

const keyOf = ({ kind, from, to, proto }: Connection): string => `${kind} ${from.name} ${to.name} ${to.port} ${proto}`;

/** Connections through a node that the fix changes are traced anew. */
function keepsWorking({ steps }: Fix, { snapshot, assume }: Verification, after: Snapshot): boolean | null {
  const changed = new Set(steps.map(({ node }) => node));
  const before = tracedConnections(snapshot, assume).filter((one) => one.fate === 'works' && passes(one, changed));
  if (before.length === 0) return true;
  const wanted = new Set(before.map(({ connection }) => keyOf(connection)));
  const fates = fatesOf(after, assume, wanted);
  if (fates.some((fate) => fate === 'fails' || fate === 'lost')) return false;
  return fates.length < wanted.size || fates.includes('open') ? null : true;
}

function passes({ connection, trace }: TracedConnection, nodes: ReadonlySet<string | null>): boolean {
  if (nodes.has(null) || nodes.has(connection.from.node.name)) return true;
  const steps = trace.outcomes.flatMap(({ steps, reply }) => [...steps, ...(reply?.steps ?? [])]);
  // A place is a node, or a namespace of one.
  return steps.some(({ node }) => nodes.has(node) || nodes.has(node.replace(/\/.*$/, '')));
}

function fatesOf(
  snapshot: Snapshot,
  assume: AssumeMode,
  wanted: ReadonlySet<string>,
): readonly TracedConnection['fate'][] {
  const fates: TracedConnection['fate'][] = [];
  for (const connection of standardConnections(snapshot))
    if (wanted.has(keyOf(connection))) fates.push(follow(snapshot, connection, assume).fate);
  return fates;
}
