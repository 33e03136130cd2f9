/** A node's own filter drops the UDP packets that carry flannel's tunnel: 8472 for VXLAN, 8285 for the udp backend. */
import {
  type Evidence,
  type Family,
  formatIp,
  gapOf,
  type Ip,
  type NetNs,
  type Node,
  type Outcome,
  type Step,
  sameIp,
  trace,
} from '@coldtrace/core';
import { defineRule, type RuleContext } from '../define-rule.js';
import { type Standing, withRoutesAsShown } from '../facts/altered.js';
import { routedAddresses } from '../facts/routed-addresses.js';
import { isWhole } from '../facts/table-rules.js';
import { backendOf, chosenAddresses } from '../flannel/backend.js';
import { type CapturedNode, captured, carriedFamilies, certaintyOf, isIpv6Device } from '../flannel/common.js';
import { type FlannelNode, flannelNodes, isFlannelDevice } from '../flannel/flannel-node.js';
import { portFix } from './fix.js';
import { checkLogged } from './logged.js';

const messages = {
  input:
    '{node} drops UDP {port} from {sources}, which carries {backend}: {what}. Pods of {peers} reach no pod of {node}',
  logged:
    '{node} drops UDP {port} from {sources}, which carries {backend}: {firewall} refuses it, and logs it as {prefix}. Pods there reach none of its pods',
  output:
    '{node} drops UDP {port} to {sources}, which carries {backend}: {what}. Pods of {node} reach no pod of {peers}',
} as const;

export type Context = RuleContext<keyof typeof messages>;

export const flannelTunnelPortBlocked = defineRule({
  id: 'flannel-tunnel-port-blocked',
  severity: 'error',
  summary: 'A node’s packet filter drops the UDP packets of flannel’s tunnel.',
  needs: ['iptables-save', 'ip-link', 'ip-route'],
  messages,
  check: (cx) => {
    const nodes = flannelNodes(cx.snapshot);
    for (const node of captured(nodes)) {
      if (node.node.host.addresses.state === 'absent' && portOf(cx, node, 4) !== null)
        cx.notEvaluated(node.name, ['ip-addr']);
      for (const family of carriedFamilies(node)) checkNode(cx, nodes, node, family);
    }
    checkLogged(cx);
  },
});

function checkNode(cx: Context, nodes: readonly FlannelNode[], node: CapturedNode, family: Family): void {
  const port = portOf(cx, node, family);
  if (port === null) return;
  if (!isWhole(node.node.host, family, 'filter'))
    cx.notEvaluated(node.name, [family === 4 ? 'iptables-save' : 'ip6tables-save']);
  const refused = new Map<string, Refused[]>();
  for (const peer of nodes) {
    if (peer.name === node.name) continue;
    for (const one of [checkInput(cx, node, peer, port), checkOutput(cx, node, peer, port)]) {
      if (one === null) continue;
      const key = `${one.message} ${one.step.what} ${one.step.evidence[0]?.span.start ?? ''}`;
      refused.set(key, [...(refused.get(key) ?? []), one]);
    }
  }
  for (const [first, ...more] of refused.values()) if (first !== undefined) report(cx, node, port, [first, ...more]);
}

interface TunnelPort {
  readonly backend: 'vxlan' | 'udp';
  /** Of the packets that carry the tunnel. */
  readonly family: Family;
  readonly number: number;
  readonly evidence: Evidence;
}

function portOf({ snapshot }: Context, { node, ...one }: CapturedNode, family: Family): TunnelPort | null {
  const backend = backendOf(snapshot, { ...one, node });
  if (backend?.value !== 'vxlan' && (backend?.value !== 'udp' || family === 6)) return null;
  const device = node.host.links.rows.find(
    ({ name, details }) => isFlannelDevice(name) && isIpv6Device(name) === (family === 6) && details?.kind === 'vxlan',
  );
  const details = device?.details?.kind === 'vxlan' ? device.details.dstport : null;
  if (device !== undefined && details !== null)
    return {
      backend: backend.value,
      family,
      number: details,
      evidence: { span: device.span, why: `${device.name} takes in UDP ${details}` },
    };
  const set = node.settings.find(({ source, key }) => source === 'net-conf' && key === 'Backend.Port');
  const number = set === undefined ? (backend.value === 'vxlan' ? 8472 : 8285) : Number(set.value);
  return {
    backend: backend.value,
    family,
    number,
    evidence: set === undefined ? backend.evidence : { span: set.span, why: 'port of the tunnel' },
  };
}

const udp = 17;

/** What the peer's tunnel sends, as it comes in by the device with the node's public address. */
function checkInput(cx: Context, node: CapturedNode, peer: FlannelNode, port: TunnelPort): Refused | null {
  const own = localAddress(cx, node, port.family);
  const source = addressOf(cx, peer, port.family);
  if (own === null || source === undefined) return null;
  const here = { snapshot: cx.snapshot, node: node.node };
  const enter = ({ snapshot, node: to }: Standing) =>
    traced(
      { ...cx, snapshot },
      { kind: 'entering', node: to, ns: to.host, dev: own.dev, src: source },
      own.ip,
      port.number,
    );
  const first = enter(here);
  const lacksRoutes = first?.because.some(({ dump }) => dump === 'ip-route') === true;
  const outcome = lacksRoutes ? enter(withRoutesAsShown(here, own.ip.family)) : first;
  const step = outcome === null ? null : refusal(outcome, node.name, ['PREROUTING', 'INPUT']);
  if (step === null) askFor(cx, node, first);
  const assumed = [
    ...(lacksRoutes
      ? [`${formatIp(source)} is reached by ${own.dev} ${gapOf(node.name, node.node.host, 'ip-route')}`]
      : []),
    ...(own.routed
      ? [
          `${formatIp(own.ip)} is an address of ${own.dev}, as its routes say ${gapOf(node.name, node.node.host, 'ip-addr')}`,
        ]
      : []),
  ];
  return outcome === null || step === null ? null : { message: 'input', peer, outcome, step, source, assumed };
}

