/** A process calls a Service: routing chooses the source for the Service's own address, DNAT then sends the packet out of another interface, and answers are lost. */
import {
  type Evidence,
  formatFraction,
  formatIp,
  formatPrefix,
  gapOf,
  type Ip,
  type Node,
  type Snapshot,
} from '@coldtrace/core';
import { defineRule, type RuleContext } from '../define-rule.js';
import { partOf } from '../facts/part-of.js';
import { isWhole } from '../facts/table-rules.js';
import type { Certainty } from '../finding.js';
import { addressOf, type Call, callsOf, interfacesOf } from './calls.js';
import { hostRouteFix, routeFix, serviceNetwork } from './fix.js';
import { type AnsweredPair, answeredPair, calledPair, routeAnswers } from './route-answers.js';
import { type Sightings, sightings } from './sightings.js';
import { type Stray, strayOf } from './stray.js';
import { type StrayPacket, strayPacket } from './stray-packets.js';

const messages = {
  lost: '{node} calls {service} with the source {source}, chosen for {chosen} before DNAT; the packet leaves by {right} for {endpoint}, whose answer to that source is lost',
  open: '{node} calls {service} with the source {source}, chosen for {chosen} before DNAT; the packet leaves by {right} for {endpoint}, and whether an answer to that source comes back is not known',
  answers:
    '{node} calls {service} with the source {source} of {chosen}, and nobody answers; {endpoint} is reached by {right}, with the source {direct}: where {service} is a Service with an endpoint there, routing chose the source for the wrong interface, before DNAT',
  seen: '{node} was seen to call {endpoint} by {right} with the source {source} of {chosen}, and no answer came: so it is where routing chose the source for a Service, before DNAT',
} as const;

type Context = RuleContext<keyof typeof messages>;

export const sourceAddressCannotReturn = defineRule({
  id: 'source-address-cannot-return',
  severity: 'error',
  summary:
    'The source that a node takes for a Service is not an address of the interface that leads to its endpoints, and answers to it are lost.',
  needs: ['iptables-save', 'ip-addr', 'ip-route', 'ip-rule', 'conntrack'],
  messages,
  check: (cx) => {
    for (const node of cx.snapshot.nodes) for (const family of [4, 6] as const) checkNode(cx, node, family);
  },
});

function checkNode(cx: Context, node: Node, family: 4 | 6): void {
  if (family === 4 && lacksAddresses(node)) cx.notEvaluated(node.name, ['ip-addr']);
  if (interfacesOf(node, family).size < 2) {
    checkAnswers(cx, node, family);
    return;
  }
  if (!isWhole(node.host, family, 'nat') && callsOf(node, family, cx.assume).length === 0) {
    cx.notEvaluated(node.name, [family === 4 ? 'iptables-save' : 'ip6tables-save']);
    const seen = strayPacket(cx.snapshot, node, family);
    if (seen !== null) reportSeen(cx, node, seen);
    return;
  }
  if (node.host.routes.state === 'absent') {
    cx.notEvaluated(node.name, [family === 4 ? 'ip-route' : 'ip-6-route']);
    return;
  }
  for (const call of callsOf(node, family, cx.assume)) {
    const { stray, because } = strayOf(cx.snapshot, node, call, cx.assume);
    if (stray !== null) {
      report(cx, node, call, stray);
      continue;
    }
    const isPart = !isWhole(node.host, family, 'nat');
    if (because.length > 0)
      cx.notEvaluated(node.name, [...new Set(because.flatMap(({ dump }) => dump ?? []))], because[0]?.text);
    else if (isPart) cx.notEvaluated(node.name, [family === 4 ? 'iptables-save' : 'ip6tables-save']);
    // The chains of a Service are here, and maybe not the rules that lead a call to them.
    const pair = isPart ? calledPair(cx.snapshot, node, call) : null;
    if (pair !== null) reportAnswers(cx, node, pair);
  }
}

/** Addresses were not captured, or not all; what the kernel answered about single destinations may be. */
function checkAnswers(cx: Context, node: Node, family: 4 | 6): void {
  const devices = new Set(routeAnswers(node, family).map(({ dev }) => dev));
  if (devices.size < 2 || node.host.addresses.state === 'complete') return;
  cx.notEvaluated(node.name, ['ip-addr', family === 4 ? 'iptables-save' : 'ip6tables-save']);
  const pair = isWhole(node.host, family, 'nat') ? null : answeredPair(cx.snapshot, node, family);
  if (pair !== null) reportAnswers(cx, node, pair);
}

function reportAnswers(cx: Context, node: Node, { service, endpoint, waited }: AnsweredPair): void {
  const [called, reached] = [formatIp(service.dst), formatIp(endpoint.dst)];
  cx.report('answers', {
    severity: 'warning',
    certainty: 'possible',
    node: node.name,
    subject: `${service.dev} ${endpoint.dev}`,
    data: {
      node: node.name,
      service: called,
      source: formatIp(service.src),
      chosen: service.dev,
      endpoint: reached,
      right: endpoint.dev,
      direct: formatIp(endpoint.src),
    },
    evidence: [
      {
        span: service.span,
        why: `first lookup, for ${called}: ${service.dev}, so the source is ${formatIp(service.src)}`,
      },
      { span: endpoint.span, why: `a direct call of ${reached} goes by ${endpoint.dev} as ${formatIp(endpoint.src)}` },
      ...waited,
    ],
    assumptions: [
      `rules of ${node.name} send calls of ${called} to ${reached}, and none masquerades them ${gapOf(node.name, node.host, 'iptables-save')}`,
    ],
    fix: hostRouteFix(node, service.dst, endpoint.dev),
  });
}

