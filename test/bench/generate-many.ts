/** A whole cluster, one folder of dumps per node: the same Services everywhere, each node with a block of pods of its own and routes to all others. */
import { type Cluster, dotted, generateCluster } from './cluster.js';
import { nodeDumps } from './generate-node.js';

export interface ClusterSize {
  readonly nodes: number;
  /** Number of service ports. */
  readonly services: number;
  readonly seed?: number;
}

const FIRST_NODE = 0xc0a8000a; // 192.168.0.10
const nodeIp = (at: number): string => dotted(FIRST_NODE + at);

export function clusterFiles({ nodes, ...size }: ClusterSize): ReadonlyMap<string, string> {
  const seen = generateCluster({ ...size, blocks: nodes - 1 });
  const blocks = [seen.localBlock, ...seen.blocks.map(({ cidr }) => cidr)];
  const homes = new Map(blocks.map((cidr, at) => [cidr, at]));
  const files = new Map<string, string>();
  for (let at = 0; at < nodes; at++) {
    for (const [name, text] of nodeDumps(seenFrom(seen, at, blocks, (ip) => homes.get(blockOf(ip)) === at)))
      files.set(`node-${at + 1}/${name}`, text);
  }
  return files;
}

/** The same cluster as another of its nodes sees it. */
function seenFrom(cluster: Cluster, at: number, blocks: readonly string[], isHere: (ip: string) => boolean): Cluster {
  const services = cluster.services.map((service) => ({
    ...service,
    endpoints: service.endpoints.map((endpoint) => ({ ...endpoint, local: isHere(endpoint.ip) })),
  }));
  const pods = services.flatMap(({ endpoints }) => endpoints.filter(({ local }) => local).map(({ ip }) => ip));
  return {
    ...cluster,
    nodeName: `node-${at + 1}`,
    nodeIp: nodeIp(at),
    localBlock: blocks[at] ?? cluster.localBlock,
    localPods: [...new Set(pods)],
    blocks: blocks.flatMap((cidr, node) => (node === at ? [] : [{ cidr, via: nodeIp(node) }])),
    services,
  };
}

function blockOf(ip: string): string {
  const [head, last] = [ip.slice(0, ip.lastIndexOf('.')), Number(ip.slice(ip.lastIndexOf('.') + 1))];
  return `${head}.${last & ~63}/26`;
}
