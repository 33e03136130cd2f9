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
import { type Certainty, certainties, type Finding, type Fix, type NotEvaluated, severities } from './finding.js';
import { fingerprintOf } from './fingerprint.js';

/** One fault, as a rule reports it. */
export interface Statement {
  /** That of the rule, unless it is given. */
  readonly severity?: Severity;
  readonly certainty: Certainty;
  /** A cause that is itself a consequence where another rule knows more of it. */
  readonly role?: RuleRole;
  /** The node at fault; null: the cluster. */
  readonly node: string | null;
  /** What the fault is about, for the fingerprint: `192.168.0.0/16 192.168.21.0/24`. */
  readonly subject: string;
  /** Fills the places of the message. */
  readonly data: Readonly<Record<string, string | number>>;
  /** The lines that show the fault. */
  readonly evidence: readonly Evidence[];
  /** What was taken for granted; a rule that names any does not call the fault `proven`. */
  readonly assumptions?: readonly string[];
  readonly path?: readonly Step[];
  readonly fix?: Fix;
  /** Is that symptom a consequence of this fault? By default: it rests on one of the same lines. */
  readonly explains?: (symptom: Finding) => boolean;
}

/** What `check` is given. Nothing else is at hand: no clock, no text, no other rule. */
export interface RuleContext<MessageId extends string> {
  readonly snapshot: Snapshot;
  /** What traces do about dumps that were not captured. */
  readonly assume: AssumeMode;
  /** Milliseconds since the epoch against which dates are judged: when the snapshot was captured, or what the caller said; null: not known. */
  readonly now: number | null;
  readonly report: (message: MessageId, statement: Statement) => void;
  /** Could not tell on this node (null: the cluster), because these dumps are missing. */
  readonly notEvaluated: (node: string | null, needs: readonly DumpId[], because?: string) => void;
  /** It was evaluated, but not everywhere: what was left out, and why. */
  readonly partly: (because: string) => void;
}

/** Does the rule name what is broken, or only what does not work because of it? */
export type RuleRole = 'cause' | 'symptom';

/** A rule as its author writes it. */
export interface RuleDefinition<MessageId extends string = string> {
  /** States the fault: `ippool-overlaps-host-network`. Public, never reused. */
  readonly id: string;
  readonly severity: Severity;
  /** A symptom is listed below the cause that explains it, and on its own only when none does. */
  readonly role?: RuleRole;
  /** One sentence for the catalogue. */
  readonly summary: string;
  /** Dumps it looks at. */
  readonly needs: readonly DumpId[];
  /** Of these it needs one at least: without any, its silence says nothing, whatever else was captured. */
  readonly decidesBy?: readonly DumpId[];
  /** Sentences by id, with `{name}` places that the data fills. */
  readonly messages: Readonly<Record<MessageId, string>>;
  /** Reports what is wrong, and what it cannot tell. When it throws, the rule counts as not evaluated and the others still speak. */
  check(cx: RuleContext<MessageId>): void;
}

/** A finding with what only the analysis itself needs. */
export interface Reported {
  readonly finding: Finding;
  readonly explains: ((symptom: Finding) => boolean) | null;
  /** The rule's, unless the statement says otherwise. */
  readonly role?: RuleRole;
}

/** What one rule says of one snapshot. */
export interface RuleResult {
  readonly reported: readonly Reported[];
  readonly notEvaluated: readonly NotEvaluated[];
}

/** What `analyze` asks about. */
export interface RuleQuestion {
  readonly snapshot: Snapshot;
  readonly assume: AssumeMode;
  readonly now: number | null;
}

/** A rule whose messages are closed over: what `analyze` runs. */
export interface Rule {
  readonly id: string;
  readonly severity: Severity;
  readonly role: RuleRole;
  readonly summary: string;
  readonly needs: readonly DumpId[];
  readonly decidesBy?: readonly DumpId[];
  readonly messages: Readonly<Record<string, string>>;
  run(question: RuleQuestion): RuleResult;
}

/** Makes a rule of its texts and its check; `analyze` takes it in `rules`. */
export function defineRule<MessageId extends string>(definition: RuleDefinition<MessageId>): Rule {
  const { id, severity, role = 'cause', summary, needs, decidesBy = [], messages } = definition;
  return { id, severity, role, summary, needs, decidesBy, messages, run: (question) => runRule(definition, question) };
}

function runRule<MessageId extends string>(rule: RuleDefinition<MessageId>, question: RuleQuestion): RuleResult {
  const reported: Reported[] = [];
  const notEvaluated: NotEvaluated[] = [];
  rule.check({
    ...question,
    report: (message, statement) => {
      reported.push({
        finding: findingOf(rule, rule.messages[message], statement),
        explains: statement.explains ?? null,
        ...(statement.role === undefined ? {} : { role: statement.role }),
      });
    },
    notEvaluated: (node, needs, because) => {
      const collect = needs.map(collectCommand).join('; ');
      notEvaluated.push({ rule: rule.id, node, needs, collect, because: because ?? null });
    },
    partly: (because) => {
      notEvaluated.push({ rule: rule.id, node: null, needs: [], collect: '', because, partial: true });
    },
  });
  return { reported, notEvaluated };
}

function findingOf(rule: Pick<Rule, 'id' | 'severity'>, message: string, statement: Statement): Finding {
  return {
    rule: rule.id,
    severity: oneOf(severities, statement.severity ?? rule.severity),
    certainty: oneOf(certainties, statement.certainty),
    fingerprint: fingerprintOf(rule.id, statement.node, statement.subject),
    node: statement.node,
    subject: statement.subject,
    message: fill(message, statement.data),
    data: statement.data,
    evidence: statement.evidence,
    assumptions: statement.assumptions ?? [],
    path: statement.path ?? [],
    fix: statement.fix ?? null,
    symptoms: [],
  };
}

/** A user's module may be JavaScript, which nothing has checked; a finding of another kind would be ranked before all. */
function oneOf<T extends string>(known: readonly T[], word: T): T {
  if (known.includes(word)) return word;
  throw new TypeError(`"${String(word)}" is none of ${known.join(', ')}`);
}
