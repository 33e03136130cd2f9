/** The frame every rule fits into: what it needs, what it can say, how it looks. One folder per rule. */
import {
  type AssumeMode,
  collectCommand,
  type DumpId,
  type Evidence,
  fill,
  type Severity,
  type Snapshot,
  type Step,
} from '@coldtrace/core';
import type { Certainty, Finding, Fix, NotEvaluated } from './finding.js';
import { fingerprintOf } from './fingerprint.js';

export interface Statement {
  readonly severity?: Severity;
  readonly certainty: Certainty;
  readonly node: string | null;
  /** What the fault is about, for the fingerprint: `192.168.0.0/16 192.168.21.0/24`. */
  readonly subject: string;
  readonly data: Readonly<Record<string, string | number>>;
  readonly evidence: readonly Evidence[];
  readonly assumptions?: readonly string[];
  readonly path?: readonly Step[];
  readonly fix?: Fix;
}

export interface RuleContext<MessageId extends string> {
  readonly snapshot: Snapshot;
  /** What traces do about dumps that were not captured. */
  readonly assume: AssumeMode;
  readonly report: (message: MessageId, statement: Statement) => void;
  /** Could not tell on this node (null: the cluster), because these dumps are missing. */
  readonly notEvaluated: (node: string | null, needs: readonly DumpId[], because?: string) => void;
}

export interface RuleDefinition<MessageId extends string = string> {
  /** States the fault: `ippool-overlaps-host-network`. Public, never reused. */
  readonly id: string;
  readonly severity: Severity;
  /** One sentence for the catalogue. */
  readonly summary: string;
  /** Dumps it looks at. */
  readonly needs: readonly DumpId[];
  readonly messages: Readonly<Record<MessageId, string>>;
  check(cx: RuleContext<MessageId>): void;
}

export interface RuleResult {
  readonly findings: readonly Finding[];
  readonly notEvaluated: readonly NotEvaluated[];
}

/** A rule whose messages are closed over: what `analyze` runs. */
export interface Rule {
  readonly id: string;
  readonly severity: Severity;
  readonly summary: string;
  readonly needs: readonly DumpId[];
  readonly messages: Readonly<Record<string, string>>;
  run(snapshot: Snapshot, assume: AssumeMode): RuleResult;
}

export function defineRule<MessageId extends string>(definition: RuleDefinition<MessageId>): Rule {
  const { id, severity, summary, needs, messages } = definition;
  return { id, severity, summary, needs, messages, run: (snapshot, assume) => runRule(definition, snapshot, assume) };
}

function runRule<MessageId extends string>(
  rule: RuleDefinition<MessageId>,
  snapshot: Snapshot,
  assume: AssumeMode,
): RuleResult {
  const findings: Finding[] = [];
  const notEvaluated: NotEvaluated[] = [];
  rule.check({
    snapshot,
    assume,
    report: (message, statement) => {
      findings.push({
        rule: rule.id,
        severity: statement.severity ?? rule.severity,
        certainty: statement.certainty,
        fingerprint: fingerprintOf(rule.id, statement.node, statement.subject),
        node: statement.node,
        message: fill(rule.messages[message], statement.data),
        data: statement.data,
        evidence: statement.evidence,
        assumptions: statement.assumptions ?? [],
        path: statement.path ?? [],
        fix: statement.fix ?? null,
      });
    },
    notEvaluated: (node, needs, because) => {
      const collect = needs.map(collectCommand).join('; ');
      notEvaluated.push({ rule: rule.id, node, needs, collect, because: because ?? null });
    },
  });
  return { findings, notEvaluated };
}
