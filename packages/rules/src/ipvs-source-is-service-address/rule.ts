/** IPVS mode: a Service address is an address of every node, so a node that calls it gets it as its source, and unless masqueraded no answer comes back. */
import {
  type DumpId,
  type Family,
  formatFraction,
  formatIp,
  gapOf,
  type Node,
  type Outcome,
  plus,
  type Reason,
  type Route,
  type Row,
  type Snapshot,
  sameIp,
  showsIpvsSettings,
  zero,
} from '@coldtrace/core';
import { defineRule, type RuleContext } from '../define-rule.js';
import { type Standing, withParameter } from '../facts/altered.js';
import { breaksOff } from '../facts/breaks-off.js';
import {
  addressRow,
  boundAddresses,
  endpointText,
  mayUseIpvs,
  serviceDevice,
  usesIpvs,
} from '../facts/ipvs-services.js';
import { partOf } from '../facts/part-of.js';
import { isWhole } from '../facts/table-rules.js';
import type { Certainty, Finding } from '../finding.js';
import { type Call, callsOf, type Shown, show } from './call.js';
import { type Cause, causeOf, conntrackKey } from './cause.js';
import { evidenceOf } from './evidence.js';
import { sourceFix } from './fix.js';
import { seenPackets, sightings, unansweredBound, unansweredCalls } from './sightings.js';

const messages = {
  masquerade:
    'What {node} itself sends to Service {service} carries the Service address {ip} as its source, and nothing masquerades it: {fate}',
  exempt:
    'What {node} itself sends to Service {service} carries the Service address {ip} as its source, and the rule that masquerades Services passes over sources in {network}, {ip} among them: {fate}',
  member:
    'What {node} itself sends to Service {service} carries the Service address {ip} as its source, and is not masqueraded because set {set} lacks {member}: {fate}',
  conntrack:
    'What {node} itself sends to Service {service} carries the Service address {ip} as its source, and is not masqueraded because net.ipv4.vs.conntrack is 0, so packets of IPVS never come to nat POSTROUTING: {fate}',
  unsure:
    'What {node} itself sends to Service {service} carries the Service address {ip} as its source, and such calls went unanswered; whether anything masquerades them is not known',
  unlisted:
    '{node} holds the Service address {ip} itself, so what it sends to {service} carries that address as its source, and such calls went unanswered; whether IPVS serves {service} and anything masquerades them is not known',
  seen: '{node} sends packets for {server} that carry the Service address {ip} as their source: every node of the cluster holds that address, so no answer can come back',
} as const;

type Context = RuleContext<keyof typeof messages>;

export const ipvsSourceIsServiceAddress = defineRule({
  id: 'ipvs-source-is-service-address',
  severity: 'error',
  summary:
    'A node calls a Service that IPVS serves with the Service address as its own source, and no answer can come back.',
  needs: ['ipvsadm', 'ip-addr', 'ip-route', 'iptables-save', 'ipset-list', 'sysctl'],
  messages,
  check: (cx) => {
    for (const node of cx.snapshot.nodes) checkNode(cx, node);
  },
});

function checkNode(cx: Context, node: Node): void {
  if (node.host.ipvs.state === 'absent') {
    if (!usesIpvs(node) && node.host.ipvsConnections.rows.length === 0) return;
    if (reportSeen(cx, node)) return;
    reportUnlisted(cx, node);
    cx.notEvaluated(node.name, ['ipvsadm']);
    return;
  }
  if (mayUseIpvs(node)) {
    cx.notEvaluated(node.name, ['ip-addr', 'ip-route']);
    return;
  }
  const told = new Set<string>();
  const plain = { snapshot: cx.snapshot, node };
  const known = isTrackingKnown(node);
  for (const call of callsOf(cx.snapshot, node)) {
    const traced = known ? plain : withParameter(plain, conntrackKey, '1');
    const shown = show(traced, call, cx.assume);
    const unread = shown.lost.length > 0 ? rulesUnread(cx.snapshot, node, call.service.ip.family) : [];
    const assumed = unread.length === 0 ? (known ? [] : [eitherWay(node)]) : seenUnmasked(cx.snapshot, node, call);
    if (shown.lost.length > 0 && assumed !== null) reportLost(cx, { standing: plain, traced, shown, assumed }, told);
    else {
      const missing = [...(known ? [] : (['sysctl'] as const)), ...unread, ...missingOf(node, shown)];
      ask(cx, node, missing, told);
      if (missing.length > 0) reportUnsure(cx, node, shown, missing, told);
    }
  }
}

