/** Connections that every cluster lives on, or that somebody tried, and that a captured node certainly ends; grouped by what ends them. */
import {
  type DumpId,
  type Evidence,
  formatIp,
  type Outcome,
  type Snapshot,
  type Step,
  type Trace,
} from '@coldtrace/core';
import { type Failure, failureOf } from '../connections/fate.js';
import { type Connection, pairsCounted } from '../connections/standard.js';
import { isUntranslated, type TracedConnection, tracedConnections } from '../connections/traced.js';
import { defineRule, type RuleContext } from '../define-rule.js';
import type { Certainty, Fix } from '../finding.js';
import { countOf, withCount } from './counted.js';
import { forwardingFix } from './fix.js';
import { hangsOn } from './hanging.js';
import { inputFix, type Refused } from './input-fix.js';
import {
  type Misaddressed,
  misaddressed,
  misaddressedEvidence,
  misaddressedFix,
  misaddressedText,
} from './misaddressed.js';
import { refusedAtOnce, refusedEvidence, refusedFix, routesSeen } from './no-route.js';
import { type Seen, seenConnections } from './seen.js';

const messages = {
  one: '{from} cannot reach {to}: {what}',
  more: '{from} cannot reach {to}: {what}; {count} connections in all end this way',
  oneUnanswered: '{from} gets no answer from {to}: {what}',
  moreUnanswered: '{from} gets no answer from {to}: {what}; {count} connections in all end this way',
  contradicted: '{from} was answered by {to}, although by the dumps it cannot be: {what}',
  unexplained:
    '{from} was not answered by {to}, although nothing that was captured keeps the packets from coming and going',
} as const;

type Context = RuleContext<keyof typeof messages>;

export const connectionFails = defineRule({
  id: 'connection-fails',
  severity: 'error',
  role: 'symptom',
  summary:
    'A connection that every cluster lives on (the API, DNS, kubelets, pods of other nodes), or that a client or a log names, ends on a node that was captured.',
  needs: ['iptables-save', 'ip-addr', 'ip-link', 'ip-route', 'ip-rule', 'ip-neigh', 'sysctl', 'ss'],
  decidesBy: ['ip-route'],
  messages,
  check: (cx) => {
    const seen = seenConnections(cx.snapshot, cx.assume);
    if (seen.length === 0 && isAloneWithoutRules(cx.snapshot)) cx.notEvaluated(null, ['iptables-save'], nothingKnown);
    for (const group of groupsOf(cx.snapshot, seen)) report(cx, group);
    for (const one of seen) contradict(cx, one);
    const all = tracedConnections(cx.snapshot, cx.assume);
    summarise(cx, all);
    const elsewhere = all.filter(
      ({ connection, trace }) => isUntranslated(connection, trace) && hasRules(connection) && !isLeftOpen(trace),
    ).length;
    if (elsewhere > 0)
      cx.partly(
        `${elsewhere} of ${all.length} standard connections go to Services that nothing on their node translates`,
      );
    const pairs = pairsCounted(cx.snapshot);
    if (pairs.traced < pairs.all)
      cx.partly(`${pairs.traced} of ${pairs.all} pairs of nodes were traced; coldtrace trace asks for any other`);
  },
});

function isAloneWithoutRules({ nodes: [node, second] }: Snapshot): boolean {
  if (node === undefined || second !== undefined) return false;
  return node.host.rulesets.length === 0 && node.host.routes.state !== 'absent';
}

const nothingKnown = 'no Service, no second node and nobody who tried a connection is known';

/** Whether a rule translates it was not seen. */
function isLeftOpen({ outcomes }: Trace): boolean {
  return outcomes.every(({ disposition }) => disposition === 'undetermined');
}

/** That no rule translates is said only where the rules were captured. */
function hasRules({ from }: Connection): boolean {
  return from.node.host.rulesets.some(({ complete, tables }) => complete && tables.some(({ name }) => name === 'nat'));
}

interface Group {
  readonly first: Seen;
  readonly outcome: Outcome;
  readonly failure: Failure;
  /** The frame carries an address that is not the receiver's. */
  readonly wrong: Misaddressed | null;
  readonly count: number;
  /** As they come to what ends them. */
  readonly packets: readonly Refused[];
  /** Clients that tried one of these, and were not answered. */
  readonly agreeing: readonly Evidence[];
}

