/** Which endpoints of a Service are dead, on what grounds, and what share of the connections goes to them. */
import {
  type AssumeMode,
  type DumpId,
  type Evidence,
  type Fraction,
  fraction,
  type KubeEndpoints,
  type Outcome,
  plus,
  type Snapshot,
  sameIp,
  schedule,
  type Trace,
  type VirtualServer,
  zero,
} from '@coldtrace/core';
import { traceOnce } from '../connections/trace-once.js';
import { endpointEvidence } from '../facts/service-objects.js';
import { type Balanced, type BalancedEndpoint, protocolName, sameEndpoint, servedElsewhere } from './balanced.js';
import { holderNamed, holderOf, listensOn, notReadyNode, sightings, silenceOf, speaksFor } from './witnesses.js';

export type Ground = 'silent' | 'filtered' | 'unresolved' | 'notReady' | 'seen';

export interface Dead {
  readonly service: Balanced;
  readonly endpoint: BalancedEndpoint;
  readonly ground: Ground;
  readonly share: Fraction;
  /** The way of a connection to it; null: the captured rules do not lead there. */
  readonly outcome: Outcome | null;
  readonly evidence: readonly Evidence[];
  /** What clients met: `refused`. */
  readonly met: string | null;
  /** The node that the endpoint stands on, where anything tells. */
  readonly holder: string | null;
}

/** Anything that speaks against one of the endpoints, short of a trace. */
export function isSuspect(snapshot: Snapshot, { endpoints, proto, node }: Balanced): boolean {
  if (protocolName(proto) === null) return false;
  return endpoints.some(({ ip, port }) => {
    const holder = holderOf(snapshot, ip);
    if (holder !== null && holder.ns.name === null) return true;
    if (holder !== null && speaksFor(holder.ns, proto) && !listensOn(holder.ns, { ip, port }, proto)) return true;
    const unanswered = node?.host.neighbours.rows.some((row) => sameIp(row.ip, ip) && row.nud === 'FAILED') === true;
    return unanswered || notReadyNode(snapshot, ip) !== null || sightings(snapshot, ip, port).length > 0;
  });
}

export function deadEndpoints(snapshot: Snapshot, service: Balanced, assume: AssumeMode): readonly Dead[] {
  const shown = traceTo(snapshot, service, assume);
  const unique = service.endpoints.filter((one, at, all) => all.findIndex((other) => sameEndpoint(one, other)) === at);
  const reached = shown?.outcomes.filter((outcome) => unique.some((endpoint) => goesTo(outcome, endpoint))) ?? [];
  return unique.flatMap((endpoint) => {
    if (service.toldElsewhere?.some((other) => sameEndpoint(other, endpoint)) === true) return [];
    const outcomes = reached.filter((outcome) => goesTo(outcome, endpoint));
    const share = reached.length === 0 ? unshownShare(service, endpoint, unique.length) : sumOf(outcomes);
    if (share.numerator === 0n) return [];
    const found = traced(snapshot, service, endpoint, outcomes) ?? told(snapshot, service, endpoint, outcomes);
    if (found !== null) return [{ service, endpoint, share, ...found }];
    const others = seenByOthers(snapshot, service, endpoint, assume);
    return others === null ? [] : [others];
  });
}

/** What the node that holds the endpoint calls without a wire between, as its firewall lets it, nobody else may reach. */
function seenByOthers(
  snapshot: Snapshot,
  service: Balanced,
  endpoint: BalancedEndpoint,
  assume: AssumeMode,
): Dead | null {
  const holder = holderOf(snapshot, endpoint.ip);
  if (holder === null || holder.ns !== service.node?.host) return null;
  const elsewhere = servedElsewhere(snapshot, service, endpoint);
  const there = elsewhere?.endpoints.find((one) => sameEndpoint(one, endpoint));
  const trace = elsewhere === null ? null : traceTo(snapshot, elsewhere, assume);
  const outcomes = trace?.outcomes.filter((outcome) => goesTo(outcome, endpoint)) ?? [];
  const found = elsewhere === null ? null : traced(snapshot, elsewhere, endpoint, outcomes);
  if (elsewhere === null || there === undefined || found === null) return null;
  return { service: elsewhere, endpoint: there, share: sumOf(outcomes), ...found };
}

/** What would settle where connections go, where that is open. */
export function openDumps(snapshot: Snapshot, service: Balanced, assume: AssumeMode): readonly DumpId[] {
  const outcomes = traceTo(snapshot, service, assume)?.outcomes ?? [];
  return [...new Set(outcomes.flatMap(({ because }) => because.flatMap(({ dump }) => dump ?? [])))];
}

function sumOf(outcomes: readonly Outcome[]): Fraction {
  return outcomes.reduce((sum, { probability }) => plus(sum, probability), zero);
}

/** No trace comes to the endpoints, because the rules were captured in part or not at all. */
function unshownShare(service: Balanced, { ip, port }: BalancedEndpoint, count: number): Fraction {
  if (service.virtual !== null) return scheduledShare(service.virtual, ip, port);
  const byRule = service.sharesByRule();
  if (byRule === null) return fraction(1, count);
  return service.endpoints.reduce((sum, one) => {
    const share = one.rule === null || !sameEndpoint(one, { ip, port }) ? undefined : byRule.get(one.rule);
    return share === undefined ? sum : plus(sum, share);
  }, zero);
}