/** Without it nothing that IPVS sends is masqueraded; kube-proxy turns it on, and the kernel's default is off. */
function isTrackingKnown({ host: { sysctl } }: Node): boolean {
  return sysctl.byKey.has(conntrackKey) || (sysctl.state === 'complete' && showsIpvsSettings({ sysctl }));
}

/** The module registers them all, so the dump is of another time, or a filter's work. */
const takenBefore = 'shows no parameter of IPVS, which is at work';

function eitherWay({ name, host }: Node): Reason {
  const gap = host.sysctl.state === 'complete' ? `(${name}: sysctl ${takenBefore})` : gapOf(name, host, 'sysctl');
  const text = `whether net.ipv4.vs.conntrack is set is not known ${gap}; it makes no difference here`;
  return { dump: 'sysctl', text };
}

/** Where nothing of the nat table was captured, a rule that masquerades is as good a guess as none. */
function rulesUnread(snapshot: Snapshot, { host }: Node, family: Family): readonly DumpId[] {
  const read = host.rulesets.some(
    (ruleset) =>
      ruleset.family === family &&
      (ruleset.complete || ruleset.tables.some(({ name }) => name === 'nat')) &&
      !breaksOff(snapshot, ruleset),
  );
  return read ? [] : [family === 6 ? 'ip6tables-save' : 'iptables-save'];
}

/** Rules were not captured, but a call of the Service was, and nothing masqueraded that one. Where packets are not tracked, that may be why. */
function seenUnmasked(snapshot: Snapshot, node: Node, { service: { ip } }: Call): readonly Reason[] | null {
  if (!isTracked(node) || sightings(snapshot, node, ip).length === 0) return null;
  const [dump] = rulesUnread(snapshot, node, ip.family);
  if (dump === undefined) return null;
  return [
    {
      dump,
      text: `no rule masquerades such calls, as none did the call that was seen ${gapOf(node.name, node.host, dump)}`,
    },
  ];
}

/** Nothing was found, and perhaps only because something was not captured: what leaves it open, and the rules that might masquerade. */
function missingOf({ host }: Node, { trace, call }: Shown): readonly DumpId[] {
  if (trace.verdict !== 'unknown') return [];
  const { family } = call.service.ip;
  const open = trace.outcomes.filter(({ disposition }) => disposition === 'undetermined');
  const dumps = open.flatMap(({ because }) => because.flatMap(({ dump }) => dump ?? []));
  const rules = isWhole(host, family, 'nat')
    ? []
    : [family === 6 ? ('ip6tables-save' as const) : ('iptables-save' as const)];
  return [...new Set([...rules, ...dumps])];
}

const masquerading: ReadonlySet<DumpId> = new Set(['sysctl', 'iptables-save', 'ip6tables-save', 'ipset-list']);

/** Clients wait in vain for a Service that IPVS serves, and what would masquerade their calls was not captured. */
function reportUnsure(cx: Context, node: Node, { call }: Shown, missing: readonly DumpId[], told: Set<string>): void {
  const { service, name } = call;
  if (told.has('unsure') || !missing.some((dump) => masquerading.has(dump))) return;
  const waited = [...unansweredCalls(cx.snapshot, node, service), ...sightings(cx.snapshot, node, service.ip)];
  if (waited.length === 0) return;
  told.add('unsure');
  const [ip, address] = [formatIp(service.ip), endpointText(service.ip, service.port)];
  const row = addressRow(node.host, service.ip);
  cx.report('unsure', {
    severity: 'warning',
    certainty: 'possible',
    node: node.name,
    subject: `unsure ${ip}`,
    data: { node: node.name, ip, service: name === null ? address : `${name} (${address})` },
    evidence: [
      ...(row === undefined
        ? []
        : [{ span: partOf(cx.snapshot, row.span, ip), why: `an address of ${node.name}, on ${row.dev}` }]),
      { span: service.row.span, why: 'IPVS serves it' },
      ...waited,
    ],
    assumptions: [
      `nothing masquerades such calls (${node.name}: ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not in the snapshot)`,
    ],
    explains: (symptom) => startsSo(symptom, node),
  });
}

