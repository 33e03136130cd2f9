/** tcp_tw_recycle keeps one timestamp per address: of clients that share one behind a NAT it takes the SYNs of one and drops those of the others. */
import { type ConnEntry, type Evidence, formatIp, type Ip, type Node, type SeenLog, sameIp } from '@coldtrace/core';
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
  stuck:
    '{node} has net.ipv4.tcp_tw_recycle=1, and of the connections that come from {source} some are taken and others are never answered: the kernel drops SYNs of clients behind one NAT whose timestamps are behind, for up to 60 s',
  counted:
    '{node} has net.ipv4.tcp_tw_recycle=1 and has dropped {refused} SYNs because their timestamps were behind: of clients that share one address behind a NAT it takes the connections of one and drops the SYNs of others, for up to 60 s',
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
  const halves = halfTaken(node);
  const counted = refusedSyns(node);
  const kind = kindOf(shared, replay, halves, counted);
  const assumptions = assumptionsOf(node, recycling, kind, shared, replay);
  const [source = halves] = replay.shared;
  const refuted = kind === 'replayed' && replay.syns.every(({ dropped, answered }) => !dropped || answered);
  cx.report(kind, {
    severity: kind === 'latent' || refuted ? 'warning' : 'error',
    certainty: certaintyOf(node, recycling, assumptions),
    node: node.name,
    subject: 'net.ipv4.tcp_tw_recycle',
    data: {
      node: node.name,
      source: shared !== null ? formatIp(shared.source) : source === null ? '' : formatIp(source),
      replayed: replayText(replay),
      ...(shared === null ? {} : { entry: shared.entry.name, port: shared.port, server: shared.server }),
      refused: counted?.data['count'] ?? '',
      dropped: replay.syns.filter(({ dropped }) => dropped).length,
      syns: replay.syns.length,
    },
    evidence: [
      ...recycling.evidence,
      ...masquerading(shared),
      ...synEvidence(replay),
      ...stuck(node),
      ...(counted === null ? [] : [{ span: counted.span, why: 'SYNs that the kernel dropped for this reason so far' }]),
    ],
    assumptions,
    path: shared?.outcome.steps ?? [],
    fix: recycleFix(node),
  });
}

function kindOf(shared: SharedSource | null, replay: Replay, halves: Ip | null, counted: SeenLog | null) {
  if (shared !== null) return 'shared';
  if (replay.shared.length > 0) return 'replayed';
  if (halves !== null) return 'stuck';
  return counted === null ? 'latent' : 'counted';
}

/** What the kernel counted; null: nothing, or it was not captured. */
function refusedSyns({ observations }: Node): SeenLog | null {
  const row = observations.find((one) => one.kind === 'log' && one.event === 'syns-refused-for-timestamps');
  return row?.kind === 'log' && Number(row.data['count']) > 0 ? row : null;
}

/** `; of 6 captured SYNs it drops 4, and those got no answer` */
function replayText({ syns, shared }: Replay): string {
  if (shared.length === 0) return '';
  const dropped = syns.filter((syn) => syn.dropped);
  const answered = dropped.filter((syn) => syn.answered).length;
  const met =
    answered === 0
      ? 'none of those was answered'
      : `yet ${answered} of those ${answered === 1 ? 'was' : 'were'} answered`;
  return `; of ${syns.length} captured SYNs it drops ${dropped.length}, and ${met}`;
}

const remembering =
  'a timestamp is remembered once a connection of its address has ended in TIME_WAIT on the side of the listener';

function assumptionsOf(
  { name }: Node,
  recycling: Recycling,
  kind: ReturnType<typeof kindOf>,
  shared: SharedSource | null,
  replay: Replay,
): readonly string[] {
  // What becomes of the packet beyond the node has no bearing on the address that it comes under.
  const there = shared?.outcome.assumptions.filter(({ dump }) => dump !== null || shared.entry.name !== name) ?? [];
  const contradicted = replay.syns.some(({ dropped, answered }) => dropped && answered);
  const alone = shared === null && replay.shared.length > 0 ? [remembering] : [];
  const stuckOnes = kind === 'stuck' ? ['the clients behind that address have clocks of their own'] : [];
  const counted = kind === 'counted' ? ['the clients whose SYNs were dropped share an address behind a NAT'] : [];
  const latent = kind === 'latent' ? ['clients share an address behind a NAT; no such way was captured'] : [];
  return [
    ...recycling.assumptions,
    ...there.map(({ text }) => text),
    ...alone,
    ...stuckOnes,
    ...counted,
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
function stuck(node: Node): readonly Evidence[] {
  return unanswered(node)
    .slice(0, mostStuck)
    .map(({ span }) => ({ span, why: 'a connection to the node that was never answered' }));
}

function unanswered(node: Node): readonly ConnEntry[] {
  return incoming(node).filter(({ state, status }) => state === 'SYN_SENT' && status.includes('UNREPLIED'));
}

/** Without its addresses nothing tells which connections come to the node; those that it opens itself go to no port of a Service. */
function incoming({ host }: Node): readonly ConnEntry[] {
  const own = (ip: Ip) => host.addresses.rows.some((row) => sameIp(row.ip, ip));
  const unknown = host.addresses.state === 'absent';
  return host.conntrack.rows.filter(({ original: { src, dst, dport } }) =>
    unknown ? isNodePort(dport) : own(dst) && !own(src),
  );
}

function isNodePort(port: number | null): boolean {
  return port !== null && port >= 30000 && port <= 32767;
}

/** An address of which one port of the node has answered some connections and leaves others unanswered. */
function halfTaken(node: Node): Ip | null {
  const taken = incoming(node).filter(
    ({ status, state }) => state !== null && state !== 'SYN_SENT' && !status.includes('UNREPLIED'),
  );
  const half = unanswered(node).find(({ original }) =>
    taken.some((one) => sameIp(one.original.src, original.src) && one.original.dport === original.dport),
  );
  return half?.original.src ?? null;
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
