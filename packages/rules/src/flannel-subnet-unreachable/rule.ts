/** flannel: a node lacks the route, the neighbour entry or the forwarding entry to a peer's pods, or does not forward at all. */
import { type DumpId, type Family, formatPrefix, gapOf, type Node, type Span, sameIp } from '@coldtrace/core';
import { defineRule, type RuleContext } from '../define-rule.js';
import { breaksOff } from '../facts/breaks-off.js';
import { showsRoutes } from '../facts/routes-shown.js';
import type { Finding, Fix } from '../finding.js';
import { backendOf } from '../flannel/backend.js';
import { betweenPods } from '../flannel/between-pods.js';
import {
  type CapturedNode,
  captured,
  carriedFamilies,
  certaintyOf,
  doubtsOf,
  leaseOf,
  restartFlanneld,
  restartNote,
} from '../flannel/common.js';
import { type FlannelNode, flannelNodes } from '../flannel/flannel-node.js';
import { type Gap, gapBetween } from './gaps.js';
import { bridgeSource, plainGaps } from './plain-routes.js';

const messages = {
  device: '{node} has no {device}: it reaches no pod of {subnet} on {peer}, nor of any other node',
  down: '{device} of {node} is down, so that no route leads into it: {node} reaches no pod of {subnet} on {peer}, nor of any other node',
  barred:
    '{node} refuses what is for {subnet}, the pods of {peer}: it has a route of type {type} there, and none into the tunnel',
  astray:
    '{node} sends what is for {subnet}, the pods of {peer}, to {via} behind {device}, which is not the way that flannel sets: nothing arrives',
  route: '{node} has no route to {subnet}, the pods of {peer}: what is for them takes the default route or none',
  neighbour:
    '{node} has no neighbour entry for {via} on {device}: its packets for {subnet}, the pods of {peer}, cannot be addressed',
  forwarding:
    '{node} has no forwarding entry for the hardware address of {via} on {device}, which cannot send what is for {subnet}, the pods of {peer}',
  forwards: '{node} does not forward: pods of {subnet} reach no other node, and none reaches them',
} as const;

type Context = RuleContext<keyof typeof messages>;

export const flannelSubnetUnreachable = defineRule({
  id: 'flannel-subnet-unreachable',
  severity: 'error',
  summary: 'A node lacks the route or one of the entries that lead to the pods of another node of a flannel network.',
  needs: ['ip-route', 'ip-neigh', 'bridge-fdb', 'subnet-env', 'nodes'],
  decidesBy: ['ip-route'],
  messages,
  check: (cx) => {
    const nodes = flannelNodes(cx.snapshot);
    for (const node of captured(nodes)) {
      for (const family of carriedFamilies(node)) {
        const missing = missingDumps(cx, node, family);
        if (missing.length > 0) cx.notEvaluated(node.name, missing);
        checkForwarding(cx, node, family);
        for (const peer of nodes) {
          const gap = peer.name === node.name ? null : gapBetween(cx.snapshot, node, peer, family, cx.assume);
          if (gap === null || (missing.length > 0 && !gap.complete)) continue;
          reportGap(cx, gap);
          // The device is the same for all peers.
          if (gap.kind === 'down') break;
        }
      }
    }
    for (const gap of plainGaps(cx.snapshot)) reportGap(cx, gap);
    const [only, another] = nodes;
    if (only !== undefined && another === undefined)
      cx.notEvaluated(null, ['subnet-env', 'nodes'], `no other node than ${only.name} was captured`);
  },
});

function missingDumps({ snapshot }: Context, node: CapturedNode, family: Family): readonly DumpId[] {
  const { host } = node.node;
  if (!showsRoutes(host, family) || breaksOff(snapshot, host.routes)) return [family === 4 ? 'ip-route' : 'ip-6-route'];
  if (backendOf(snapshot, node)?.value !== 'vxlan') return [];
  if (host.neighbours.state === 'absent' || breaksOff(snapshot, host.neighbours)) return ['ip-neigh'];
  return host.fdb.state === 'absent' || breaksOff(snapshot, host.fdb) ? ['bridge-fdb'] : [];
}

function reportGap(cx: Context, gap: Gap): void {
  const { kind, node, peer, subnet, backend, complete, assumption } = gap;
  const pair = betweenPods(cx.snapshot, node, peer, subnet.value.ip.family, cx.assume);
  const outcome = pair?.outcomes[0] ?? null;
  // A captured router may know the way.
  if (subnet.source === bridgeSource && outcome?.disposition === 'delivered') return;
  const dumps: readonly DumpId[] =
    kind === 'route' || kind === 'device' || kind === 'down' || kind === 'barred'
      ? ['ip-route', 'ip-rule']
      : ['ip-route', 'ip-rule', 'ip-neigh', 'bridge-fdb', 'ip-link'];
  const partial = complete ? [] : [`the dump of ${node.name} may lack lines that say otherwise`];
  const heard =
    peer.node === null && peer.object === null
      ? [
          `${peer.name} is known from the log of flanneld alone; it is taken to hold ${formatPrefix(subnet.value)} still`,
        ]
      : [];
  const taken = assumption === null ? [] : [assumption];
  const doubts = [...taken, ...partial, ...heard, ...doubtsOf(outcome, dumps).map(({ text }) => text)];
  const cited = gap.evidence.some(({ span }) => sameSpan(span, subnet.evidence.span));
  cx.report(kind, {
    certainty: certaintyOf([node, peer], [subnet, backend], doubts),
    node: node.name,
    subject: `${formatPrefix(subnet.value)} ${kind}`,
    data: { node: node.name, peer: peer.name, subnet: formatPrefix(subnet.value), ...gap.data },
    evidence: [...gap.evidence, ...(cited ? [] : [subnet.evidence])],
    assumptions: doubts,
    path: outcome?.steps ?? [],
    fix: gapFix(gap),
    explains: (symptom) =>
      kind === 'down'
        ? symptom.path.some((step) => step.node === node.name)
        : (symptom.path.some((step) => step.node === node.name) && sameEnds(symptom.message, node.name, peer.name)) ||
          isRefusedSource(symptom, node.name, peer.name),
  });
}