function ask(cx: Context, node: Node, dumps: readonly DumpId[], told: Set<string>): void {
  const fresh = dumps.filter((dump) => !told.has(dump));
  for (const dump of fresh) told.add(dump);
  const before = fresh.includes('sysctl') && node.host.sysctl.state === 'complete';
  if (fresh.length > 0) cx.notEvaluated(node.name, fresh, before ? `sysctl ${takenBefore}` : undefined);
}

interface Lost {
  readonly standing: Standing;
  /** As it was traced: with what was assumed put in. */
  readonly traced: Standing;
  readonly shown: Shown;
  readonly assumed: readonly Reason[];
}

/** One finding per cause; the services of one cause are one fault. */
function reportLost(cx: Context, found: Lost, told: Set<string>): void {
  const { standing, traced, shown, assumed } = found;
  const { node } = standing;
  const { service, name } = shown.call;
  const cause = causeOf(traced, shown.call, cx.assume);
  const subject = subjectOf(cause, formatIp(service.ip));
  if (told.has(cause.kind)) return;
  told.add(cause.kind);
  const [worst] = shown.lost;
  const reasons = [...assumed, ...shown.lost.flatMap(({ assumptions, because }) => [...assumptions, ...because])];
  const assumptions = [...new Set(reasons.map(({ text }) => text))];
  const address = endpointText(service.ip, service.port);
  cx.report(cause.kind, {
    certainty: certaintyOf(found, assumptions),
    node: node.name,
    subject,
    data: {
      node: node.name,
      service: name === null ? address : `${name} (${address})`,
      ip: formatIp(service.ip),
      fate: fateOf(shown),
      probability: formatFraction(shown.lost.reduce((sum, { probability }) => plus(sum, probability), zero)),
      ...(cause.kind === 'member' ? { set: cause.set, member: cause.member } : {}),
      ...(cause.kind === 'exempt' ? { network: cause.network } : {}),
    },
    evidence: evidenceOf(cx.snapshot, node, shown, cause),
    assumptions,
    path: worst === undefined ? [] : [...worst.steps, ...(worst.reply?.steps ?? [])],
    fix: sourceFix(cx.snapshot, node, service, cause, isTracked(traced.node)),
    explains: (symptom) => startsSo(symptom, node),
  });
}

/** The symptom's way begins on the node with a Service address as its source, which IPVS then sends on. */
function startsSo({ path }: Finding, node: Node): boolean {
  const own = path.filter((step) => step.node === node.name);
  const { host } = node;
  const bound = [...boundAddresses(host), ...host.routes.rows.filter(isBoundRoute)];
  return (
    own.some(({ stage }) => stage === 'ipvs') &&
    own.some(
      ({ stage, evidence }) =>
        stage === 'source selection' &&
        evidence.some(({ span }) => bound.some((row) => row.span.file === span.file && row.span.start === span.start)),
    )
  );
}

/** The kernel's own route of an address that kube-proxy bound. */
function isBoundRoute({ type, nexthops, trust }: Route): boolean {
  return type === 'local' && trust !== 'claimed' && nexthops.some(({ dev }) => dev === serviceDevice);
}

function isTracked({ host }: Node): boolean {
  const value = host.sysctl.byKey.get(conntrackKey)?.value;
  return value !== undefined && value !== '0';
}

function subjectOf(cause: Cause, address: string): string {
  if (cause.kind === 'member') return `${cause.set} ${cause.member}`;
  return cause.kind === 'conntrack' ? 'net.ipv4.vs.conntrack' : `${cause.kind} ${address}`;
}