/** Routes over several interfaces say that there may be a choice. */
function lacksAddresses({ host }: Node): boolean {
  if (host.addresses.state !== 'absent' || host.rulesets.length === 0) return false;
  const devices = host.routes.rows
    .filter(({ type, prefsrc, family }) => type === 'unicast' && family === 4 && prefsrc !== null)
    .flatMap(({ nexthops }) => nexthops.flatMap(({ dev }) => dev ?? []));
  return new Set(devices).size > 1;
}

function report(cx: Context, node: Node, call: Call, stray: Stray): void {
  const seen = sightings(cx.snapshot, node, call, stray);
  if (stray.fate === 'open' && seen.answered.length > 0) return;
  const lost = stray.fate === 'lost' || seen.unanswered.length > 0 || seen.timeouts.length > 0;
  const { outcome, source, endpoint, gateway } = stray;
  const assumptions = assumptionsOf(stray, seen);
  const network = serviceNetwork(cx.snapshot, node, call);
  cx.report(lost ? 'lost' : 'open', {
    severity: lost ? 'error' : 'warning',
    certainty: certaintyOf(node, call, stray, seen, assumptions),
    node: node.name,
    subject: `${call.chosen} ${call.right}`,
    data: {
      node: node.name,
      service: endText(call.entry.ip, call.entry.port),
      source: formatIp(source),
      chosen: call.chosen,
      right: call.right,
      endpoint: formatIp(endpoint),
      gateway: gateway === null ? '' : formatIp(gateway),
      share: formatFraction(stray.share),
      others: call.others,
      range: formatPrefix(network.prefix),
    },
    evidence: [
      ...evidenceOf(cx.snapshot, node, call, stray),
      ...(network.setting === null ? [] : [{ span: network.setting.span, why: 'the range of the Services' }]),
      ...seen.unanswered,
      ...seen.timeouts,
      ...seen.packets,
      ...seen.answered,
    ],
    assumptions,
    path: [...outcome.steps, ...(stray.fate === 'lost' ? (outcome.reply?.steps ?? []) : [])],
    fix: routeFix(node, call, stray, network),
  });
}

/** Without rules nothing tells which Service was called. */
function reportSeen(cx: Context, node: Node, { packet, source, chosen, endpoint, right }: StrayPacket): void {
  const own = addressOf(node, source);
  cx.report('seen', {
    severity: 'warning',
    certainty: 'possible',
    node: node.name,
    subject: `${chosen} ${right}`,
    data: { node: node.name, endpoint: formatIp(endpoint), right, source: formatIp(source), chosen },
    evidence: [
      { span: packet.span, why: `left for ${formatIp(endpoint)} with the source ${formatIp(source)}` },
      ...(own === null
        ? []
        : [{ span: partOf(cx.snapshot, own.span, formatIp(source)), why: `an address of ${chosen}` }]),
    ],
    assumptions: [`rules of ${node.name} sent it there ${gapOf(node.name, node.host, 'iptables-save')}`],
  });
}

function endText(ip: Ip, port: number): string {
  return ip.family === 6 ? `[${formatIp(ip)}]:${port}` : `${formatIp(ip)}:${port}`;
}

/** Connections that nobody answered settle what hosts do that were not captured. */
function assumptionsOf(
  { outcome, fate, gateway, endpoint }: Stray,
  { unanswered, answered }: Sightings,
): readonly string[] {
  const texts = outcome.assumptions.map(({ text }) => text);
  if (fate === 'lost') return texts;
  const unknown = formatIp(gateway ?? endpoint);
  const own = texts.filter((text) => !new RegExp(`^(?:the gateway )?${unknown} was not captured`).test(text));
  const settled = unanswered.length > 0 && answered.length === 0 && gateway !== null;
  return settled ? own : [...own, `${unknown} was not captured; it is taken to have no way back to that source`];
}

function certaintyOf(
  node: Node,
  { entry, endpoint }: Call,
  { first, second }: Stray,
  { answered }: Sightings,
  assumptions: readonly string[],
): Certainty {
  if (!node.named) return 'possible';
  const captured = [entry.rule, endpoint.rule].every(({ trust }) => (trust ?? 'captured') === 'captured');
  const lines = first.evidence.length > 0 && second.evidence.length > 0;
  return captured && lines && assumptions.length === 0 && answered.length === 0 ? 'proven' : 'likely';
}

function evidenceOf(snapshot: Snapshot, node: Node, call: Call, stray: Stray): readonly Evidence[] {
  const { first, second, source, endpoint, back, direct } = stray;
  const [chosen] = first.evidence;
  const [right] = second.evidence;
  const address = addressOf(node, source);
  const own = direct === null ? null : addressOf(node, direct);
  const translated = call.entry.endpoints.find(({ ip }) => formatIp(ip) === formatIp(endpoint)) ?? call.endpoint;
  return [
    ...(chosen === undefined
      ? []
      : [{ ...chosen, why: `first lookup, for ${formatIp(call.entry.ip)}: ${call.chosen}` }]),
    ...(address === null
      ? []
      : [{ span: partOf(snapshot, address.span, formatIp(source)), why: `so the source is ${formatIp(source)}` }]),
    { span: translated.rule.span, why: `DNAT to ${formatIp(endpoint)}, after the source was chosen` },
    ...(right === undefined
      ? []
      : [{ ...right, why: `second lookup, for ${formatIp(endpoint)}: ${call.right}; the source stays` }]),
    ...(own === null || direct === null
      ? []
      : [
          {
            span: partOf(snapshot, own.span, formatIp(direct)),
            why: `a direct call has the source ${formatIp(direct)}`,
          },
        ]),
    ...back,
  ];
}
