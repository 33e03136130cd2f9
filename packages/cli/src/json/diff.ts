/** The document of `diff --json`. */
import { formatProto, type Snapshot } from '@coldtrace/core';
import type { Comparison, Finding, Told } from '@coldtrace/rules';
import { evidenceJson } from './evidence.js';

export function diffJson(before: Snapshot, after: Snapshot, { gone, added, connections, compared }: Comparison) {
  return {
    coldtrace: 1,
    before: { nodes: before.nodes.map(({ name }) => name) },
    after: { nodes: after.nodes.map(({ name }) => name) },
    findings: {
      gone: gone.map((finding) => findingJson(before, finding)),
      new: added.map((finding) => findingJson(after, finding)),
    },
    compared,
    connections: connections.map(({ from, to, proto, ...change }) => ({
      from,
      to,
      proto: formatProto(proto),
      before: toldJson(change.before),
      after: toldJson(change.after),
      lines: {
        gone: change.linesGone.flatMap((row) => evidenceJson(before, row)),
        new: change.linesNew.flatMap((row) => evidenceJson(after, row)),
      },
    })),
  };
}

function toldJson(told: Told | null) {
  return told === null ? null : { verdict: told.verdict, dispositions: told.dispositions };
}

function findingJson(snapshot: Snapshot, finding: Finding) {
  const { rule, severity, certainty, fingerprint, node, subject, message } = finding;
  const evidence = finding.evidence.flatMap((row) => evidenceJson(snapshot, row));
  return { rule, severity, certainty, fingerprint, node, subject, message, evidence };
}
