/** `ip route get` of a Service and of its endpoint, where nothing else was captured: two interfaces, two sources, and nobody answers the first. */
import { type Evidence, type Ip, type Node, type SeenRoute, type Snapshot, sameIp } from '@coldtrace/core';
import { sightingsOf } from '../connections/observed.js';
import { clusterAddresses, readyEndpoints } from '../facts/service-objects.js';

type Answer = SeenRoute & {
  readonly dev: NonNullable<SeenRoute['dev']>;
  readonly src: NonNullable<SeenRoute['src']>;
};

export interface AnsweredPair {
  readonly service: Answer;
  readonly endpoint: Answer;
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

function callsTo(snapshot: Snapshot, node: Node, { dst }: SeenRoute) {
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
