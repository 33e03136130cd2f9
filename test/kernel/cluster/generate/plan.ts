/** What a cluster is before it becomes commands: who there is, which addresses they have, how pods reach each other. */
import type { Prng } from '../../../bench/prng.js';
import { drawServices } from './draw-services.js';

export type Backend = 'vxlan' | 'host-gw' | 'routed';
export type PodStyle = 'bridge' | 'point-to-point';

export interface PlannedPod {
  readonly space: string;
  readonly ip: string;
  readonly mac: string;
  /** Of its node's veth. */
  readonly dev: string;
  /** Whom a policy lets in; null: everybody. Only Calico has policies. */
  readonly allows: readonly string[] | null;
  readonly captured: boolean;
}

export interface PlannedNode {
  readonly name: string;
  /** From 1. */
  readonly index: number;
  readonly segment: number;
  readonly ip: string;
  readonly mac: string;
  readonly podNet: string;
  /** The first of its pods' network: the bridge's. */
  readonly podGateway: string;
  readonly style: PodStyle;
  /** The bridge sends back by the port that a frame came in by. */
  readonly hairpin: boolean;
  readonly pods: readonly PlannedPod[];
  /** A server with the node's own network. */
  readonly serves: boolean;
  /** A port of the node that leads to a pod of it. */
  readonly hostPort: { readonly port: number; readonly proto: 'tcp' | 'udp'; readonly pod: string } | null;
}

export interface PlannedService {
  readonly id: string;
  readonly ip: string;
  readonly proto: 'tcp' | 'udp';
  readonly port: number;
  readonly nodePort: number;
  readonly targetPort: number;
  readonly endpoints: readonly string[];
  /** externalTrafficPolicy Local. */
  readonly localOnly: boolean;
  /** internalTrafficPolicy Local. */
  readonly internalLocal: boolean;
  /** sessionAffinity ClientIP. */
  readonly affinity: boolean;
  readonly external: ExternalAddress | null;
}

/** Of a load balancer or of externalIPs: nobody holds it, and whoever has a route to it has it by one of the nodes. */
export interface ExternalAddress {
  readonly ip: string;
  /** From 0. */
  readonly leader: number;
  /** loadBalancerSourceRanges. */
  readonly ranges: readonly string[] | null;
}

export interface Plan {
  /** Every namespace is captured, but for the wires. */
  readonly complete: boolean;
  readonly family: 4 | 6;
  readonly tool: 'legacy' | 'nft';
  readonly backend: Backend;
  /** The rules, sets and routes that Calico makes; what becomes of what pods send to their node (DefaultEndpointToHostAction). */
  readonly calico: { readonly toHost: 'ACCEPT' | 'DROP' | 'RETURN' } | null;
  /** net.ipv4.conf.all.route_localnet, which kube-proxy sets. */
  readonly localNet: boolean;
  readonly segments: number;
  readonly nodes: readonly [PlannedNode, ...PlannedNode[]];
  /** Joins the segments, where there are two, and leads to pods where they are routed. */
  readonly router: { readonly captured: boolean } | null;
  readonly outside: { readonly ip: string; readonly segment: number; readonly captured: boolean };
  readonly services: readonly PlannedService[];
  readonly podNets: string;
}

export const podPort = 8080;
export const nodePorts = { tcp: 22, udp: 9100 } as const;

export function addressOn(family: 4 | 6, segment: number, host: number): string {
  return family === 4 ? `192.168.${10 + segment}.${host}` : `fd00:${10 + segment}::${host}`;
}

export const segmentLength = (family: 4 | 6): number => (family === 4 ? 24 : 64);
export const hostLength = (family: 4 | 6): number => (family === 4 ? 32 : 128);

export function podAddress(family: 4 | 6, node: number, host: number): string {
  return family === 4 ? `10.244.${node}.${host}` : `fd00:244:0:${node}::${host === 0 ? '' : host}`;
}

export const routerHost = 1;