function scheduledShare(virtual: VirtualServer, ip: BalancedEndpoint['ip'], port: number): Fraction {
  return schedule(virtual).shares.reduce(
    (sum, { server, share }) =>
      server !== null && server.port === port && sameIp(server.ip, ip) ? plus(sum, share) : sum,
    zero,
  );
}

function traceTo(snapshot: Snapshot, { node, ip, port, proto }: Balanced, assume: AssumeMode): Trace | null {
  if (node === null || ip === null) return null;
  const from = { kind: 'process', node, ns: node.host, src: null } as const;
  return traceOnce(snapshot, { from, to: { ip, port }, proto, sport: null, assume });
}

function goesTo({ final }: Outcome, { ip, port }: BalancedEndpoint): boolean {
  return sameIp(final.dst, ip) && final.dport === port;
}

type Judgement = Pick<Dead, 'ground' | 'outcome' | 'evidence' | 'met' | 'holder'>;

/** The trace itself ends there: nothing listens, a rule drops it, nobody answers for the address. */
function traced(
  snapshot: Snapshot,
  { proto }: Balanced,
  { ip, port }: BalancedEndpoint,
  outcomes: readonly Outcome[],
): Judgement | null {
  const [outcome] = outcomes;
  if (outcome === undefined) return null;
  const holder = holderOf(snapshot, ip) ?? holderNamed(snapshot, outcome.final.node);
  const grounds = new Set(outcomes.map((one) => groundOf(one, holder?.place ?? null)));
  const [ground] = grounds;
  if (ground === undefined || ground === null || grounds.size !== 1) return null;
  if (ground === 'unresolved' && isReadyPod(snapshot, ip)) return null;
  const last = outcome.steps.at(-1);
  const lines = outcome.steps.filter(({ node }) => node === last?.node).findLast(({ evidence }) => evidence.length > 0);
  const evidence = [
    ...(ground === 'silent' && holder !== null ? silenceOf(holder, { ip, port }, proto) : []),
    ...(ground === 'silent' ? [] : (lines?.evidence ?? []).slice(0, 1)),
    ...supporting(snapshot, ip, port),
  ];
  return { ground, outcome, evidence, met: null, holder: holder?.node.name ?? null };
}

function groundOf({ disposition, final, steps }: Outcome, holder: string | null): Ground | null {
  const stage = steps.at(-1)?.stage ?? '';
  if (disposition === 'neighbour-unresolved') return 'unresolved';
  if (final.node !== holder) return null;
  if (disposition === 'rejected' && stage === 'socket') return 'silent';
  return (disposition === 'dropped' || disposition === 'rejected') && stage.includes('/') ? 'filtered' : null;
}

/** The entry may be older than the pod. */
function isReadyPod({ objects }: Snapshot, ip: BalancedEndpoint['ip']): boolean {
  return objects.some(
    (object) => object.kind === 'Pod' && object.ready === true && object.ips.some((one) => sameIp(one, ip)),
  );
}

/** Logs, clients and Node objects that say the same. */
function supporting(snapshot: Snapshot, ip: BalancedEndpoint['ip'], port: number): readonly Evidence[] {
  const node = notReadyNode(snapshot, ip);
  const failed = sightings(snapshot, ip, port).filter(({ what }) => what !== 'answered');
  return [
    ...(node === null ? [] : [node.evidence]),
    ...failed.slice(0, 2).map(({ evidence }) => evidence),
    ...listedBy(snapshot, ip, port),
  ];
}

/** The API still has it. */
function listedBy(snapshot: Snapshot, ip: BalancedEndpoint['ip'], port: number): readonly Evidence[] {
  const object = snapshot.objects.find(
    (one): one is KubeEndpoints =>
      one.kind === 'Endpoints' &&
      one.subsets.some(
        ({ endpoints, ports }) =>
          ports.some((target) => target.port === port) &&
          endpoints.some((other) => other.ready && sameIp(other.ip, ip)),
      ),
  );
  return object === undefined ? [] : [{ ...endpointEvidence(snapshot, object, ip), why: 'the API still lists it' }];
}

/** Somebody says that it is dead, and nothing captured shows it alive. */
function told(
  snapshot: Snapshot,
  { proto }: Balanced,
  { ip, port }: BalancedEndpoint,
  outcomes: readonly Outcome[],
): Judgement | null {
  const holder = holderOf(snapshot, ip);
  const seen = sightings(snapshot, ip, port);
  if (seen.some(({ what }) => what === 'answered')) return null;
  const listens = holder !== null && listensOn(holder.ns, { ip, port }, proto);
  const outcome = outcomes[0] ?? null;
  const silent = holder !== null && holder.ns.name === null && speaksFor(holder.ns, proto) && !listens;
  if (silent && (outcome === null || outcome.disposition === 'undetermined')) {
    return {
      ground: 'silent',
      outcome,
      evidence: [...silenceOf(holder, { ip, port }, proto), ...supporting(snapshot, ip, port)],
      met: null,
      holder: holder.node.name,
    };
  }
  if (listens) return null;
  const node = notReadyNode(snapshot, ip);
  const [first] = seen;
  if (node === null && first === undefined) return null;
  return {
    ground: node === null ? 'seen' : 'notReady',
    outcome,
    evidence: supporting(snapshot, ip, port),
    met: first?.what ?? null,
    holder: node?.name ?? holder?.node.name ?? null,
  };
}
