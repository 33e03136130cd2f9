/** A Service shares its connections among endpoints of which one is dead: so many of them fail, exactly. */
import {
  approximate,
  type Evidence,
  type Fraction,
  formatFraction,
  formatIp,
  one,
  type Row,
  type Snapshot,
  sameFraction,
} from '@coldtrace/core';
import { defineRule, type RuleContext } from '../define-rule.js';
import { endpointText } from '../facts/ipvs-services.js';
import type { Certainty } from '../finding.js';
import { sharesLine } from '../grouping.js';
import { type Balanced, type BalancedEndpoint, balancedServices, isClient, sameEndpoint } from './balanced.js';
import { endpointFix } from './fix.js';
import { type Dead, deadEndpoints, isSuspect, openDumps } from './judge.js';
import { checkUnlisted } from './unlisted.js';
import { holderOf, speaksFor } from './witnesses.js';

const messages = {
  silent: 'Service {service} sends {share} to {endpoint}, where nothing listens: those connections are refused',
  filtered: 'Service {service} sends {share} to {endpoint}, where {stage} of {holder} {ends} them',
  unresolved: 'Service {service} sends {share} to {endpoint}, which nobody answers for: those connections time out',
  notReady:
    'Service {service} sends {share} to {endpoint} on node {holder}, which is not ready: those connections fail',
  unlisted:
    'Service {service} sends {share} to {endpoint} on {client}, which is not among its endpoints any more: kube-proxy there has not taken up the change',
  seen: 'Service {service} sends {share} to {endpoint}, where clients meet {met}: those connections fail',
} as const;

export type Context = RuleContext<keyof typeof messages>;

/** So many Services are traced at most. */
const mostTraced = 64;

export const serviceEndpointDead = defineRule({
  id: 'service-endpoint-dead',
  severity: 'error',
  summary: 'A Service keeps an endpoint that no longer answers, so a share of its connections fails.',
  needs: ['iptables-save', 'ss', 'nodes', 'endpointslices'],
  messages,
  check: (cx) => {
    const { snapshot } = cx;
    const all = balancedServices(snapshot);
    const services = all.filter((service) => isSuspect(snapshot, service));
    const told: BalancedEndpoint[] = [];
    for (const service of services.slice(0, mostTraced)) {
      const dead = deadEndpoints(snapshot, service, cx.assume);
      for (const one of dead) report(cx, one, dead);
      told.push(...dead.map(({ endpoint }) => endpoint));
      askForMissing(cx, service, dead);
    }
    checkUnlisted(cx, all, (endpoint) => told.some((one) => sameEndpoint(one, endpoint)));
    if (!snapshot.nodes.some(({ host }) => isClient(host)))
      for (const { name, host } of snapshot.nodes)
        if (!host.rulesets.some(({ complete }) => complete)) cx.notEvaluated(name, ['iptables-save']);
    if (all.length === 0) tellUnserved(cx);
  },
});

/** The API knows Services, and nothing on the nodes serves one: other means do, or what does is in no dump. */
function tellUnserved(cx: Context): void {
  const { nodes, objects } = cx.snapshot;
  if (!objects.some(({ kind }) => kind === 'Service' || kind === 'Endpoints')) return;
  const clients = nodes.filter(({ host }) => isClient(host));
  const cut = clients.filter(({ host }) => !host.rulesets.some(({ complete }) => complete));
  for (const { name } of cut) cx.notEvaluated(name, ['iptables-save']);
  if (clients.length > 0 && cut.length === 0) cx.notEvaluated(null, [], unserved);
}

const unserved = 'neither rules nor IPVS serve a Service on the nodes that were captured; another data plane may';

const meetings: Readonly<Record<string, string>> = {
  refused: 'a refusal',
  timeout: 'silence',
  unreachable: 'no way to it',
};

function report(cx: Context, dead: Dead, all: readonly Dead[]): void {
  const { service, endpoint, ground, share, outcome, holder } = dead;
  const address = service.ip === null ? '' : endpointText(service.ip, service.port);
  const assumptions = assumptionsOf(cx, dead);
  cx.report(ground, {
    certainty: certaintyOf(dead, assumptions),
    node: service.node?.name ?? null,
    subject: `${address === '' ? service.name : address} ${endpointText(endpoint.ip, endpoint.port)}`,
    data: {
      service: serviceText(service.name, address),
      endpoint: endpointText(endpoint.ip, endpoint.port),
      probability: formatFraction(share),
      share: shareText(share),
      holder: holder ?? formatIp(endpoint.ip),
      stage: outcome?.steps.at(-1)?.stage ?? '',
      ends: outcome?.disposition === 'rejected' ? 'rejects' : 'drops',
      met: meetings[dead.met ?? ''] ?? 'no answer',
    },
    evidence: evidenceOf(cx.snapshot, dead),
    assumptions,
    path: outcome?.steps ?? [],
    fix: endpointFix(
      cx.snapshot,
      dead,
      all.filter((other) => other !== dead),
    ),
    explains: (symptom) => sharesLine({ evidence: [endpoint.evidence] }, symptom),
  });
}

