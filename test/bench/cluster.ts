/** A seeded cluster of service ports and endpoints: the one description from which every generated dump is printed. */
import { type Prng, prng } from './prng.js';

export interface Endpoint {
  readonly ip: string;
  readonly port: number;
  /** Whether the pod runs on the node that is described. */
  readonly local: boolean;
}

export interface LoadBalancer {
  readonly ip: string;
  readonly sourceRanges: readonly string[];
  /** Set with `externalTrafficPolicy: Local`. */
  readonly healthCheckNodePort: number | undefined;
}

export interface ServicePort {
  /** `namespace/name:port`, or `namespace/name` for the unnamed only port. */
  readonly name: string;
  readonly proto: 'tcp' | 'udp';
  readonly clusterIp: string;
  readonly port: number;
  readonly nodePort: number | undefined;
  readonly loadBalancer: LoadBalancer | undefined;
  readonly externalPolicyLocal: boolean;
  readonly affinitySeconds: number | undefined;
  readonly endpoints: readonly Endpoint[];
}

export interface Cluster {
  readonly podCidr: string;
  readonly nodeName: string;
  readonly nodeIp: string;
  /** /26 blocks of pod addresses on other nodes, each with the node that has it. */
  readonly blocks: readonly { readonly cidr: string; readonly via: string }[];
  readonly localBlock: string;
  readonly localPods: readonly string[];
  readonly services: readonly ServicePort[];
}

export interface ClusterOptions {
  /** Number of service ports. */
  readonly services: number;
  readonly endpoints?: number;
  readonly seed?: number;
  /** Number of pod address blocks on other nodes; each becomes one route. */
  readonly blocks?: number;
}

const POD_NETWORK = 0x0a800000; // 10.128.0.0/9
const SERVICE_NETWORK = 0x0a600000; // 10.96.0.0/12
const NODE_NETWORK = 0xc0a80000; // 192.168.0.0/16
const LOAD_BALANCER_NETWORK = 0xc6120000; // 198.18.0.0/15
const PODS_PER_BLOCK = 62;
const LOCAL_PODS = 62;
const FIRST_NODE_PORT = 30_000;
const NODE_PORTS = 2_768;

const NAMESPACES = ['default', 'payments', 'shop', 'search', 'ml-serving', 'observability', 'team-7'] as const;
const WORDS = ['cart', 'auth', 'ledger', 'index', 'gateway', 'session', 'mail', 'render', 'quote', 'audit'] as const;
const PORTS = [80, 443, 8080, 8443, 9090, 3306, 5432, 6379] as const;
const PORT_NAMES = ['http', 'grpc', 'metrics'] as const;

