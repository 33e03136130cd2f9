/** The connection that shows the fault: a pod of the node calls an address of the host network, best through a Service. */
import {
  type AssumeMode,
  type Family,
  formatIp,
  type Ip,
  type KubePod,
  type NetNs,
  type Node,
  type Origin,
  type Outcome,
  type Prefix,
  parseIp,
  prefixContains,
  type Rule,
  type Snapshot,
  type Socket,
  type Step,
  sameIp,
  type Trace,
} from '@coldtrace/core';
import { traceOnce } from '../connections/trace-once.js';
import type { Standing } from '../facts/altered.js';
import { isOn } from '../facts/api-nodes.js';
import { type Entered, type Entry, enteredStep, entriesText, withEntries } from '../facts/entered.js';
import { serviceEntries } from '../facts/service-entries.js';
import { isWhole, tablesNamed } from '../facts/table-rules.js';
import { deviceTowards } from '../who/towards.js';

export interface Demonstration {
  readonly pod: Ip;
  readonly dev: string | null;
  /** What the pod dials, and where it ends. */
  readonly dialled: { readonly ip: Ip; readonly port: number };
  readonly target: Ip;
  readonly trace: Trace;
  /** There and back. */
  readonly path: readonly Step[];
  /** The packet reaches the host network with the pod's own address. */
  readonly unmasked: boolean;
  /** What had to be taken for granted to trace it at all. */
  readonly assumption: string | null;
}

/** Where the fault can show. */
export interface OverlapArea {
  /** Networks whose addresses pods have. */
  readonly pods: readonly Prefix[];
  /** The exempt network, and the host network that overlaps it. */
  readonly exempt: Prefix;
  readonly network: Prefix;
}

/** With the rule that masquerades everything but the exempt network. */
export interface MasqueradedArea extends OverlapArea {
  readonly masquerades: Rule;
}

export function isTarget({ exempt, network }: OverlapArea, ip: Ip): boolean {
  return prefixContains(network, ip) && prefixContains(exempt, ip);
}

export function isPod({ pods, network }: OverlapArea, ip: Ip): boolean {
  return pods.some((pool) => prefixContains(pool, ip)) && !prefixContains(network, ip);
}

/** The first connection that leaves with the pod's own source, else the first that could be traced at all. */
export function demonstrate(
  snapshot: Snapshot,
  node: Node,
  area: MasqueradedArea,
  assume: AssumeMode,
): Demonstration | null {
  let fallback: Demonstration | null = null;
  for (const pod of podsOf(snapshot, node, area.pods)) {
    for (const call of callsInto(snapshot, node, area)) {
      const shown = show({ snapshot, node }, pod, call, area, assume);
      if (shown?.unmasked === true) return shown;
      fallback ??= shown;
    }
  }
  return fallback;
}

interface Call {
  readonly ip: Ip;
  readonly port: number;
  readonly target: Ip;
  readonly targetPort: number;
  /** The rule that is for the Service's address; null: the target itself is called. */
  readonly rule: Rule | null;
}

const mostPods = 3;
const mostCalls = 6;

/** Pods that the API places on the node, else addresses that the node routes to one device each, else senders seen in captures. */
function podsOf(snapshot: Snapshot, node: Node, pools: readonly Prefix[]): readonly Ip[] {
  const own = (ip: Ip) => node.host.addresses.rows.some((row) => sameIp(row.ip, ip));
  const listed = snapshot.objects
    .filter(
      (object): object is KubePod =>
        object.kind === 'Pod' && isOn(snapshot, node, object.nodeName) && !object.hostNetwork,
    )
    .flatMap((pod) => pod.ips);
  const whole = pools[0]?.ip.family === 6 ? 128 : 32;
  const routed = node.host.routes.rows
    .filter((route) => route.type === 'unicast' && route.dst.length === whole && route.nexthops[0]?.via === null)
    .map((route) => route.dst.ip);
  const seen = [...node.observations, ...snapshot.observations].flatMap((row) =>
    row.kind === 'packet' && row.src !== null ? [row.src] : [],
  );
  const candidates = [...seen.filter((ip) => routed.some((other) => sameIp(other, ip))), ...listed, ...routed, ...seen];
  const unique: Ip[] = [];
  for (const ip of candidates) {
    if (pools.some((pool) => prefixContains(pool, ip)) && !own(ip) && !unique.some((other) => sameIp(other, ip)))
      unique.push(ip);
  }
  return unique.slice(0, mostPods);
}

