/** Connections that every cluster lives on and that a captured node certainly ends; grouped by what ends them. */
import { type DumpId, formatIp, type Outcome, type Snapshot } from '@coldtrace/core';
import { type Failure, failureOf } from '../connections/fate.js';
import { type TracedConnection, tracedConnections } from '../connections/traced.js';
import { defineRule, type RuleContext } from '../define-rule.js';
import type { Certainty } from '../finding.js';

const messages = {
  one: '{from} cannot reach {to}: {what}',
  more: '{from} cannot reach {to}: {what}; {count} connections in all end this way',
  oneUnanswered: '{from} gets no answer from {to}: {what}',
  moreUnanswered: '{from} gets no answer from {to}: {what}; {count} connections in all end this way',
} as const;

type Context = RuleContext<keyof typeof messages>;

export const connectionFails = defineRule({
  id: 'connection-fails',
  severity: 'error',
  role: 'symptom',
  summary:
    'A connection that every cluster lives on (the API, DNS, kubelets, pods of other nodes) ends on a node that was captured.',
  needs: ['iptables-save', 'ip-addr', 'ip-link', 'ip-route', 'ip-rule', 'ip-neigh', 'sysctl', 'ss'],
  messages,
  check: (cx) => {
    const traced = tracedConnections(cx.snapshot, cx.assume);
    for (const group of groupsOf(traced)) report(cx, group);
    summarise(cx, traced);
  },
});

interface Group {
  readonly first: TracedConnection;
  readonly outcome: Outcome;
  readonly failure: Failure;
  readonly count: number;
}

/** Connections that the same line ends, in the order in which they were traced. */
function groupsOf(traced: readonly TracedConnection[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const one of traced) {
    const [outcome] = one.trace.outcomes;
    if (one.fate !== 'fails' || outcome === undefined) continue;
    const failure = failureOf(outcome);
    const key = keyOf(failure);
    const group = groups.get(key);
    groups.set(
      key,
      group === undefined ? { first: one, outcome, failure, count: 1 } : { ...group, count: group.count + 1 },
    );
  }
  return [...groups.values()];
}

function keyOf({ last, evidence, direction }: Failure): string {
  const lines = evidence.map(({ span }) => `${span.file}:${span.start}`);
  return [direction, last?.node, last?.stage, ...(lines.length > 0 ? lines : [last?.what])].join(' ');
}

function report(cx: Context, { first, outcome, failure, count }: Group): void {
  const { from, to } = first.connection;
  const assumptions = [...outcome.assumptions].map(({ text }) => text);
  const { last } = failure;
  const port = to.port === null ? '' : ` port ${to.port}`;
  const told =
    failure.direction === 'there' ? (count === 1 ? 'one' : 'more') : count === 1 ? 'oneUnanswered' : 'moreUnanswered';
  cx.report(told, {
    certainty: certaintyOf(first, assumptions),
    node: last?.node ?? from.node.name,
    subject: `${first.connection.kind} ${last?.stage ?? ''} ${formatIp(to.ip)}${port}`,
    data: { from: from.name, to: `${to.name}${port}`, what: last?.what ?? outcome.disposition, count },
    evidence: failure.evidence,
    assumptions,
    path: failure.steps,
  });
}

function certaintyOf({ trace, connection }: TracedConnection, assumptions: readonly string[]): Certainty {
  const sure = assumptions.length === 0 && trace.outcomes.every((outcome) => outcome.assumptions.length === 0);
  return sure && connection.from.node.named ? 'proven' : 'likely';
}

/** What could not be judged is said once for each node and its missing dumps, never connection by connection. */
function summarise(cx: Context, traced: readonly TracedConnection[]): void {
  const byNode = new Map<string, { count: number; dumps: Set<DumpId> }>();
  for (const { fate, trace } of traced) {
    if (fate !== 'open') continue;
    const open = trace.outcomes.filter(({ because }) => because.some(({ dump }) => dump !== null));
    for (const node of new Set(open.map(({ final }) => nodeName(cx.snapshot, final.node)))) {
      const row = byNode.get(node) ?? { count: 0, dumps: new Set<DumpId>() };
      byNode.set(node, row);
      row.count++;
      for (const { because } of open) for (const { dump } of because) if (dump !== null) row.dumps.add(dump);
    }
  }
  for (const [node, { count, dumps }] of byNode)
    cx.notEvaluated(node, [...dumps].sort(), `${count} of ${traced.length} standard connections cannot be judged`);
}

/** `node-1/pod-a` is a namespace of node-1. */
function nodeName({ nodes }: Snapshot, place: string): string {
  return nodes.find(({ name }) => name === place || place.startsWith(`${name}/`))?.name ?? place;
}