function sameSpan(one: Span, other: Span): boolean {
  return one.file === other.file && one.start === other.start && one.end === other.end;
}

/** The symptom is about a connection between these nodes. */
function sameEnds(message: string, node: string, peer: string): boolean {
  return message.includes(node) && message.includes(peer);
}

/** What comes from the peer is dropped, since the way back to it does not lead through the tunnel. */
function isRefusedSource({ path }: Finding, node: string, peer: string): boolean {
  const last = path.at(-1);
  return last?.node === node && last.stage === 'rp_filter' && path.some((step) => step.node === peer);
}

function gapFix({ kind, node, peer, subnet, commands, undo }: Gap): Fix {
  const given = commands.map((command, at) => ({
    node: node.name,
    command,
    disrupts: `nothing: no packet for the pods of ${peer.name} finds its way now`,
    undo:
      at === 0 && undo !== undefined
        ? undo
        : command.replace(/ (?:replace) /, ' del ').replace(/ self permanent$/, ' self'),
  }));
  return {
    steps: kind === 'down' || given.length === 0 ? [...given, restartFlanneld(node)] : given,
    persist:
      subnet.source === bridgeSource
        ? `Put the route where those of the other nodes come from: flanneld (then restart it on ${node.name}), or the network configuration of ${node.name}.`
        : `Restart flanneld on ${node.name}. ${restartNote}`,
    notes:
      subnet.source === bridgeSource
        ? ''
        : `If the entry vanishes again, see whether the Node object of ${peer.name} has its flannel annotations and whether flanneld of ${node.name} may read Node objects.`,
    verified: null,
  };
}

const forwardKeys = { 4: 'net/ipv4/ip_forward', 6: 'net/ipv6/conf/all/forwarding' } as const;

/** The switch that everything else rests on. */
function checkForwarding(cx: Context, node: CapturedNode, family: Family): void {
  const key = forwardKeys[family];
  const row = node.node.host.sysctl.byKey.get(key);
  const subnet = leaseOf(node, family);
  if (row === undefined || row.value.trim() !== '0' || subnet === null || row.trust === 'claimed') return;
  // Where other nodes use it as their gateway, gateway-does-not-forward says all of it.
  if (cx.snapshot.nodes.some((other) => other !== node.node && routesThrough(other, node.node, family))) return;
  const doubts = isFromFile(cx, node, row.span)
    ? [`the line stands in a file; what the kernel has was not captured ${gapOf(node.name, node.node.host, 'sysctl')}`]
    : [];
  cx.report('forwards', {
    role: 'symptom',
    certainty: certaintyOf([node], [row, subnet], doubts),
    node: node.name,
    subject: family === 4 ? 'ip_forward' : 'ipv6 forwarding',
    data: { node: node.name, subnet: formatPrefix(subnet.value) },
    evidence: [{ span: row.span, why: 'packets that are not for the node itself are dropped' }, subnet.evidence],
    assumptions: doubts,
    path: wayToFirst(cx, node, family),
    fix: forwardFix(node, key.replaceAll('/', '.')),
    explains: ({ path }) =>
      path.some(
        (step) => step.node === node.name && step.stage === 'forward' && step.what.includes('forwarding is off'),
      ),
  });
}

function routesThrough({ host }: Node, gateway: Node, family: Family): boolean {
  return host.routes.rows.some(
    ({ dst, nexthops }) =>
      dst.length === 0 &&
      dst.ip.family === family &&
      nexthops.some(({ via }) => via !== null && gateway.host.addresses.rows.some(({ ip }) => sameIp(ip, via))),
  );
}

/** sysctl.conf says what is set at boot. */
function isFromFile({ snapshot }: Context, { node }: CapturedNode, span: Span): boolean {
  if (snapshot.files[span.file]?.name.endsWith('.conf') === true) return true;
  return node.host.sysctl.sources.some(
    (source) =>
      source.span.file === span.file &&
      source.span.start <= span.start &&
      span.end <= source.span.end &&
      source.command?.includes('.conf') === true,
  );
}

function wayToFirst(cx: Context, node: CapturedNode, family: Family) {
  const peer = flannelNodes(cx.snapshot).find((one) => one.name !== node.name && leaseOf(one, family) !== null);
  return peer === undefined ? [] : (betweenPods(cx.snapshot, node, peer, family, cx.assume)?.outcomes[0]?.steps ?? []);
}

function forwardFix({ name }: FlannelNode, key: string): Fix {
  return {
    steps: [
      {
        node: name,
        command: `sysctl -w ${key}=1`,
        disrupts: 'nothing; the node passes packets on from now on',
        undo: `sysctl -w ${key}=0`,
      },
    ],
    persist: `Write ${key} = 1 to /etc/sysctl.d/99-kubernetes.conf, and see that no other file sets it to 0 later.`,
    notes: '',
    verified: null,
  };
}