/** Connections that the same line ends, in the order in which they were traced. */
function groupsOf(snapshot: Snapshot, seen: readonly Seen[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const one of seen) {
    const [outcome] = one.trace.outcomes;
    if (outcome === undefined || !isFailing(one)) continue;
    const failure = failureOf(outcome);
    const wrong = misaddressed(snapshot, failure);
    const key = keyOf(failure, wrong);
    const known = groups.get(key);
    // A packet that does not arrive shows more than an answer that does not.
    const isBetter = known === undefined || (known.failure.direction !== 'there' && failure.direction === 'there');
    const shown = isBetter ? { first: one, outcome, failure, wrong } : known;
    const agreeing = [...(known?.agreeing ?? []), ...one.unanswered];
    const packets = [...(known?.packets ?? []), ...packetOf(failure)];
    groups.set(key, { ...shown, count: (known?.count ?? 0) + 1, packets, agreeing });
  }
  return [...groups.values()];
}

/** What only somebody uncaptured could bring back counts where a client waited in vain, and no dump is missing. */
function isFailing(one: Seen): boolean {
  const { fate, answered, unanswered, trace } = one;
  if (fate === 'fails') return answered.length === 0 && hangsOn(one).length === 0;
  const whole = trace.outcomes.every(({ assumptions }) => assumptions.every(({ dump }) => dump === null));
  return fate === 'lost' && unanswered.length > 0 && whole;
}

function packetOf({ last, direction }: Failure): readonly Refused[] {
  const claim = last?.claim;
  return claim?.kind === 'applies' || claim?.kind === 'policy' ? [{ packet: claim.packet, direction }] : [];
}

function keyOf({ last, evidence }: Failure, wrong: Misaddressed | null): string {
  if (wrong !== null) return `${wrong.entry.span.file}:${wrong.entry.span.start}`;
  const lines = evidence.map(({ span }) => `${span.file}:${span.start}`);
  return [last?.node, last?.stage, ...(lines.length > 0 ? lines : [last?.what])].join(' ');
}

const mostAgreeing = 3;

/** Somebody tried in vain, and what should have ended it has counted nothing. */
const reset =
  'the rule is taken to be newer than the attempt, or its counter to have been set back: it has counted no packet';

/** A packet to an entry that failed has the kernel ask anew, and it arrives if somebody answers by then. net/core/neighbour.c. */
const askedAgain = 'nobody is taken to answer when the neighbour is asked for again, as nobody did before the capture';

function report(cx: Context, { first, outcome, failure, wrong, count, packets: refusedOnes, agreeing }: Group): void {
  const { last } = failure;
  const packets = countOf(cx.snapshot, last);
  const refused = refusedAtOnce(first);
  const routes = routesSeen(cx.snapshot, outcome, failure);
  const refuted = packets === 0 && agreeing.length > 0;
  const assumptions = [
    ...outcome.assumptions.map(({ text }) => text),
    ...(refuted ? [reset] : []),
    ...(last?.stage === 'neighbour' ? [askedAgain] : []),
  ];
  const told =
    failure.direction === 'there' ? (count === 1 ? 'one' : 'more') : count === 1 ? 'oneUnanswered' : 'moreUnanswered';
  cx.report(told, {
    certainty: certaintyOf(first, assumptions),
    ...subjectOf(first, last, wrong),
    data: { ...endsOf(first), what: whatOf(outcome, last, wrong), count },
    evidence: [
      ...failure.route,
      ...(wrong !== null
        ? misaddressedEvidence(cx.snapshot, wrong)
        : routes.length > 0
          ? routes
          : withCount(packets, failure.evidence, agreeing.length > 0)),
      ...(refused === null ? [] : [refusedEvidence(refused)]),
      ...agreeing.slice(0, mostAgreeing),
    ],
    assumptions,
    path: failure.steps,
    ...fixed(
      wrong !== null
        ? misaddressedFix(wrong)
        : refused !== null
          ? refusedFix(cx.snapshot, refused)
          : (forwardingFix(cx.snapshot, last) ?? inputFix(cx.snapshot, last, refusedOnes)),
    ),
  });
}

function whatOf({ disposition }: Outcome, last: Step | null, wrong: Misaddressed | null): string {
  if (wrong !== null) return misaddressedText(wrong);
  return last === null ? disposition : endOf(last);
}

/** Chains of one name stand in several tables; where it is not the usual one, it is named. */
function endOf({ stage, what, claim }: Step): string {
  const table = claim?.kind === 'policy' || claim?.kind === 'applies' ? stage.split('/')[0] : 'filter';
  return table === 'filter' || table === 'nat' ? what : `${what} (table ${table})`;
}

