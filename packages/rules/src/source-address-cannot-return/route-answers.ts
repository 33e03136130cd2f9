/** `ip route get` of a Service and of its endpoint, where nothing else was captured: two interfaces, two sources, and nobody answers the first. */
import {
  type Evidence,
  type Ip,
  lookupRoute,
  type Node,
  type Place,
  placeOf,
  type SeenRoute,
  type Snapshot,
  sameIp,
  selectSource,
  towardsOf,
} from '@coldtrace/core';
import { sightingsOf } from '../connections/observed.js';
import { clusterAddresses, readyEndpoints } from '../facts/service-objects.js';
import { rulesOf, tablesNamed } from '../facts/table-rules.js';
import type { Call } from './calls.js';

type Answer = SeenRoute & {
  readonly dev: NonNullable<SeenRoute['dev']>;
  readonly src: NonNullable<SeenRoute['src']>;
};

export interface AnsweredPair {
  readonly service: Pick<Answer, 'dst' | 'dev' | 'src' | 'span'>;
  readonly endpoint: Pick<Answer, 'dst' | 'dev' | 'src' | 'span'>;
  /** Calls of the first that nobody answered. */
  readonly waited: readonly Evidence[];
}

/** What the kernel said of packets that the node itself sends. */
export function routeAnswers(node: Node, family: 4 | 6): readonly Answer[] {
  return node.observations.filter(
    (row): row is Answer =>
      row.kind === 'route' &&
      row.dst.family === family &&
      row.error === null &&
      row.from === null &&
      row.iif === null &&
      row.dev !== null &&
      row.dev !== 'lo' &&
      row.src !== null,
  );
}

/** A Service that clients wait for in vain by one interface, and an endpoint on link behind another. */
export function answeredPair(snapshot: Snapshot, node: Node, family: 4 | 6): AnsweredPair | null {
  const answers = routeAnswers(node, family);
  for (const service of answers) {
    if (service.via === null) continue;
    const calls = callsTo(snapshot, node, service);
    if (calls.length === 0 || calls.some(({ says }) => says === 'answered')) continue;
    const endpoint = answers.find(
      (one) =>
        one.via === null &&
        one.dev !== service.dev &&
        !sameIp(one.src, service.src) &&
        mayServe(snapshot, node, service, one),
    );
    if (endpoint !== undefined) return { service, endpoint, waited: calls.slice(0, 2).map(({ evidence }) => evidence) };
  }
  return null;
}

function callsTo(snapshot: Snapshot, node: Node, { dst }: Pick<SeenRoute, 'dst'>) {
  return sightingsOf(snapshot).filter(
    ({ connection: { from, to } }) => from.origin.ns === node.host && sameIp(to.ip, dst),
  );
}

/** The API says so; or the first address is like that of the API server's Service; or direct calls of the second are answered. */
function mayServe(snapshot: Snapshot, node: Node, service: Answer, endpoint: Answer): boolean {
  const known = clusterAddresses(snapshot).filter(({ ip }) => sameIp(ip, service.dst));
  if (known.length > 0)
    return known.every((one) => {
      const ready = readyEndpoints(snapshot, one);
      return ready === null || ready.some(({ ip }) => sameIp(ip, endpoint.dst));
    });
  const calls = callsTo(snapshot, node, service);
  const api = isFirst(service.dst) && calls.some(({ connection }) => connection.to.port === 443);
  return api || callsTo(snapshot, node, endpoint).some(({ says }) => says === 'answered');
}

/** The API server's Service takes the first address of the Service network. */
const isFirst = (ip: Ip) => ((ip.family === 4 ? ip.a : ip.d) & 0xff) === 1;

/** The same of a Service that rules show, where those that lead a call to them were not captured: grep keeps the chains of one Service alone. */
export function calledPair(snapshot: Snapshot, node: Node, { entry, endpoint }: Call): AnsweredPair | null {
  const place = placeOf(node, node.host, 'defaults');
  const [service, direct] = [wayTo(place, entry.ip), wayTo(place, endpoint.ip)];
  if (service === null || direct === null || sameIp(service.src, direct.src)) return null;
  const calls = callsTo(snapshot, node, service);
  if (calls.length === 0 || calls.some(({ says }) => says === 'answered') || isMarked(node, entry.ip)) return null;
  return { service, endpoint: direct, waited: calls.slice(0, 2).map(({ evidence }) => evidence) };
}

function wayTo(place: Place, dst: Ip): AnsweredPair['service'] | null {
  const answer = lookupRoute(place, towardsOf(dst));
  if (answer.kind !== 'route') return null;
  const [hop] = answer.hops;
  const source = selectSource(place, answer.route, hop, dst);
  return source.kind === 'source' && hop?.dev != null
    ? { dst, dev: hop.dev, src: source.ip, span: answer.route.span }
    : null;
}

/** kube-proxy means to masquerade calls of the Service from outside the pod network. */
function isMarked({ host }: Node, service: Ip): boolean {
  return tablesNamed(host, service.family, 'nat').some(({ table }) =>
    [...rulesOf(table, 'KUBE-MARK-MASQ')].some(
      ({ rule: { header, target } }) =>
        header.dst !== null &&
        sameIp(header.dst.masked.ip, service) &&
        target?.kind === 'jump' &&
        target.chain === 'KUBE-MARK-MASQ',
    ),
  );
}