export const dotted = (address: number): string =>
  `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;

export function generateCluster(options: ClusterOptions): Cluster {
  const endpointsEach = options.endpoints ?? 3;
  const needed = Math.ceil((options.services * endpointsEach) / (PODS_PER_BLOCK - 2));
  const blocks = options.blocks ?? Math.max(200, options.services, needed);
  const random = prng(options.seed ?? 1);
  const localPods: string[] = [];
  const pod = podAddresses(random, blocks, localPods);
  const services = systemServices(pod).slice(0, options.services);
  const clusterIps = new Set(services.map((service) => service.clusterIp));
  const nodePorts = { taken: 0 };

  for (let serial = 0; services.length < options.services; serial++) {
    const portCount = Math.min(random.pick([1, 1, 1, 1, 2, 3]), options.services - services.length);
    const base = `${random.pick(NAMESPACES)}/${random.pick(WORDS)}-${serial}`;
    const clusterIp = freshClusterIp(random, clusterIps);
    const pods = random.chance(0.02) ? [] : Array.from({ length: endpointsEach }, pod);
    const kind = random.unit();
    const lbSerial = LOAD_BALANCER_NETWORK + 256 + serial;
    const externalPolicyLocal = random.chance(0.3);
    const sourceRanges = random.chance(0.25) ? ['203.0.113.0/24', '198.51.100.7/32'] : [];
    const affinitySeconds = random.chance(0.01) ? 10_800 : undefined;
    const healthCheckNodePort = externalPolicyLocal && kind < 0.03 ? takeNodePort(nodePorts) : undefined;
    const firstPort = random.below(PORTS.length);
    for (let index = 0; index < portCount; index++) {
      const port = PORTS[(firstPort + index) % PORTS.length] ?? 80;
      const nodePort = kind < 0.12 ? takeNodePort(nodePorts) : undefined;
      services.push({
        name: portCount === 1 ? base : `${base}:${PORT_NAMES[index] ?? 'http'}`,
        proto: random.chance(0.05) ? 'udp' : 'tcp',
        clusterIp,
        port,
        nodePort,
        loadBalancer:
          nodePort !== undefined && kind < 0.03
            ? { ip: dotted(lbSerial), sourceRanges, healthCheckNodePort }
            : undefined,
        externalPolicyLocal: nodePort !== undefined && externalPolicyLocal,
        affinitySeconds,
        endpoints: pods.map(({ ip, local }) => ({ ip, port: 8000 + (port % 1000), local })),
      });
    }
  }
  return {
    podCidr: `${dotted(POD_NETWORK)}/9`,
    nodeName: 'node-1',
    nodeIp: dotted(NODE_NETWORK + 10),
    blocks: Array.from({ length: blocks }, (_, index) => ({
      cidr: `${dotted(POD_NETWORK + (index + 1) * 64)}/26`,
      via: dotted(NODE_NETWORK + 11 + (index % 65_000)),
    })),
    localBlock: `${dotted(POD_NETWORK)}/26`,
    localPods,
    services,
  };
}

type NextPod = () => { readonly ip: string; readonly local: boolean };

/** Hands out unique pod addresses, one in fifty on the described node until its block is full. */
function podAddresses(random: Prng, blocks: number, localPods: string[]): NextPod {
  let serial = 0;
  return () => {
    if (localPods.length < LOCAL_PODS && random.chance(0.02)) {
      const ip = dotted(POD_NETWORK + 1 + localPods.length);
      localPods.push(ip);
      return { ip, local: true };
    }
    const block = 1 + (serial % blocks);
    const offset = 1 + Math.floor(serial / blocks);
    serial++;
    return { ip: dotted(POD_NETWORK + block * 64 + offset), local: false };
  };
}

/** The services that every cluster has; their chain names are known from real dumps. */
function systemServices(pod: NextPod): ServicePort[] {
  const plain = {
    nodePort: undefined,
    loadBalancer: undefined,
    externalPolicyLocal: false,
    affinitySeconds: undefined,
  };
  const dns = [pod(), pod()];
  const dnsPort = (name: string, proto: 'tcp' | 'udp', port: number): ServicePort => ({
    ...plain,
    name: `kube-system/kube-dns:${name}`,
    proto,
    clusterIp: dotted(SERVICE_NETWORK + 10),
    port,
    endpoints: dns.map(({ ip, local }) => ({ ip, port, local })),
  });
  const apiServer = { ip: dotted(NODE_NETWORK + 2), port: 6443, local: false };
  return [
    {
      ...plain,
      name: 'default/kubernetes:https',
      proto: 'tcp',
      clusterIp: dotted(SERVICE_NETWORK + 1),
      port: 443,
      endpoints: [apiServer],
    },
    dnsPort('dns', 'udp', 53),
    dnsPort('dns-tcp', 'tcp', 53),
    dnsPort('metrics', 'tcp', 9153),
  ];
}

function freshClusterIp(random: Prng, taken: Set<string>): string {
  for (;;) {
    const ip = dotted(SERVICE_NETWORK + 11 + random.below(0xf_ff00));
    if (taken.has(ip)) continue;
    taken.add(ip);
    return ip;
  }
}

/** Node ports are scarce: a service that finds none left stays a ClusterIP service. */
function takeNodePort(ports: { taken: number }): number | undefined {
  if (ports.taken >= NODE_PORTS) return undefined;
  // 1009 is coprime to the range's size, so the walk visits every port once in a scattered order.
  return FIRST_NODE_PORT + ((ports.taken++ * 1009) % NODE_PORTS);
}
