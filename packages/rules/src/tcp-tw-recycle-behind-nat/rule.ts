/** tcp_tw_recycle keeps one timestamp per address: of clients that share one behind a NAT it takes the SYNs of one and drops those of the others. */
import { type Evidence, formatIp, type Node, sameIp } from '@coldtrace/core';
import { defineRule, type RuleContext } from '../define-rule.js';
import type { Certainty, Fix } from '../finding.js';
import { type Recycling, recyclingOf } from './recycling.js';
import { type Replay, replaySyns, synEvidence } from './replay.js';
import { type SharedSource, sharedSource } from './shared-source.js';

const messages = {
  shared:
    '{node} has net.ipv4.tcp_tw_recycle=1, and clients of port {port} of {entry} all reach {server} as {source}: the kernel takes the connections of one and drops the SYNs of others whose timestamps are behind, for up to 60 s{replayed}',
  replayed:
    '{node} has net.ipv4.tcp_tw_recycle=1, and behind {source} are clients with several clocks: SYNs whose timestamps are behind the last one remembered are dropped, for up to 60 s{replayed}',
  latent:
    '{node} has net.ipv4.tcp_tw_recycle=1: of clients that share one address behind a NAT it takes the connections of one and drops the SYNs of others, for up to 60 s',
  seen: 'SYNs from {source} go unanswered while their timestamps are behind that of one that was answered: so does a kernel older than 4.12 with net.ipv4.tcp_tw_recycle=1 treat clients behind one NAT{replayed}',
} as const;

type Context = RuleContext<keyof typeof messages>;

export const tcpTwRecycleBehindNat = defineRule({
  id: 'tcp-tw-recycle-behind-nat',
  severity: 'error',
  summary:
    'A kernel older than 4.12 with net.ipv4.tcp_tw_recycle drops SYNs of clients that share one address behind a NAT.',
  needs: ['sysctl', 'uname', 'iptables-save', 'ip-addr', 'ip-route', 'conntrack'],
  messages,
  check: (cx) => {
    for (const node of cx.snapshot.nodes) checkNode(cx, node);
    if (cx.snapshot.nodes.length === 0) reportSeen(cx, null);
  },
});

function checkNode(cx: Context, node: Node): void {
  const recycling = recyclingOf(node);
  if (recycling === 'no') return;
  if (recycling === 'unknown') {
    if (!reportSeen(cx, node)) cx.notEvaluated(node.name, ['sysctl']);
    return;
  }
  const shared = sharedSource(cx.snapshot, node, cx.assume);
  const replay = replaySyns(cx.snapshot, node);
  if (shared === null && !node.host.rulesets.some(({ complete }) => complete))
    cx.notEvaluated(node.name, ['iptables-save']);
  report(cx, node, recycling, shared, replay);
}

function report(cx: Context, node: Node, recycling: Recycling, shared: SharedSource | null, replay: Replay): void {
  const kind = shared !== null ? 'shared' : replay.shared.length > 0 ? 'replayed' : 'latent';
  const assumptions = assumptionsOf(node, recycling, shared, replay);
  const [source] = replay.shared;
  cx.report(kind, {
    severity: kind === 'latent' ? 'warning' : 'error',
    certainty: certaintyOf(node, recycling, assumptions),
    node: node.name,
    subject: 'net.ipv4.tcp_tw_recycle',
    data: {
      node: node.name,
      source: shared !== null ? formatIp(shared.source) : source === undefined ? '' : formatIp(source),
      replayed: replayText(replay),
      ...(shared === null ? {} : { entry: shared.entry.name, port: shared.port, server: shared.server }),
      dropped: replay.syns.filter(({ dropped }) => dropped).length,
      syns: replay.syns.length,
    },
    evidence: [...recycling.evidence, ...masquerading(shared), ...synEvidence(replay), ...stuck(node)],
    assumptions,
    path: shared?.outcome.steps ?? [],
    fix: recycleFix(node),
  });
}

/** `; of 6 captured SYNs it drops 4, and those got no answer` */
function replayText({ syns, shared }: Replay): string {
  if (shared.length === 0) return '';
  const dropped = syns.filter((syn) => syn.dropped);
  const answered = dropped.filter((syn) => syn.answered).length;
  const met = answered === 0 ? 'none of those was answered' : `yet ${answered} of those were answered`;
  return `; of ${syns.length} captured SYNs it drops ${dropped.length}, and ${met}`;
}