/** What becomes of the packet at the server. */
function fateOf({ lost, trace, call }: Shown): string {
  const [outcome] = lost;
  if (outcome === undefined) return 'no answer comes back';
  const { disposition, final } = outcome;
  const share = lost.length === trace.outcomes.length ? '' : ' (not with every server of the Service)';
  const server = endpointText(final.dst, final.dport ?? 0);
  const ip = formatIp(call.service.ip);
  if (disposition === 'undetermined') return `server ${server} is not known to have a way back to ${ip}${share}`;
  if (disposition === 'martian') return `server ${server} holds ${ip} too and drops the packet as martian${share}`;
  if (disposition !== 'delivered' && disposition !== 'forwarded')
    return `the packet is lost on its way to ${server}${share}`;
  return outcome.reply !== null && answersItself(outcome)
    ? `server ${server} holds ${ip} too and answers to itself${share}`
    : `server ${server} has no way back to ${ip}${share}`;
}

/** The answer never leaves the server: its destination is an address of its own. */
function answersItself({ final, reply }: Outcome): boolean {
  const steps = reply?.steps ?? [];
  return steps.length > 0 && steps.every(({ node }) => node === final.node) && reply?.disposition === 'forwarded';
}

function certaintyOf({ standing, shown }: Lost, assumptions: readonly string[]): Certainty {
  const { node } = standing;
  const { service } = shown.call;
  const rows: readonly (Row | undefined)[] = [service.row, ...service.row.servers, addressRow(node.host, service.ip)];
  const captured = rows.every((row) => row !== undefined && (row.trust ?? 'captured') === 'captured');
  if (!node.named) return 'possible';
  return captured && assumptions.length === 0 ? 'proven' : 'likely';
}

/** Neither the list of virtual services nor rules were captured: that the node waits in vain for an address of its own is all there is. */
function reportUnlisted(cx: Context, node: Node): void {
  const [call] = unansweredBound(cx.snapshot, node);
  const unread = call === undefined ? [] : rulesUnread(cx.snapshot, node, call.ip.family);
  if (call === undefined || unread.length === 0) return;
  const ip = formatIp(call.ip);
  const row = addressRow(node.host, call.ip);
  const route = node.host.routes.rows.find((one) => isBoundRoute(one) && sameIp(one.dst.ip, call.ip));
  cx.report('unlisted', {
    severity: 'warning',
    certainty: 'possible',
    node: node.name,
    subject: `unsure ${ip}`,
    data: { node: node.name, ip, service: endpointText(call.ip, call.port) },
    evidence: [
      ...(row === undefined
        ? []
        : [{ span: partOf(cx.snapshot, row.span, ip), why: `an address of ${node.name}, on ${row.dev}` }]),
      ...(route === undefined
        ? []
        : [
            {
              span: partOf(cx.snapshot, route.span, `src ${ip}`),
              why: `a call from ${node.name} itself gets ${ip} as its source`,
            },
          ]),
      ...call.evidence,
    ],
    assumptions: [
      `nothing masquerades such calls (${node.name}: ${['ipvsadm', ...unread].join(', ')} are not in the snapshot)`,
    ],
  });
}

/** Without the list of virtual services: packets on the wire tell. */
function reportSeen(cx: Context, node: Node): boolean {
  const [packet] = seenPackets(cx.snapshot, node);
  if (packet === undefined) return false;
  const ip = formatIp(packet.src);
  const row = addressRow(node.host, packet.src);
  cx.report('seen', {
    certainty: node.named ? 'likely' : 'possible',
    node: node.name,
    subject: `masquerade ${ip}`,
    data: { node: node.name, ip, server: endpointText(packet.dst, packet.dport ?? 0) },
    evidence: [
      ...sightings(cx.snapshot, node, packet.src),
      ...(row === undefined
        ? []
        : [{ span: partOf(cx.snapshot, row.span, ip), why: `an address of ${node.name}, on ${row.dev}` }]),
    ],
    assumptions: ['IPVS sent the packets; its virtual services (ipvsadm -Sn) were not captured'],
  });
  return true;
}