function serviceText(name: string | null, address: string): string {
  return name === null ? address : address === '' ? name : `${name} (${address})`;
}

function shareText(share: Fraction): string {
  if (sameFraction(share, one)) return 'every connection';
  const text = formatFraction(share);
  // Nobody sees at a glance how much 715827883/2147483648 is.
  const percent = text.length > 7 ? ` (about ${(approximate(share) * 100).toFixed(1)} %)` : '';
  return `${text}${percent} of its connections`;
}

function assumptionsOf(cx: Context, { service, ground, outcome, holder }: Dead): readonly string[] {
  const api =
    service.node === null
      ? ['kube-proxy shares connections alike among the endpoints of the API; no rules of it were captured']
      : outcome === null
        ? [
            `packets for the Service come to its rules, though no call of ${service.node.name} itself is seen to come there`,
          ]
        : [];
  const ready = ground === 'notReady' ? ['what runs on a node that is not ready is taken not to answer'] : [];
  const seen = ground === 'seen' ? ['what clients and logs met is taken to be so still'] : [];
  const asked =
    ground === 'unresolved'
      ? ['nobody answers for the address now either, as the neighbour entry says of the last time']
      : [];
  const traced =
    ground === 'notReady' || ground === 'seen' ? [] : [...(outcome?.assumptions ?? []), ...(outcome?.because ?? [])];
  const unnamed = addressesOf(cx, holder) === 'absent' ? [`the addresses of ${holder} were not captured`] : [];
  return [...new Set([...api, ...unnamed, ...ready, ...seen, ...asked, ...traced.map(({ text }) => text)])];
}

function addressesOf({ snapshot }: Context, name: string | null) {
  return snapshot.nodes.find((node) => node.name === name)?.host.addresses.state ?? null;
}

function certaintyOf({ service, endpoint, ground }: Dead, assumptions: readonly string[]): Certainty {
  const { node } = service;
  if (node !== null && !node.named) return 'possible';
  const rows: readonly Row[] = endpoint.rule === null ? [] : [endpoint.rule];
  const captured = rows.every((row) => (row.trust ?? 'captured') === 'captured');
  const shown = ground !== 'notReady' && ground !== 'seen';
  return shown && captured && assumptions.length === 0 ? 'proven' : 'likely';
}

/** The line that gives the endpoint its share, the one that sends there, and what shows that it is dead. */
function evidenceOf(snapshot: Snapshot, { service, endpoint, outcome, evidence }: Dead): readonly Evidence[] {
  const at = endpoint.evidence.span;
  const chance = outcome?.steps.flatMap((step) => step.evidence).find(({ span }) => isChance(snapshot, span));
  return [
    service.evidence,
    ...(chance === undefined ? [] : [{ span: chance.span, why: 'shares the connections out' }]),
    endpoint.evidence,
    ...evidence.filter(({ span }) => span.file !== at.file || span.start !== at.start),
  ];
}

function isChance({ files }: Snapshot, { file, start, end }: Evidence['span']): boolean {
  return files[file]?.text.slice(start, end).includes('-m statistic') === true;
}

/** Nothing was found, and perhaps only because a dump is missing: of the way there, or of the host that the endpoint stands on. */
function askForMissing(cx: Context, service: Balanced, dead: readonly Dead[]): void {
  if (dead.length === 0 && service.node !== null) {
    const dumps = openDumps(cx.snapshot, service, cx.assume);
    if (dumps.length > 0) cx.notEvaluated(service.node.name, dumps);
  }
  for (const endpoint of service.endpoints) {
    const holder = holderOf(cx.snapshot, endpoint.ip);
    if (holder === null || dead.some((one) => one.endpoint === endpoint)) continue;
    const rules = holder.ns.rulesets.some(({ family, complete }) => complete && family === endpoint.ip.family);
    const filter = endpoint.ip.family === 6 ? 'ip6tables-save' : 'iptables-save';
    const missing = [
      ...(speaksFor(holder.ns, service.proto) ? [] : (['ss'] as const)),
      ...(rules || holder.ns.name !== null ? [] : ([filter] as const)),
    ];
    if (missing.length > 0) cx.notEvaluated(holder.node.name, missing);
  }
}
