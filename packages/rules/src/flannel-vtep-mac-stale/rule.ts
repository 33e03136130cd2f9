/** flannel, VXLAN: a node still sends to the hardware address that a peer's tunnel device had before it was made anew. */
import {
  type Evidence,
  formatIp,
  formatMac,
  gapOf,
  type Node,
  type Outcome,
  type Reason,
  type Row,
  type Snapshot,
  sameMac,
} from '@coldtrace/core';
import { defineRule, type RuleContext } from '../define-rule.js';
import { linkNamed, macEvidence } from '../facts/links.js';
import { partOf } from '../facts/part-of.js';
import type { Certainty, Fix } from '../finding.js';
import { announcedMac } from '../flannel/announced.js';
import { betweenPods, echo } from '../flannel/between-pods.js';
import { isIpv6Device } from '../flannel/common.js';
import { type FlannelNode, flannelNodes, vteps } from '../flannel/flannel-node.js';
import { announcesOld, entriesFix } from './fix.js';
import { checkForwarding } from './forwarding-only.js';
import { ownEntries, ownEntryFix, twoNodes } from './own-entry.js';
import { checkShared } from './shared.js';
import { type Belief, beliefs, type Fault, faultOf, holderOf, publicAddress, sentenceOf } from './stale.js';

const messages = {
  stale:
    '{node} sends frames for {peer} to {old}{announced}, but {device} of {peer} has {mac}: {peer} takes them for somebody else’s and drops them, so pods of {node} reach no pod of {peer} and answer none{over}',
  nowhere:
    '{node} takes {old}{announced} for {device} of {peer}, which has {mac}, and has no forwarding entry for it: frames for pods of {peer} leave {node} nowhere{over}',
  detour:
    '{node} sends frames for {peer} to {old}, which is {device} of {other}: they reach {peer}{over} only because {other} passes them on',
  misled:
    '{node} sends frames for {peer} to {old}, which is {device} of {other}: {other} gets what is meant for {peer}{over}',
  astray:
    '{node} sends frames for {peer} to {old}, which is {device} of {other}, and {other} does not pass them on: pods of {node} reach no pod of {peer}{over}',
  forwarding:
    '{node} has no forwarding entry for {mac}, the hardware address of {device} of {peer}, only one for {old}: frames for pods of {peer} leave {node} nowhere',
  unforwarded:
    '{node} has no forwarding entry for {mac}, the hardware address of {device} of {peer}, only one for {old}: its frames for pods of {peer} leave {node} nowhere, or {peer} drops them',
  elsewhere: '{node} sends frames for {mac}, which is {device} of {peer}, to {dst}, which is no address of {peer}',
  mixed:
    'frames for {vtep}, which is {device} of a node, are sent to {old}, but {device} there has {mac}: that node takes them for somebody else’s and drops them',
  shared:
    '{device} has the same hardware address, {mac}, on {nodes}: each of them drops the frames of the other as its own, and other nodes can send frames for that address to one of them only',
  announced:
    '{peer} announces {old} as the hardware address of {device}, which has {mac}: nodes that hear of it send frames that {peer} drops',
} as const;

export type Context = RuleContext<keyof typeof messages>;

export const flannelVtepMacStale = defineRule({
  id: 'flannel-vtep-mac-stale',
  severity: 'error',
  summary: 'A node sends flannel’s VXLAN frames to a hardware address that the peer’s device no longer has.',
  needs: ['ip-neigh', 'bridge-fdb', 'ip-link', 'ip-addr'],
  messages,
  check: (cx) => {
    const nodes = flannelNodes(cx.snapshot);
    const shared = checkShared(cx, nodes);
    const tunnelled = nodes.filter((one) => one.node !== null && vteps(one.node).length > 0);
    if (tunnelled.length === 0) {
      if (nodes.length > 0 && nodes.every(({ node }) => node === null || node.host.links.state === 'absent'))
        cx.notEvaluated(null, ['ip-link', 'ip-neigh', 'bridge-fdb']);
      return;
    }
    askForMissing(cx, nodes, tunnelled);
    const faulty = beliefs(cx.snapshot, nodes).flatMap((belief) => {
      const fault = shared.some((mac) => sameMac(mac, belief.truth.mac)) ? null : faultOf(belief);
      return fault === null ? [] : [{ belief, fault }];
    });
    for (const { belief, fault } of faulty) reportBelief(cx, nodes, belief, fault);
    checkForwarding(cx, nodes);
    for (const { node } of tunnelled) if (node?.named === false) reportMixed(cx, node);
    const told = new Set(faulty.filter(({ belief }) => announcesOld(belief)).map(({ belief }) => belief.peer.name));
    for (const node of nodes) if (!told.has(node.name)) checkAnnouncement(cx, node);
  },
});

