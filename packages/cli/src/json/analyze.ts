/** The document of `analyze --json`. */
import type { Snapshot } from '@coldtrace/core';
import type { Finding, NotEvaluated, Report, Shown, Suppression } from '@coldtrace/rules';
import { evidenceJson, stepJson } from './evidence.js';
import { inputsJson } from './inputs.js';

export function analyzeJson(snapshot: Snapshot, report: Report, shown: Shown) {
  return {
    coldtrace: 1,
    nodes: snapshot.nodes.map((node) => node.name),
    findings: report.findings.map((finding) => findingJson(snapshot, finding)),
    notEvaluated: report.notEvaluated.map(notEvaluatedJson),
    evaluated: report.evaluated,
    hidden: shown.hidden.length,
    suppressed: shown.hidden.map(({ finding, suppression }) => ({
      fingerprint: finding.fingerprint,
      rule: finding.rule,
      node: finding.node,
      subject: finding.subject,
      reason: suppression?.reason ?? 'in the baseline',
    })),
    suppressions: { expired: shown.expired.map(suppressionJson), unused: shown.unused.map(suppressionJson) },
    inputs: inputsJson(snapshot),
  };
}

function suppressionJson({ rule, node, subject, reason, place }: Suppression) {
  return { rule, node, subject, reason, place };
}

interface FindingJson {
  readonly symptoms?: readonly FindingJson[];
  readonly [key: string]: unknown;
}

function findingJson(snapshot: Snapshot, finding: Finding): FindingJson {
  const { rule, severity, certainty, fingerprint, node, subject, message, data, assumptions, fix } = finding;
  return {
    rule,
    severity,
    certainty,
    fingerprint,
    node,
    subject,
    message,
    data,
    evidence: finding.evidence.flatMap((row) => evidenceJson(snapshot, row)),
    assumptions,
    path: finding.path.map((step) => stepJson(snapshot, step)),
    ...(fix === null ? {} : { fix }),
    ...(finding.symptoms.length === 0
      ? {}
      : { symptoms: finding.symptoms.map((symptom) => findingJson(snapshot, symptom)) }),
  };
}

function notEvaluatedJson({ rule, node, needs, collect, because }: NotEvaluated) {
  return { rule, node, needs, collect, ...(because === null ? {} : { because }) };
}