const remembering =
  'a timestamp is remembered once a connection of its address has ended in TIME_WAIT on the side of the listener';

function assumptionsOf(
  { name }: Node,
  recycling: Recycling,
  shared: SharedSource | null,
  replay: Replay,
): readonly string[] {
  // What becomes of the packet beyond the node has no bearing on the address that it comes under.
  const there = shared?.outcome.assumptions.filter(({ dump }) => dump !== null || shared.entry.name !== name) ?? [];
  const contradicted = replay.syns.some(({ dropped, answered }) => dropped && answered);
  const alone = shared === null && replay.shared.length > 0 ? [remembering] : [];
  const latent =
    shared === null && replay.shared.length === 0
      ? ['clients share an address behind a NAT; no such way was captured']
      : [];
  return [
    ...recycling.assumptions,
    ...there.map(({ text }) => text),
    ...alone,
    ...latent,
    ...(contradicted
      ? ['SYNs that such a kernel drops were answered in the capture, so it may be of another time']
      : []),
  ];
}

function certaintyOf(node: Node, { captured }: Recycling, assumptions: readonly string[]): Certainty {
  if (!node.named) return 'possible';
  return captured && assumptions.length === 0 ? 'proven' : 'likely';
}

/** The rules that translate on the way, the last of which gives all clients one source. */
function masquerading(shared: SharedSource | null): readonly Evidence[] {
  const steps =
    shared?.outcome.steps.filter(({ stage, rule }) => stage === 'nat/POSTROUTING' && rule !== undefined) ?? [];
  const line = steps.at(-1)?.evidence[0];
  return line === undefined ? [] : [{ span: line.span, why: 'gives the connections of all clients one source' }];
}

const mostStuck = 2;

/** Connections to the node that it never answered. */
function stuck({ host }: Node): readonly Evidence[] {
  return host.conntrack.rows
    .filter(
      ({ state, status, original }) =>
        state === 'SYN_SENT' &&
        status.includes('UNREPLIED') &&
        host.addresses.rows.some((row) => sameIp(row.ip, original.dst)) &&
        !host.addresses.rows.some((row) => sameIp(row.ip, original.src)),
    )
    .slice(0, mostStuck)
    .map(({ span }) => ({ span, why: 'a connection to the node that was never answered' }));
}

function recycleFix({ name }: Node): Fix {
  return {
    steps: [
      {
        node: name,
        command: 'sysctl -w net.ipv4.tcp_tw_recycle=0',
        disrupts: 'nothing: sockets in TIME_WAIT stay for their 60 s again',
        undo: 'sysctl -w net.ipv4.tcp_tw_recycle=1',
      },
    ],
    persist:
      'Take net.ipv4.tcp_tw_recycle out of /etc/sysctl.conf and /etc/sysctl.d, of the images and playbooks that write them, and of tuning daemons; kernels from 4.12 on have it no more.',
    notes:
      'Turning timestamps off hides it too, at the price of protection against old segments. Servers do not need net.ipv4.tcp_tw_reuse instead: it concerns connections that they open themselves.',
    verified: null,
  };
}

/** Without the parameter: a capture in which clocks of one address differ and the slower one is not answered. */
function reportSeen(cx: Context, node: Node | null): boolean {
  const replay = replaySyns(cx.snapshot, node);
  const [source] = replay.shared;
  const dropped = replay.syns.filter((syn) => syn.dropped);
  const taken = replay.syns.filter((syn) => !syn.dropped);
  if (source === undefined || dropped.some(({ answered }) => answered) || !taken.some(({ answered }) => answered))
    return false;
  cx.report('seen', {
    severity: 'warning',
    certainty: 'possible',
    node: node?.name ?? null,
    subject: `SYNs ${formatIp(source)}`,
    data: { source: formatIp(source), replayed: replayText(replay), dropped: dropped.length, syns: replay.syns.length },
    evidence: synEvidence(replay),
    assumptions: [
      'net.ipv4.tcp_tw_recycle is 1 and the kernel older than 4.12 (sysctl and uname are not in the snapshot)',
      remembering,
    ],
    ...(node === null ? {} : { fix: recycleFix(node) }),
  });
  return true;
}