function askForMissing(cx: Context, nodes: readonly FlannelNode[], tunnelled: readonly FlannelNode[]): void {
  for (const { node, name } of tunnelled) {
    if (node?.host.neighbours.state === 'absent') cx.notEvaluated(name, ['ip-neigh']);
    else if (node?.host.fdb.state === 'absent') cx.notEvaluated(name, ['bridge-fdb']);
  }
  const [only, another] = nodes;
  if (only !== undefined && another === undefined)
    cx.notEvaluated(null, ['ip-link', 'nodes'], `no other node than ${only.name} was captured`);
  for (const { node, name, object } of nodes)
    if (node !== null && node.host.links.state === 'absent' && object === null) cx.notEvaluated(name, ['ip-link']);
}

function reportBelief(cx: Context, nodes: readonly FlannelNode[], belief: Belief, fault: Fault): void {
  const { node, peer, device, truth, vtep } = belief;
  const outcome = wayOf(cx, belief);
  const other = holderOf(nodes, belief);
  const sentence = sentenceOf(fault, belief, other, outcome);
  const isDual = vteps(node.node).some((name) => isIpv6Device(name) !== isIpv6Device(device));
  const doubts = doubtsOf(belief, fault, outcome);
  cx.report(sentence, {
    severity: sentence === 'detour' ? 'warning' : 'error',
    certainty: certaintyOf(belief, outcome, doubts),
    node: node.name,
    subject: `${device} ${formatIp(vtep)}`,
    data: {
      node: node.name,
      peer: peer.name,
      device: device,
      vtep: formatIp(vtep),
      mac: formatMac(truth.mac),
      public: publicAddress(belief),
      other: other?.name ?? '',
      over: isDual ? ` over IPv${vtep.family}` : '',
      announced: announcesOld(belief) && isAnnounced(belief) ? `, which ${peer.name} still announces` : '',
      ...(fault.kind === 'elsewhere' ? { dst: formatIp(fault.dst) } : { old: formatMac(fault.old) }),
    },
    evidence: evidenceOf(cx.snapshot, belief),
    assumptions: doubts.map(({ text }) => text),
    path: outcome?.steps ?? [],
    fix: entriesFix(belief, sentence === 'detour'),
  });
}

function reportMixed(cx: Context, node: Node): void {
  for (const own of ownEntries(node)) {
    const { device, address, entry, old, mac } = own;
    const vtep = formatIp(entry.ip);
    cx.report('mixed', {
      certainty: 'likely',
      node: null,
      subject: `${device.name} ${vtep}`,
      data: { vtep, device: device.name, old: formatMac(old), mac: formatMac(mac) },
      evidence: [
        { span: partOf(cx.snapshot, entry.span, formatMac(old)), why: `who holds this entry takes ${vtep} to be here` },
        macEvidence(cx.snapshot, device, `the hardware address that ${device.name} has`),
        { span: address.span, why: `${vtep} is an address of ${device.name}` },
      ],
      assumptions: [twoNodes],
      fix: ownEntryFix(own),
    });
  }
}

function isAnnounced({ truth, entry }: Belief): boolean {
  return truth.announced !== null && sameMac(truth.announced.value, entry.lladdr);
}

/** A pod's packet first; where it does not come as far as the tunnel, one of the node itself. */
function wayOf({ snapshot, assume }: Context, { node, peer, vtep, device }: Belief): Outcome | null {
  const pair = betweenPods(snapshot, node, peer, vtep.family, assume);
  const first = pair?.outcomes[0] ?? null;
  if (first?.steps.some(({ stage }) => stage === 'vxlan') === true || pair === null) return first;
  const from = { kind: 'process', node: node.node, ns: node.node.host, src: null } as const;
  const own = echo(snapshot, from, pair.dst, assume).outcomes[0] ?? null;
  return own?.steps.some(({ what }) => what.includes(device)) === true ? own : first;
}

/** Dumps that decide where the frame goes and to whom it is addressed; filters and switches on the way are others' matter. */
const decisive = new Set<Reason['dump']>([null, 'ip-neigh', 'bridge-fdb', 'ip-link', 'ip-addr', 'ip-route', 'ip-rule']);