/** The same draws give the same cluster in either family. */
export function drawPlan(random: Prng, wanted: 4 | 6 | null = null): Plan {
  const drawn = random.chance(0.65) ? 4 : 6;
  const family = wanted ?? drawn;
  const segments = random.chance(0.35) ? 2 : 1;
  const backend = random.pick<Backend>(['vxlan', 'vxlan', 'host-gw', 'routed']);
  const count = 2 + random.below(3);
  const style = random.pick<PodStyle | 'mixed'>(['bridge', 'point-to-point', 'mixed']);
  const complete = random.chance(0.6);
  const bare = !complete && random.chance(0.4);
  const isCalico = style === 'point-to-point' && backend !== 'vxlan' && random.chance(0.7);
  const node = (at: number): PlannedNode =>
    drawNode(random, { family, segments, index: at + 1, style, complete, bare });
  const nodes: readonly [PlannedNode, ...PlannedNode[]] = [
    node(0),
    ...Array.from({ length: count - 1 }, (_, at) => node(at + 1)),
  ];
  const needsRouter = segments > 1 || backend === 'routed';
  const segment = random.below(segments);
  const away = addressOn(family, segment, 100);
  return {
    complete,
    family,
    tool: random.chance(0.5) ? 'legacy' : 'nft',
    backend,
    calico: isCalico ? { toHost: random.pick(['ACCEPT', 'RETURN', 'DROP']) } : null,
    localNet: random.chance(0.7),
    segments,
    nodes: isCalico ? withPolicies(random, nodes, away) : nodes,
    router: needsRouter || random.chance(0.2) ? { captured: complete || random.chance(0.5) } : null,
    outside: { ip: away, segment, captured: complete || random.chance(0.5) },
    services: drawServices(random, family, { nodes, outside: away }),
    podNets: family === 4 ? '10.244.0.0/16' : 'fd00:244::/48',
  };
}

/** Two pods in five let in only some. */
function withPolicies(random: Prng, nodes: Plan['nodes'], outside: string): Plan['nodes'] {
  const clients = [...nodes.flatMap(({ ip, pods }) => [ip, ...pods.map((pod) => pod.ip)]), outside];
  const ruled = (node: PlannedNode): PlannedNode => ({
    ...node,
    pods: node.pods.map((pod) => ({
      ...pod,
      allows: random.chance(0.4) ? clients.filter(() => random.chance(0.6)) : null,
    })),
  });
  const [first, ...others] = nodes;
  return [ruled(first), ...others.map(ruled)];
}

interface NodeWish {
  readonly family: 4 | 6;
  readonly segments: number;
  readonly index: number;
  readonly style: PodStyle | 'mixed';
  readonly complete: boolean;
  /** Pods are not captured. */
  readonly bare: boolean;
}

function drawNode(random: Prng, { family, segments, index, style, complete, bare }: NodeWish): PlannedNode {
  const segment = random.below(segments);
  const ownStyle = style === 'mixed' ? random.pick<PodStyle>(['bridge', 'point-to-point']) : style;
  const pods = Array.from({ length: 1 + random.below(2) }, (_, at): PlannedPod => {
    const letter = 'ab'[at] ?? 'c';
    return {
      space: `p${index}${letter}`,
      ip: podAddress(family, index, 10 + at),
      mac: `02:00:00:0a:0${index}:1${at}`,
      dev: `${ownStyle === 'bridge' ? 'v' : 'cali'}${index}${letter}`,
      allows: null,
      captured: complete || (!bare && random.chance(0.8)),
    };
  });
  return {
    name: `n${index}`,
    index,
    segment,
    ip: addressOn(family, segment, 10 + index),
    mac: `02:00:00:0e:00:0${index}`,
    podNet: `${podAddress(family, index, 0)}/${segmentLength(family)}`,
    podGateway: podAddress(family, index, 1),
    style: ownStyle,
    hairpin: random.chance(0.4),
    pods,
    serves: random.chance(0.3),
    hostPort: random.chance(0.3)
      ? { port: 8088, proto: random.pick<'tcp' | 'udp'>(['tcp', 'udp']), pod: pods[0]?.ip ?? '' }
      : null,
  };
}
