/** Calls of which no answer comes back, as the simulator shows. */
import { formatFraction, formatIp, type Outcome, plus, type Reason, type Row, zero } from '@coldtrace/core';
import type { Standing } from '../facts/altered.js';
import { addressRow, endpointText } from '../facts/ipvs-services.js';
import type { Certainty } from '../finding.js';
import { startsSo } from './bound.js';
import type { Shown } from './call.js';
import { type Cause, causeOf } from './cause.js';
import { evidenceOf } from './evidence.js';
import { sourceFix } from './fix.js';
import type { Context } from './statement.js';
import { isTracked } from './unread.js';

interface Lost {
  readonly standing: Standing;
  /** As it was traced: with what was assumed put in. */
  readonly traced: Standing;
  readonly shown: Shown;
  readonly assumed: readonly Reason[];
}

/** One finding per cause; the services of one cause are one fault. */
export function reportLost(cx: Context, found: Lost, told: Set<string>): void {
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
