/** Which Services a cluster has, and of which kinds. */
import type { Prng } from '../../../bench/prng.js';
import { type ExternalAddress, hostLength, type PlannedNode, type PlannedService, podPort } from './plan.js';

interface Whom {
  readonly nodes: readonly PlannedNode[];
  readonly outside: string;
}

export function drawServices(random: Prng, family: 4 | 6, whom: Whom): readonly PlannedService[] {
  const pods = whom.nodes.flatMap(({ pods: own, serves, ip }) => [
    ...own.map((pod) => pod.ip),
    ...(serves ? [ip] : []),
  ]);
  return Array.from({ length: 1 + random.below(3) }, (_, at) => ({
    id: `SVC${at}`,
    ip: family === 4 ? `10.96.0.${20 + at}` : `fd96::${20 + at}`,
    proto: random.pick<'tcp' | 'udp'>(['tcp', 'udp']),
    port: random.pick([80, 443, 53]),
    nodePort: 30080 + at,
    targetPort: podPort,
    endpoints: pods.filter(() => random.chance(0.45)).slice(0, 3),
    localOnly: random.chance(0.3),
    internalLocal: random.chance(0.2),
    affinity: random.chance(0.25),
    external: random.chance(0.5) ? drawExternal(random, family, at, whom) : null,
  }));
}

function drawExternal(random: Prng, family: 4 | 6, at: number, { nodes, outside }: Whom): ExternalAddress {
  const clients = [
    ...nodes.flatMap(({ ip, podNet }) => [`${ip}/${hostLength(family)}`, podNet]),
    `${outside}/${hostLength(family)}`,
  ];
  return {
    ip: family === 4 ? `203.0.113.${10 + at}` : `2001:db8:9::${10 + at}`,
    leader: random.below(nodes.length),
    ranges: random.chance(0.3) ? clients.filter(() => random.chance(0.5)) : null,
  };
}
