/** One call traced: the source it leaves with, and whether the endpoint's answer to that source comes back. */
import {
  type AssumeMode,
  type Evidence,
  type Fraction,
  formatIp,
  type Ip,
  lookupRoute,
  type Node,
  type Outcome,
  placeOf,
  plus,
  type Reason,
  type Snapshot,
  type Step,
  sameIp,
  type Trace,
  towardsOf,
  zero,
} from '@coldtrace/core';
import { traceOnce } from '../connections/trace-once.js';
import { addressOf, type Call } from './calls.js';

export interface Stray {
  readonly source: Ip;
  readonly endpoint: Ip;
  readonly outcome: Outcome;
  /** Lookups for the Service's address and, after DNAT, for the endpoint. */
  readonly first: Step;
  readonly second: Step;
  /** Share of the connections that leave so. */
  readonly share: Fraction;
  /**
   * - `lost`: the answer cannot come back
   * - `open`: the endpoint, or the gateway that it answers by, was not captured
   */
  readonly fate: 'lost' | 'open';
  /** The gateway that may know the way, or not. */
  readonly gateway: Ip | null;
  /** What the endpoint's node says of the way back. */
  readonly back: readonly Evidence[];
  /** The source that the endpoint's own address would get; null when a direct call fails too or is open. */
  readonly direct: Ip | null;
}

export interface Answer {
  readonly stray: Stray | null;
  readonly because: readonly Reason[];
}

export function strayOf(snapshot: Snapshot, node: Node, call: Call, assume: AssumeMode): Answer {
  const { entry, endpoint } = call;
  const called = traceTo(snapshot, node, entry.ip, entry.port, entry.proto, assume);
  const judged = called.outcomes.map((outcome) => judge(snapshot, node, call, outcome));
  const strays = judged.filter((one) => one !== null);
  const [first] = [...strays].sort((x, y) => rank(x) - rank(y));
  const because = called.outcomes.flatMap((outcome) => outcome.because);
  if (first === undefined) return { stray: null, because };
  const direct = traceTo(snapshot, node, first.endpoint, endpoint.port ?? entry.port, entry.proto, assume);
  if (direct.verdict === 'fails') return { stray: null, because: [] };
  const share = strays.reduce((sum, { outcome }) => plus(sum, outcome.probability), zero);
  const own = direct.verdict === 'works' ? (direct.outcomes[0]?.final.src ?? null) : null;
  return { stray: { ...first, share, direct: own }, because };
}

function rank({ fate, outcome }: { readonly fate: string; readonly outcome: Outcome }): number {
  return (fate === 'lost' ? 0 : 1000) + outcome.assumptions.length;
}

function traceTo(snapshot: Snapshot, node: Node, ip: Ip, port: number, proto: number, assume: AssumeMode): Trace {
  const from = { kind: 'process', node, ns: node.host, src: null } as const;
  return traceOnce(snapshot, { from, to: { ip, port }, proto, sport: null, assume });
}

type Judged = Omit<Stray, 'share' | 'direct'>;

function judge(snapshot: Snapshot, node: Node, call: Call, outcome: Outcome): Judged | null {
  const own = outcome.steps.filter((step) => step.node === node.name);
  const leaving = own.findLast(({ stage }) => stage === 'egress');
  const packet = leaving?.claim?.packet;
  if (packet === undefined || packet.oif !== call.right) return null;
  const address = addressOf(node, packet.src);
  if (address === null || address.dev !== call.chosen) return null;
  const lookups = own.filter(({ stage }) => stage === 'routing');
  const first = lookups.find(({ claim }) => claim !== undefined && sameIp(claim.packet.dst, call.entry.ip));
  const second = lookups.find(({ claim }) => claim !== undefined && sameIp(claim.packet.dst, packet.dst));
  const fate =
    first === undefined || second === undefined ? null : fateOf(snapshot, node, packet.dst, packet.src, outcome);
  if (first === undefined || second === undefined || fate === null) return null;
  return { source: packet.src, endpoint: packet.dst, outcome, first, second, ...fate };
}

type Fate = Pick<Stray, 'fate' | 'gateway' | 'back'>;

/** null: the answer comes back, or nothing about the source decides. */
function fateOf(snapshot: Snapshot, node: Node, endpoint: Ip, source: Ip, outcome: Outcome): Fate | null {
  const { disposition, reply, steps } = outcome;
  const last = steps.at(-1);
  if (disposition === 'martian' || disposition === 'rp-filtered')
    return { fate: 'lost', gateway: null, back: last?.evidence ?? [] };
  if ((disposition !== 'delivered' && disposition !== 'forwarded') || reply === null) return null;
  if (reply.disposition === 'rejected') return null;
  const { captured, gateway, evidence } = wayBack(snapshot, node, endpoint, source);
  // What the gateway does is open; where a dump is missing, the answer is open for another reason.
  if (reply.disposition === 'undetermined')
    return gateway === null || outcome.because.some(({ dump }) => dump !== null)
      ? null
      : { fate: 'open', gateway, back: evidence };
  if (reply.disposition !== 'delivered') return { fate: captured ? 'lost' : 'open', gateway, back: evidence };
  return captured && gateway === null ? null : { fate: 'open', gateway, back: evidence };
}

/** The gateway by which the endpoint's node sends to the source, when nobody who was captured has that address. */
function wayBack(snapshot: Snapshot, node: Node, endpoint: Ip, source: Ip) {
  const other = snapshot.nodes.find((one) => one !== node && addressOf(one, endpoint) !== null);
  if (other === undefined) return { captured: false, gateway: null, evidence: [] };
  const answer = lookupRoute(placeOf(other, other.host, 'defaults'), towardsOf(source));
  const via = answer.kind === 'route' ? (answer.hops[0]?.via ?? null) : null;
  const known = via !== null && snapshot.nodes.some((one) => addressOf(one, via) !== null);
  const why =
    via === null
      ? `${other.name} has no way to ${formatIp(source)}`
      : `${other.name} answers ${formatIp(source)} by ${formatIp(via)}`;
  return {
    captured: true,
    gateway: known ? null : via,
    evidence: answer.evidence.slice(0, 1).map(({ span }) => ({ span, why })),
  };
}
