/** The cluster of a seed, whole or broken. */
import { prng } from '../../../bench/prng.js';
import type { ClusterCase, Space } from '../case.js';
import { backendLines } from './backend.js';
import { drawConnections } from './connections.js';
import { drawFaults } from './faults/draw.js';
import {
  externalRoutes,
  nodeWire,
  outside,
  outsideLines,
  router,
  routerLines,
  say,
  segmentLines,
  wires,
} from './network.js';
import { drawPlan, nodePorts, type Plan, type PlannedService } from './plan.js';
import { podLines } from './pods.js';
import { serviceLines } from './services.js';

export interface ClusterWish {
  readonly connections: number;
}

export function clusterOfSeed(seed: number, wish: ClusterWish): ClusterCase {
  const random = prng(seed);
  const plan = drawPlan(random);
  const { family, tool, backend, nodes } = plan;
  const sound = [
    ...segmentLines(plan),
    ...routerLines(plan),
    ...nodes.flatMap((node) => nodeWire(plan, node)),
    ...nodes.flatMap((node) => [...podLines(plan, node), ...backendLines(plan, node)]),
    ...nodes.flatMap((node) => serviceLines(plan, node)),
    ...nodes.flatMap(({ name }) => say(name, 'listen', `tcp * ${nodePorts.tcp}`, `udp * ${nodePorts.udp}`)),
    ...outsideLines(plan),
    ...externalRoutes(plan),
  ];
  const connections = drawConnections(plan, wish.connections, random);
  const broken = drawFaults({ plan, connections, random }, sound);
  return {
    name: `cluster-${seed}`,
    family,
    features: [
      plan.complete ? 'all captured' : 'partly captured',
      `IPv${family}`,
      tool,
      backend,
      ...kindsOf(plan),
      ...broken.features,
    ],
    spaces: spacesOf(plan),
    setup: broken.setup,
    connections,
  };
}

/** Kinds of Services in it. */
function kindsOf({ services }: Plan): readonly string[] {
  const has = (kind: string, test: (one: PlannedService) => boolean) => (services.some(test) ? [kind] : []);
  return [
    ...has('sessionAffinity', ({ affinity }) => affinity),
    ...has('externalTrafficPolicy Local', ({ localOnly }) => localOnly),
    ...has('internalTrafficPolicy Local', ({ internalLocal }) => internalLocal),
    ...has('external address', ({ external }) => external !== null),
  ];
}

function spacesOf({ nodes, router: gateway, outside: far }: Plan): readonly Space[] {
  return [
    { name: wires, node: null },
    ...nodes.flatMap((node): readonly Space[] => [
      { name: node.name, node: node.name },
      ...node.pods.map(({ space, captured }) => ({ name: space, node: captured ? node.name : null })),
    ]),
    ...(gateway === null ? [] : [{ name: router, node: gateway.captured ? router : null }]),
    { name: outside, node: far.captured ? outside : null },
  ];
}
