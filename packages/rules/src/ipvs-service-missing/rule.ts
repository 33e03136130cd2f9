/** IPVS mode: a Service address stands on a node, and IPVS has nothing, or no server, for it: connections end on the node itself. */
import { type Evidence, formatIp, type Ip, type Node, type Outcome, type Row } from '@coldtrace/core';
import { traceOnce } from '../connections/trace-once.js';
import { defineRule, type RuleContext } from '../define-rule.js';
import { breaksOff } from '../facts/breaks-off.js';
import {
  type AddressService,
  addressServices,
  boundAddresses,
  endpointText,
  takingServers,
  usesIpvs,
} from '../facts/ipvs-services.js';
import { partOf } from '../facts/part-of.js';
import { readyEndpoints, serviceAt } from '../facts/service-objects.js';
import type { Certainty } from '../finding.js';
import { sharesLine } from '../grouping.js';
import { type Demand, demandOf, demandText, objectDemand } from './demand.js';
import { serversFix, serviceFix, type Unserved } from './fix.js';
import { type Gap, gapsOf } from './gaps.js';

const messages = {
  missing: 'IPVS of {node} has no virtual service for {service}: {fate}',
  none: 'IPVS of {node} has no virtual service at all, and {count} Service addresses stand on kube-ipvs0: what is sent to them ends on {node} itself',
  several:
    'IPVS of {node} lacks the virtual services of {count} Service addresses ({services}, …): what is sent to them ends on {node} itself',
  noServer:
    'IPVS of {node} has no server for Service {service}, though {endpoints} {verb} ready: new connections are refused',
  weightless:
    'IPVS of {node} gives every server of Service {service} weight 0, though {endpoints} {verb} ready: new connections are refused',
} as const;

type Context = RuleContext<keyof typeof messages>;

const mostSingle = 5;

export const ipvsServiceMissing = defineRule({
  id: 'ipvs-service-missing',
  severity: 'error',
  summary: 'A Service address stands on a node whose IPVS has no virtual service, or no server, for it.',
  needs: ['ipvsadm', 'ip-addr', 'iptables-save', 'services', 'endpointslices'],
  messages,
  check: (cx) => {
    for (const node of cx.snapshot.nodes) checkNode(cx, node);
  },
});

function checkNode(cx: Context, node: Node): void {
  const { ipvs, addresses } = node.host;
  if (!usesIpvs(node) && ipvs.rows.length === 0) return;
  const missingDump =
    ipvs.state === 'absent' || breaksOff(cx.snapshot, ipvs)
      ? 'ipvsadm'
      : addresses.state === 'absent'
        ? 'ip-addr'
        : null;
  if (missingDump !== null) {
    cx.notEvaluated(node.name, [missingDump]);
    return;
  }
  const gaps = gapsOf(cx.snapshot, node);
  const missing = gaps.filter((gap) => gap.kind !== 'servers');
  if (missing.length > 0 && ipvs.state !== 'complete') cx.notEvaluated(node.name, ['ipvsadm']);
  else reportMissing(cx, node, missing);
  for (const gap of gaps) if (gap.kind === 'servers') reportServers(cx, node, gap);
  const empty = addressServices(node.host).filter((service) => takingServers(service).length === 0);
  if (empty.some((service) => isUnexplained(cx, service))) cx.notEvaluated(node.name, ['services', 'endpointslices']);
}

/** Nothing tells whether an empty service should have servers: its object or its endpoints were not captured. */
function isUnexplained({ snapshot }: Context, { ip, port, proto }: AddressService): boolean {
  const object = serviceAt(snapshot, ip, port, proto);
  return object === undefined || readyEndpoints(snapshot, object) === null;
}

type Missing = Exclude<Gap, { readonly kind: 'servers' }>;

function reportMissing(cx: Context, node: Node, gaps: readonly Missing[]): void {
  if (gaps.length <= mostSingle && (gaps.length < 2 || addressServices(node.host).length > 0)) {
    for (const gap of gaps) reportOne(cx, node, gap);
    return;
  }
  const names = gaps.map(({ ip }) => formatIp(ip));
  cx.report(addressServices(node.host).length === 0 ? 'none' : 'several', {
    certainty: certaintyOf(
      node,
      gaps.map(({ bound }) => bound),
      [],
    ),
    node: node.name,
    subject: 'virtual services',
    data: { node: node.name, count: gaps.length, services: names.slice(0, 3).join(', ') },
    evidence: [...gaps.slice(0, mostSingle).flatMap((gap) => boundEvidence(cx, gap)), ...tableEvidence(node)],
    fix: serviceFix(
      cx.snapshot,
      node,
      gaps.map((gap) => unservedBy(cx, node, gap)),
    ),
    explains: (symptom) => sharesLine({ evidence: gaps.flatMap((gap) => boundEvidence(cx, gap)) }, symptom),
  });
}