/** Services whose endpoints stand in the network, then other nodes' own addresses there. */
function callsInto(snapshot: Snapshot, node: Node, area: OverlapArea): readonly Call[] {
  const family: Family = area.network.ip.family;
  const elsewhere = (ip: Ip) => isTarget(area, ip) && !node.host.addresses.rows.some((row) => sameIp(row.ip, ip));
  const services = tablesNamed(node.host, family, 'nat').flatMap(({ table }) =>
    serviceEntries(table, family).flatMap((entry) => {
      const endpoint = entry.endpoints.find(({ ip }) => elsewhere(ip));
      return endpoint === undefined || entry.proto !== 6
        ? []
        : [
            {
              ip: entry.ip,
              port: entry.port,
              target: endpoint.ip,
              targetPort: endpoint.port ?? entry.port,
              rule: entry.rule,
            },
          ];
    }),
  );
  const hosts = [
    ...snapshot.nodes.flatMap(({ host }) => host.addresses.rows.map(({ ip }) => ({ ip, port: openPort(host, ip) }))),
    ...snapshot.objects
      .flatMap((object) =>
        object.kind === 'Node' ? object.addresses.flatMap(({ address }) => parseIp(address) ?? []) : [],
      )
      .map((ip) => ({ ip, port: usualPort })),
  ].filter(({ ip }) => elsewhere(ip));
  const direct = hosts.map(({ ip, port }) => ({ ip, port, target: ip, targetPort: port, rule: null }));
  return [...services, ...direct].slice(0, mostCalls);
}

const usualPort = 443;

/** Where somebody listens, so that no missing listener hides what becomes of the way. */
function openPort({ sockets }: NetNs, ip: Ip): number {
  const takes = ({ protocol, state, localIp }: Socket) =>
    protocol === 'tcp' && state === 'LISTEN' && (localIp === null || sameIp(localIp, ip));
  return sockets.rows.find(takes)?.localPort ?? usualPort;
}

function show({ snapshot, node }: Standing, pod: Ip, call: Call, area: MasqueradedArea, assume: AssumeMode) {
  const dev = deviceTowards(node.host, pod);
  if (dev === null) return null;
  const demonstrated = (
    entered: Entered | null,
    to: Pick<Call, 'ip' | 'port'>,
    assumption: string | null,
  ): Demonstration => {
    const at = entered?.standing ?? { snapshot, node };
    const from: Origin = { kind: 'entering', node: at.node, ns: at.node.host, dev, src: pod };
    const question = { from, to: { ip: to.ip, port: to.port }, proto: 6, sport: null, assume };
    const trace = traceOnce(at.snapshot, question);
    const dialled = { ip: call.ip, port: call.port };
    const unmasked = keepsSource(trace, pod, call.target);
    return { pod, dev, dialled, target: call.target, trace, path: pathOf(trace, entered), unmasked, assumption };
  };
  const isTold = ({ unmasked, trace }: Demonstration) => unmasked || isTranslated(trace, call);
  const whole = demonstrated(null, call, null);
  if (whole.unmasked || isWhole(node.host, pod.family, 'nat')) return whole;
  const entering = (rule: Rule | null) => withEntries({ snapshot, node }, pod.family, entriesFor({ rule }, area));
  const entered = entering(call.rule);
  const here = entered === null ? whole : demonstrated(entered, call, `${entriesText(entered)}, ${notCaptured}`);
  if (isTold(here)) return here;
  const target = formatIp(call.target);
  const beyond = `${dialledText(whole)} becomes ${target} before it is routed: the rule that does it was captured, not all that lead to it`;
  return demonstrated(entering(null), { ip: call.target, port: call.targetPort }, beyond);
}

function pathOf({ outcomes: [outcome] }: Trace, entered: Entered | null): readonly Step[] {
  const steps = [...(outcome?.steps ?? []), ...(outcome?.reply?.steps ?? [])];
  return entered === null ? steps : steps.map((step) => enteredStep(entered, step));
}

const notCaptured = 'which the captured rules do not show';

/** Chains whose rules are here and whose callers may be missing. */
function entriesFor({ rule }: Pick<Call, 'rule'>, { masquerades }: MasqueradedArea): readonly Entry[] {
  return [
    { hook: 'PREROUTING', rule },
    { hook: 'POSTROUTING', rule: masquerades },
  ];
}

function keepsSource({ outcomes }: Trace, pod: Ip, target: Ip): boolean {
  return outcomes.some(
    (outcome) =>
      (outcome.disposition === 'delivered' || outcome.disposition === 'forwarded' || isRefusedElsewhere(outcome)) &&
      sameIp(outcome.final.src, pod) &&
      sameIp(outcome.final.dst, target),
  );
}

/** Another node has no way back to the source, and its rp_filter says so at once. */
function isRefusedElsewhere({ disposition, steps }: Outcome): boolean {
  const last = steps.at(-1)?.node;
  return (
    disposition === 'rp-filtered' &&
    last !== undefined &&
    steps.some(({ node, stage }) => stage === 'egress' && node !== last && !node.startsWith(`${last}/`))
  );
}

/** The rules that the trace met lead to the endpoint. */
function isTranslated({ outcomes }: Trace, { ip, target }: Call): boolean {
  return sameIp(ip, target) || outcomes.some(({ final }) => sameIp(final.dst, target));
}

export function dialledText({ dialled }: Pick<Demonstration, 'dialled'>): string {
  const ip = formatIp(dialled.ip);
  return dialled.ip.family === 6 ? `[${ip}]:${dialled.port}` : `${ip}:${dialled.port}`;
}
