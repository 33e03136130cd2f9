/** The cluster of a seed, whole or broken. */
import { prng } from '../../../bench/prng.js';
import type { ClusterCase, PlacedLine, Space } from '../case.js';
import { backendLines } from './backend.js';
import { calicoLines } from './calico.js';
import { drawConnections } from './connections.js';
import { drawFaults } from './faults/draw.js';
import { hostPortLines } from './host-ports.js';
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
import { drawPlan, nodePorts, type Plan, type PlannedNode, type PlannedService, podPort } from './plan.js';
import { podLines } from './pods.js';
import { serviceLines } from './services.js';

export interface ClusterWish {
  readonly connections: number;
}

export function clusterOfSeed(seed: number, wish: ClusterWish): ClusterCase {
  const random = prng(seed);
  const plan = drawPlan(random);
  const { family, tool, backend } = plan;
  const second = random.chance(0.25) ? drawPlan(prng(seed), family === 4 ? 6 : 4) : null;
  const connections = drawConnections(second === null ? [plan] : [plan, second], wish.connections, random);
  const sound = second === null ? soundLines(plan) : joinedLines(soundLines(plan), soundLines(second), second.family);
  const broken = drawFaults({ plan, connections, random }, sound);
  return {
    name: `cluster-${seed}`,
    family,
    ...(second === null ? {} : { dual: true }),
    features: [
      plan.complete ? 'all captured' : 'partly captured',
      second === null ? `IPv${family}` : 'dual stack',
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

function soundLines(plan: Plan): readonly PlacedLine[] {
  const { nodes } = plan;
  return [
    ...segmentLines(plan),
    ...routerLines(plan),
    ...nodes.flatMap((node) => nodeWire(plan, node)),
    ...nodes.flatMap((node) => [...podLines(plan, node), ...backendLines(plan, node)]),
    ...nodes.flatMap((node) => ruleLines(plan, node)),
    ...nodes.flatMap(listeners),
    ...outsideLines(plan),
    ...externalRoutes(plan),
  ];
}

/** Devices and parameters are the same for both families. */
function joinedLines(
  first: readonly PlacedLine[],
  second: readonly PlacedLine[],
  family: 4 | 6,
): readonly PlacedLine[] {
  const shared = new Set<string>(['ip', 'bridge', 'sysctl']);
  const textOf = ({ at, tool, text }: PlacedLine) => `${at} ${tool} ${text}`;
  const there = new Set(first.filter(({ tool }) => shared.has(tool)).map(textOf));
  return [...first, ...second.filter((line) => !there.has(textOf(line))).map((line) => ({ ...line, family }))];
}

/** Rules of one node stand together: they are loaded at once. */
function ruleLines(plan: Plan, node: PlannedNode): readonly PlacedLine[] {
  const all = [...calicoLines(plan, node), ...hostPortLines(plan, node), ...serviceLines(plan, node)];
  const isRule = ({ tool }: PlacedLine) => tool === plan.tool;
  const localNet = plan.localNet ? say(node.name, 'sysctl', 'net/ipv4/conf/all/route_localnet 1') : [];
  return [...localNet, ...all.filter((line) => !isRule(line)), ...all.filter(isRule)];
}

function listeners({ name, serves }: PlannedNode): readonly PlacedLine[] {
  const own = serves ? [`tcp * ${podPort}`, `udp * ${podPort}`] : [];
  return say(name, 'listen', `tcp * ${nodePorts.tcp}`, `udp * ${nodePorts.udp}`, ...own);
}

/** Kinds of networks and Services in it. */
function kindsOf({ services, calico, nodes }: Plan): readonly string[] {
  const has = (kind: string, test: (one: PlannedService) => boolean) => (services.some(test) ? [kind] : []);
  return [
    ...(calico === null ? [] : ['Calico']),
    ...(nodes.some(({ hostPort }) => hostPort !== null) ? ['hostPort'] : []),
    ...(nodes.some(({ serves }) => serves) ? ['server of a node'] : []),
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
