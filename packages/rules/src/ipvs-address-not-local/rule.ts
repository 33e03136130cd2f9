/** IPVS mode: a virtual service whose address is no local one serves the node itself, and nobody whose packets come in: those are routed on. */
import {
  type DumpId,
  type Evidence,
  formatIp,
  type Ip,
  lookupRoute,
  type Node,
  type Outcome,
  placeOf,
  type RouteAnswer,
  towardsOf,
} from '@coldtrace/core';
import { type Party, podParty } from '../connections/party.js';
import { traceOnce } from '../connections/trace-once.js';
import { defineRule, type RuleContext } from '../define-rule.js';
import {
  type AddressService,
  addressRow,
  addressServices,
  endpointText,
  mayUseIpvs,
  serviceDevice,
  usesIpvs,
} from '../facts/ipvs-services.js';
import { serviceAt } from '../facts/service-objects.js';
import type { Certainty, Fix } from '../finding.js';

const messages = {
  address:
    'IPVS of {node} serves {service}{others}, but {ip} stands on no device of the node: packets that come in for it, as those of pods, are routed on instead, and IPVS never sees them',
  route:
    'IPVS of {node} serves {service}{others}, but table local has no route for {ip}: packets that come in for it, as those of pods, are routed on instead, and IPVS never sees them',
} as const;

type Context = RuleContext<keyof typeof messages>;

export const ipvsAddressNotLocal = defineRule({
  id: 'ipvs-address-not-local',
  severity: 'error',
  summary: 'IPVS serves an address that is not local on the node, so packets of pods pass it by.',
  needs: ['ipvsadm', 'ip-addr', 'ip-route'],
  messages,
  check: (cx) => {
    for (const node of cx.snapshot.nodes) checkNode(cx, node);
  },
});

function checkNode(cx: Context, node: Node): void {
  if (!usesIpvs(node) && !mayUseIpvs(node)) return;
  const missing = missingDump(node);
  if (missing !== null) cx.notEvaluated(node.name, [missing]);
  else checkAddresses(cx, node);
}

function missingDump({ host: { ipvs, addresses } }: Node): DumpId | null {
  if (ipvs.state === 'absent') return 'ipvsadm';
  return addresses.state === 'complete' ? null : 'ip-addr';
}

interface Passed {
  readonly service: AddressService;
  readonly answer: RouteAnswer;
}

/** One finding per kind: an address that is on no device, and one that has lost its route. */
function checkAddresses(cx: Context, node: Node): void {
  const seen = new Set<string>();
  const passed: Passed[] = [];
  let open: DumpId | null = null;
  const local = localAddresses(node);
  for (const service of addressServices(node.host)) {
    const key = formatIp(service.ip);
    if (seen.has(key) || local.has(key)) continue;
    seen.add(key);
    const answer = routeTo(cx, node, service.ip);
    if (answer.kind === 'open') open = service.ip.family === 4 ? 'ip-route' : 'ip-6-route';
    else if (answer.kind === 'error' || answer.route.type !== 'local') passed.push({ service, answer });
  }
  if (open !== null) cx.notEvaluated(node.name, [open]);
  for (const bound of [false, true]) {
    const group = passed.filter(({ service }) => (addressRow(node.host, service.ip) !== undefined) === bound);
    const [first] = group;
    if (first !== undefined) report(cx, node, first, group.length - 1);
  }
}

/** Addresses with a route of table local; where no such route was captured, those that stand on a device. */
function localAddresses({ host: { routes, addresses } }: Node): ReadonlySet<string> {
  const rows = routes.rows.filter(({ type }) => type === 'local').map(({ dst }) => dst.ip);
  return new Set((rows.length > 0 ? rows : addresses.rows.map(({ ip }) => ip)).map(formatIp));
}

function routeTo(cx: Context, node: Node, dst: Ip): RouteAnswer {
  return lookupRoute(placeOf(node, node.host, cx.assume), towardsOf(dst));
}

function report(cx: Context, node: Node, { service, answer }: Passed, others: number): void {
  const { ip, port, proto } = service;
  const address = addressRow(node.host, ip);
  const pod = podParty(cx.snapshot, node, ip.family);
  const outcome = pod === null ? null : callOf(cx, service, pod);
  const name = serviceAt(cx.snapshot, ip, port, proto)?.name ?? null;
  const text = endpointText(ip, port);
  cx.report(address === undefined ? 'address' : 'route', {
    certainty: certaintyOf(node, service, answer.assumptions.length > 0),
    node: node.name,
    subject: formatIp(ip),
    data: {
      node: node.name,
      service: name === null ? text : `${name} (${text})`,
      ip: formatIp(ip),
      others: others === 0 ? '' : ` (and ${others} more ${others === 1 ? 'address' : 'addresses'} alike)`,
      ...(pod?.ip == null ? {} : { pod: formatIp(pod.ip) }),
    },
    evidence: evidenceOf(node, service, answer),
    assumptions: answer.assumptions.map((reason) => reason.text),
    // Where it ends is of no matter: it has passed IPVS by.
    path: (outcome?.steps ?? []).filter((step) => step.node === node.name),
    fix: localFix(node, ip, address !== undefined),
  });
}

/** A call from behind the node. */
function callOf(cx: Context, { ip, port, proto }: AddressService, pod: Party): Outcome | null {
  const shown = traceOnce(cx.snapshot, {
    from: pod.origin,
    to: { ip, port },
    proto,
    sport: null,
    assume: cx.assume,
  });
  return shown.outcomes[0] ?? null;
}

function certaintyOf(node: Node, { row }: AddressService, assumed: boolean): Certainty {
  if (!node.named) return 'possible';
  return (row.trust ?? 'captured') === 'captured' && !assumed ? 'proven' : 'likely';
}

function evidenceOf(node: Node, { row, ip }: AddressService, answer: RouteAnswer): readonly Evidence[] {
  const address = addressRow(node.host, ip);
  const away = answer.evidence
    .slice(0, 1)
    .map(({ span }) => ({ span, why: `where packets for ${formatIp(ip)} go instead` }));
  return [
    { span: row.span, why: 'IPVS serves it' },
    ...(address === undefined ? [] : [{ span: address.span, why: 'the address has lost its route of table local' }]),
    ...away,
  ];
}

function localFix(node: Node, ip: Ip, hasAddress: boolean): Fix {
  const text = formatIp(ip);
  const tool = ip.family === 6 ? 'ip -6' : 'ip';
  const [add, remove] = hasAddress
    ? [
        `${tool} route add table local local ${text} dev ${serviceDevice} proto kernel scope host src ${text}`,
        `${tool} route del table local local ${text} dev ${serviceDevice}`,
      ]
    : [
        `ip addr add ${text}/${ip.family === 6 ? 128 : 32} dev ${serviceDevice}`,
        `ip addr del ${text}/${ip.family === 6 ? 128 : 32} dev ${serviceDevice}`,
      ];
  return {
    steps: [
      {
        node: node.name,
        command: add,
        disrupts:
          "nothing: pods reach the Service again; the node's own calls get the Service address as their source, which must be masqueraded",
        undo: remove,
      },
    ],
    persist:
      'kube-proxy binds its addresses when it starts: look for what takes them away (a script, a network manager that flushes devices it does not know).',
    notes:
      'If the route was deleted because calls of the node itself timed out, the remedy for those is masquerading: see ipvs-source-is-service-address.',
    verified: null,
  };
}