/** What leaves open whether the packet is let in. */
function askFor(cx: Context, { name }: FlannelNode, outcome: Outcome | null): void {
  const dumps = (outcome?.because ?? []).flatMap(({ dump }) =>
    dump === null || dump === 'iptables-save' ? [] : [dump],
  );
  if (dumps.length > 0) cx.notEvaluated(name, [...new Set(dumps)]);
}

function checkOutput(cx: Context, node: CapturedNode, peer: FlannelNode, port: TunnelPort): Refused | null {
  const target = addressOf(cx, peer, port.family);
  if (target === undefined) return null;
  const from = { kind: 'process', node: node.node, ns: node.node.host, src: null } as const;
  const outcome = traced(cx, from, target, port.number);
  const step = outcome === null ? null : refusal(outcome, node.name, ['OUTPUT', 'POSTROUTING']);
  if (outcome === null || step === null) return null;
  return { message: 'output', peer, outcome, step, source: target, assumed: [] };
}

function addressOf({ snapshot }: Context, peer: FlannelNode, family: Family): Ip | undefined {
  return chosenAddresses(snapshot, peer).find(({ value }) => value.family === family)?.value;
}

function localAddress(
  { snapshot }: Context,
  { node, ...one }: CapturedNode,
  family: Family,
): { readonly ip: Ip; readonly dev: string; readonly routed: boolean } | null {
  for (const { value } of chosenAddresses(snapshot, { ...one, node })) {
    const row = value.family === family ? node.host.addresses.rows.find(({ ip }) => sameIp(ip, value)) : undefined;
    if (row !== undefined) return { ip: row.ip, dev: row.dev, routed: false };
    const routed = routedAddresses(node.host).find(({ ip }) => sameIp(ip, value));
    if (routed !== undefined) return { ip: value, dev: routed.dev, routed: true };
  }
  return null;
}

function traced(
  { snapshot, assume }: Context,
  from:
    | { readonly kind: 'entering'; readonly node: Node; readonly ns: NetNs; readonly dev: string; readonly src: Ip }
    | { readonly kind: 'process'; readonly node: Node; readonly ns: NetNs; readonly src: null },
  ip: Ip,
  port: number,
): Outcome | null {
  const { outcomes } = trace(snapshot, { from, to: { ip, port }, proto: udp, sport: null, assume });
  const [only, another] = outcomes;
  return another === undefined ? (only ?? null) : null;
}

/** The rule or policy of this node that ends the packet's way. */
function refusal({ disposition, steps }: Outcome, node: string, hooks: readonly string[]): Step | null {
  if (disposition !== 'dropped' && disposition !== 'rejected') return null;
  const last = steps.at(-1);
  const [table, hook = ''] = last?.stage.split('/') ?? [];
  return last !== undefined && table !== undefined && last.node === node && hooks.includes(hook) ? last : null;
}

interface Refused {
  readonly message: 'input' | 'output';
  readonly peer: FlannelNode;
  readonly outcome: Outcome;
  readonly step: Step;
  readonly source: Ip;
  readonly assumed: readonly string[];
}

/** Once for each rule that refuses, with all peers that it refuses and the way of the first. */
function report(
  cx: Context,
  node: CapturedNode,
  port: TunnelPort,
  all: readonly [Refused, ...(readonly Refused[])],
): void {
  const [{ message, peer, outcome, step, source }] = all;
  const doubts = [
    ...new Set(all.flatMap(({ assumed, outcome }) => [...assumed, ...outcome.assumptions.map(({ text }) => text)])),
  ];
  cx.report(message, {
    certainty: certaintyOf([node], [], doubts),
    node: node.name,
    subject: `${port.family === 6 ? 'udp6' : 'udp'} ${port.number} ${message}`,
    data: {
      node: node.name,
      peer: peer.name,
      source: formatIp(source),
      peers: named(all.map((one) => one.peer.name)),
      sources: named(all.map((one) => `${one.peer.name} (${formatIp(one.source)})`)),
      port: port.number,
      backend: port.backend,
      what: step.what,
    },
    evidence: [...step.evidence, port.evidence],
    assumptions: doubts,
    path: outcome.steps,
    fix: portFix(node, message, port, step),
    explains: (symptom) =>
      symptom.path.some((one) => one.node === node.name && one.stage === step.stage && one.what === step.what),
  });
}

const mostNamed = 3;

function named(names: readonly string[]): string {
  const shown = names.length > mostNamed ? names.slice(0, mostNamed - 1) : names.slice(0, -1);
  const last = names.length > mostNamed ? `${names.length - shown.length} others` : (names.at(-1) ?? '');
  return shown.length === 0 ? last : `${shown.join(', ')} and ${last}`;
}