const fixed = (fix: Fix | null) => (fix === null ? {} : { fix });

function endsOf({ connection: { from, to } }: Seen): { readonly from: string; readonly to: string } {
  return { from: from.name, to: `${to.name}${to.port === null ? '' : ` port ${to.port}`}` };
}

function subjectOf({ connection: { from, to, kind } }: Seen, last: Step | null, wrong: Misaddressed | null) {
  const port = to.port === null ? '' : ` port ${to.port}`;
  return {
    node: wrong?.sender.name ?? last?.node ?? from.node.name,
    subject: `${kind} ${last?.stage ?? ''} ${formatIp(to.ip)}${port}`,
  };
}

function certaintyOf({ trace, connection, fate }: Seen, assumptions: readonly string[]): Certainty {
  const sure = assumptions.length === 0 && trace.outcomes.every((outcome) => outcome.assumptions.length === 0);
  return sure && fate === 'fails' && connection.from.node.named ? 'proven' : 'likely';
}

const otherwise =
  'the attempt is taken to be of another time than the dumps, or something that was not captured to be at work';

/** A client saw the opposite of what the dumps say. That whoever was not captured does answer is only an assumption, which nothing contradicts. */
function contradict(cx: Context, one: Seen): void {
  const [outcome] = one.trace.outcomes;
  if (outcome === undefined) return;
  const assumed = one.trace.outcomes.some(({ assumptions }) => assumptions.length > 0);
  const fails = one.fate === 'fails' && one.answered.length > 0;
  const works = one.fate === 'works' && one.unanswered.length > 0 && !assumed;
  if (!fails && !works) return;
  const failure = fails ? failureOf(outcome) : null;
  cx.report(fails ? 'contradicted' : 'unexplained', {
    severity: 'info',
    certainty: 'likely',
    ...subjectOf(one, failure?.last ?? null, null),
    data: { ...endsOf(one), what: failure?.last?.what ?? '' },
    evidence: [...one.answered, ...one.unanswered, ...(failure?.evidence ?? [])],
    assumptions: [...outcome.assumptions.map(({ text }) => text), otherwise],
    path: failure?.steps ?? [...outcome.steps, ...(outcome.reply?.steps ?? [])],
  });
}

/** What could not be judged is said once for each node and its missing dumps, never connection by connection. */
function summarise(cx: Context, traced: readonly TracedConnection[]): void {
  const byNode = new Map<string, { count: number; dumps: Set<DumpId> }>();
  const reasons = new Map<string, number>();
  const note = (node: string, dumps: readonly DumpId[]) => {
    const row = byNode.get(node) ?? { count: 0, dumps: new Set<DumpId>() };
    byNode.set(node, row);
    row.count++;
    for (const dump of dumps) row.dumps.add(dump);
  };
  for (const one of traced) {
    const { fate, trace, connection } = one;
    const hanging = fate === 'fails' ? hangsOn(one) : [];
    if (hanging.length > 0) note(connection.from.node.name, hanging);
    if (fate !== 'open') continue;
    for (const reason of beyondDumps(one)) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    const open = trace.outcomes.filter(({ because }) => because.some(({ dump }) => dump !== null));
    const missing = open.flatMap(({ because }) => because.flatMap(({ dump }) => dump ?? []));
    for (const node of new Set(open.map(({ final }) => nodeName(cx.snapshot, final.node)))) note(node, missing);
  }
  for (const [node, { count, dumps }] of byNode)
    cx.notEvaluated(node, [...dumps].sort(), `${count} of ${traced.length} standard connections cannot be judged`);
  for (const [reason, count] of reasons)
    cx.partly(`${count} of ${traced.length} standard connections cannot be judged: ${reason}`);
}

/** Why it is open, where no dump would settle that: another packet filter, say. */
function beyondDumps({ trace: { outcomes } }: TracedConnection): readonly string[] {
  const because = outcomes.flatMap((one) => one.because);
  return because.some(({ dump }) => dump !== null) ? [] : [...new Set(because.map(({ text }) => text))];
}

/** `node-1/pod-a` is a namespace of node-1. */
function nodeName({ nodes }: Snapshot, place: string): string {
  return nodes.find(({ name }) => name === place || place.startsWith(`${name}/`))?.name ?? place;
}