function unservedBy({ snapshot }: Context, node: Node, gap: Missing): Unserved {
  const demands =
    gap.kind === 'port' ? [objectDemand(snapshot, gap.object)] : demandOf(snapshot, node, gap.ip, gap.objects);
  return { ip: gap.ip, demands, bound: gap.bound !== null };
}

function boundEvidence(cx: Context, { bound, ip }: Missing): readonly Evidence[] {
  return bound === null
    ? []
    : [{ span: partOf(cx.snapshot, bound.span, formatIp(ip)), why: 'a Service address of this node' }];
}

/** The listing that lacks it. */
function tableEvidence({ host }: Node): readonly Evidence[] {
  return host.ipvs.sources.slice(0, 1).map(({ span }) => ({ span, why: 'all that IPVS serves' }));
}

function reportOne(cx: Context, node: Node, gap: Missing): void {
  const unserved = unservedBy(cx, node, gap);
  const { demands } = unserved;
  const [demand] = demands;
  const outcome = demand === undefined ? null : outcomeOf(cx, node, gap.ip, demand);
  const reasons = outcome === null ? [] : [...outcome.assumptions, ...outcome.because].map(({ text }) => text);
  const service = demand === undefined ? formatIp(gap.ip) : demandText(gap.ip, demand);
  cx.report('missing', {
    certainty: certaintyOf(node, [gap.bound], reasons),
    node: node.name,
    subject:
      gap.kind === 'port' ? `${endpointText(gap.ip, gap.object.port.port)} ${gap.object.proto}` : formatIp(gap.ip),
    data: { node: node.name, service, ip: formatIp(gap.ip), fate: fateOf(node, gap, outcome) },
    evidence: [
      ...boundEvidence(cx, gap),
      ...demands.slice(0, 3).map(({ evidence }) => evidence),
      ...tableEvidence(node),
    ],
    assumptions: reasons,
    path: outcome?.steps ?? [],
    fix: serviceFix(cx.snapshot, node, [unserved]),
    explains: (symptom) => sharesLine({ evidence: boundEvidence(cx, gap) }, symptom),
  });
}

/** What becomes of a call from the node itself. */
function outcomeOf(cx: Context, node: Node, ip: Ip, { port, proto }: Demand): Outcome | null {
  const shown = traceOnce(cx.snapshot, {
    from: { kind: 'process', node, ns: node.host, src: null },
    to: { ip, port },
    proto,
    sport: null,
    assume: cx.assume,
  });
  return shown.outcomes[0] ?? null;
}

function fateOf(node: Node, gap: Missing, outcome: Outcome | null): string {
  if (gap.bound === null) return 'the node does not balance it';
  const ends = `the address stands on ${gap.bound.dev}, so what is sent to it ends on ${node.name} itself`;
  if (outcome?.disposition === 'rejected') return `${ends} and is refused`;
  if (outcome?.disposition === 'dropped') return `${ends} and is dropped`;
  return ends;
}

function certaintyOf(node: Node, rows: readonly (Row | null)[], assumptions: readonly string[]): Certainty {
  if (!node.named) return 'possible';
  const captured = rows.every((row) => row !== null && (row.trust ?? 'captured') === 'captured');
  return captured && assumptions.length === 0 && node.host.ipvs.state === 'complete' ? 'proven' : 'likely';
}

function reportServers(cx: Context, node: Node, gap: Extract<Gap, { readonly kind: 'servers' }>): void {
  const { service, object, endpoints } = gap;
  const ready = endpoints.map(({ ip, port }) => endpointText(ip, port));
  const outcome = outcomeOf(cx, node, service.ip, objectDemand(cx.snapshot, object));
  const reasons = outcome === null ? [] : [...outcome.assumptions, ...outcome.because].map(({ text }) => text);
  const isBound = boundAddresses(node.host).some((row) => formatIp(row.ip) === formatIp(service.ip));
  cx.report(service.row.servers.length === 0 ? 'noServer' : 'weightless', {
    certainty: isBound ? certaintyOf(node, [service.row, ...service.row.servers, object.service], reasons) : 'likely',
    node: node.name,
    subject: `servers ${endpointText(service.ip, service.port)} ${service.protocol}`,
    data: {
      node: node.name,
      service: demandText(service.ip, { name: object.name, port: service.port }),
      endpoints: ready.slice(0, 3).join(', '),
      verb: ready.length === 1 ? 'is' : 'are',
    },
    evidence: [
      {
        span: service.row.span,
        why: service.row.servers.length === 0 ? 'no server follows' : 'no server has a weight',
      },
      ...endpoints.slice(0, 3).map(({ evidence }) => evidence),
    ],
    assumptions: reasons,
    path: outcome?.steps ?? [],
    fix: serversFix(cx.snapshot, node, service, endpoints),
    explains: (symptom) => sharesLine({ evidence: [{ span: service.row.span, why: '' }] }, symptom),
  });
}