function doubtsOf({ node, peer, truth, device }: Belief, fault: Fault, outcome: Outcome | null): readonly Reason[] {
  const doubts: Reason[] = [];
  if (truth.link === null && fault.kind !== 'elsewhere')
    doubts.push({
      dump: 'ip-link',
      text: `${device} of ${peer.name} is taken to be as its node announces it ${gapOf(peer.name, peer.node?.host ?? null, 'ip-link')}`,
    });
  if (node.node.host.fdb.state === 'absent')
    doubts.push({
      dump: 'bridge-fdb',
      text: `where ${device} sends frames is not known ${gapOf(node.name, node.node.host, 'bridge-fdb')}`,
    });
  if (peer.node !== null && peer.node.host.addresses.state === 'absent')
    doubts.push({
      dump: 'ip-addr',
      text: `the address of ${device} is taken to be the first of the subnet (${peer.name}: ip-addr is not in the snapshot)`,
    });
  if (outcome === null)
    doubts.push({
      dump: 'subnet-env',
      text: `the way of a packet between their pods could not be followed (${node.name}, ${peer.name}: subnet-env is not in the snapshot)`,
    });
  const told = [...(outcome?.assumptions ?? []), ...(outcome?.because ?? [])].filter(({ dump }) => decisive.has(dump));
  return [...doubts, ...told];
}

function certaintyOf(
  { node, peer, entry, truth }: Belief,
  outcome: Outcome | null,
  doubts: readonly Reason[],
): Certainty {
  const rows: readonly Pick<Row, 'trust'>[] = [entry, truth];
  const captured = rows.every(({ trust }) => (trust ?? 'captured') === 'captured');
  const named = node.node.named && peer.node?.named !== false;
  return named && captured && doubts.length === 0 && outcome !== null ? 'proven' : 'likely';
}

function evidenceOf(snapshot: Snapshot, belief: Belief): readonly Evidence[] {
  const { node, peer, device, truth, entry, present, former, vtep } = belief;
  const mac = formatMac(truth.mac);
  const { link, announced } = truth;
  const underlay = isIpv6Device(device) ? 6 : 4;
  const why = (row: { readonly mac: Belief['entry']['lladdr'] }) =>
    sameMac(row.mac, truth.mac)
      ? `where ${node.name} sends frames for ${mac}`
      : `leads to ${peer.name} with the old hardware address`;
  return [
    {
      span: partOf(snapshot, entry.span, formatMac(entry.lladdr)),
      why: `${node.name} takes ${formatIp(vtep)} of ${peer.name} to be here`,
    },
    ...[...present, ...former].slice(0, 3).map((row) => ({ span: row.span, why: why(row) })),
    ...(link === null ? [] : [macEvidence(snapshot, link, `the hardware address that ${device} of ${peer.name} has`)]),
    ...(announced === null ? [] : [announced.evidence]),
    ...peer.publicIps
      .filter(({ source, value }) => source.startsWith('public-ip') && value.family === underlay)
      .slice(0, 1)
      .map(({ evidence }) => evidence),
    ...logEvidence(belief),
  ];
}

/** flanneld's own words about the peer. */
function logEvidence({ node, truth, peer }: Belief): readonly Evidence[] {
  return node.node.observations
    .flatMap((row) =>
      row.kind === 'log' &&
      row.event === 'flannel-peer' &&
      peer.publicIps.some(({ value }) => formatIp(value) === row.data['publicIp'])
        ? [
            {
              span: row.span,
              why:
                row.data['vtepMac'] === formatMac(truth.mac)
                  ? `flanneld of ${node.name} heard of the new one`
                  : `flanneld of ${node.name} heard of this one`,
            },
          ]
        : [],
    )
    .slice(0, 2);
}

/** The annotation and the device differ: whoever hears of the node next gets it wrong. */
function checkAnnouncement(cx: Context, peer: FlannelNode): void {
  if (peer.node === null) return;
  for (const name of vteps(peer.node)) {
    const device = linkNamed(peer.node.host, name);
    const announced = announcedMac(cx.snapshot, peer.object, name);
    if (device === undefined || announced === null || device.mac === null || sameMac(announced.value, device.mac))
      continue;
    const captured = peer.node.named && announced.trust === 'captured' && (device.trust ?? 'captured') === 'captured';
    cx.report('announced', {
      severity: 'warning',
      certainty: captured ? 'proven' : 'likely',
      node: peer.name,
      subject: `${device.name} announced`,
      data: { peer: peer.name, device: device.name, old: formatMac(announced.value), mac: formatMac(device.mac) },
      evidence: [announced.evidence, macEvidence(cx.snapshot, device, `the hardware address that ${device.name} has`)],
      fix: announceFix(peer),
    });
  }
}

function announceFix({ name, object }: FlannelNode): Fix {
  return {
    steps: [
      {
        node: null,
        command: `kubectl -n kube-flannel delete pod --field-selector spec.nodeName=${object?.meta.name ?? name}`,
        disrupts: `nothing that works: the pods of ${name} keep running while flanneld starts again`,
        undo: 'none needed: the daemonset makes the pod again',
      },
    ],
    persist: 'flanneld writes the annotation each time it starts.',
    notes: '',
    verified: null,
  };
}
