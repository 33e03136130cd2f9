/** The document of `analyze --json`. */
import type { Snapshot } from '@coldtrace/core';
import type { Finding, NotEvaluated, Report } from '@coldtrace/rules';
import { evidenceJson, stepJson } from './evidence.js';
import { inputsJson } from './inputs.js';

export function analyzeJson(snapshot: Snapshot, report: Report, hidden: number) {
  return {
    coldtrace: 1,
    nodes: snapshot.nodes.map((node) => node.name),
    findings: report.findings.map((finding) => findingJson(snapshot, finding)),
    notEvaluated: report.notEvaluated.map(notEvaluatedJson),
    evaluated: report.evaluated,
    hidden,
    inputs: inputsJson(snapshot),
  };
}

function findingJson(snapshot: Snapshot, finding: Finding) {
  const { rule, severity, certainty, fingerprint, node, message, data, assumptions, fix } = finding;
  return {
    rule,
    severity,
    certainty,
    fingerprint,
    node,
    message,
    data,
    evidence: finding.evidence.flatMap((row) => evidenceJson(snapshot, row)),
    assumptions,
    path: finding.path.map((step) => stepJson(snapshot, step)),
    ...(fix === null ? {} : { fix }),
  };
}

function notEvaluatedJson({ rule, node, needs, collect, because }: NotEvaluated) {
  return { rule, node, needs, collect, ...(because === null ? {} : { because }) };
}
