/** Symptoms below their causes: what follows from a fault is listed with it, so that the first finding is the answer. */
import type { Reported, RuleRole } from './define-rule.js';
import type { Finding } from './finding.js';

export interface Ranked extends Reported {
  readonly role: RuleRole;
}

/**
 * `ranked`: best first. Each symptom goes to the first cause that explains it, else to a symptom that no cause explains and that says what it explains
 * itself; the order of the rest stays.
 */
export function grouped(ranked: readonly Ranked[]): readonly Finding[] {
  const causes = ranked.filter(({ role }) => role === 'cause');
  const causeOf = ({ finding }: Ranked) => causes.find((candidate) => explains(candidate, finding));
  const standIns = ranked.filter((one) => one.role === 'symptom' && one.explains !== null && !causeOf(one));
  const below = new Map<Ranked, Finding[]>();
  const listed: Ranked[] = [];
  for (const one of ranked) {
    const standIn = () =>
      standIns.includes(one) ? undefined : standIns.find((candidate) => explains(candidate, one.finding));
    const cause = one.role === 'symptom' ? (causeOf(one) ?? standIn()) : undefined;
    if (cause === undefined) listed.push(one);
    else below.set(cause, [...(below.get(cause) ?? []), one.finding]);
  }
  return listed.map((one) => ({ ...one.finding, symptoms: below.get(one) ?? [] }));
}

function explains(cause: Reported, symptom: Finding): boolean {
  return cause.explains === null ? sharesLine(cause.finding, symptom) : cause.explains(symptom);
}

/** The symptom's way or evidence rests on a line that proves the cause. */
export function sharesLine(cause: Pick<Finding, 'evidence'>, symptom: Finding): boolean {
  const lines = [...symptom.evidence, ...symptom.path.flatMap(({ evidence }) => evidence)];
  return cause.evidence.some(({ span }) =>
    lines.some((other) => other.span.file === span.file && other.span.start < span.end && span.start < other.span.end),
  );
}
