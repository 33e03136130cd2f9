/** `-m cluster`: whether this node of a load-sharing cluster handles the connection. iptables-extensions(8); net/netfilter/xt_cluster.c. */
import { asRead, jhash2, scale } from '../../conntrack/jhash.js';
import { parseUint32 } from '../../inet/decimal.js';
import { isMulticast } from '../../inet/ip-kind.js';
import { type Tri, unknown } from '../../tri.js';
import { defineMatch, negatable, option, type Refusal, refuse } from '../extension.js';
import { integer, printed } from '../value.js';

export interface ClusterMatch {
  readonly total: number;
  /** Bit n - 1 is node n. */
  readonly nodes: number;
  readonly invert: boolean;
  readonly seed: number;
}

const node = integer('num', 1, 32);
// iptables takes masks up to 32 only but prints the others that --cluster-local-node leads to.
const nodeMask = integer('mask', 1, 0xffffffff);

export const cluster = defineMatch({
  name: 'cluster',
  families: [4, 6],
  options: {
    'cluster-total-nodes': option(node),
    'cluster-local-node': negatable(node),
    'cluster-local-nodemask': negatable(nodeMask),
    'cluster-hash-seed': option(integer('value', 0, 0xffffffff)),
  },
  build: (given): ClusterMatch | Refusal => {
    const total = given['cluster-total-nodes']?.value;
    const seed = given['cluster-hash-seed']?.value;
    const one = given['cluster-local-node'];
    const mask = given['cluster-local-nodemask'];
    if (total === undefined || seed === undefined)
      return refuse('--cluster-total-nodes and --cluster-hash-seed are required');
    if (one !== undefined && mask !== undefined) return refuse('a node and a mask of nodes cannot be used together');
    const nodes = one === undefined ? mask?.value : 2 ** (one.value - 1);
    if (nodes === undefined) return refuse('neither --cluster-local-node nor --cluster-local-nodemask is given');
    if (nodes >= 2 ** total) return refuse(`there are ${total} nodes only`);
    return { total, nodes, invert: (one ?? mask)?.invert ?? false, seed };
  },
  sample: (choose) => {
    const total = 1 + choose(5);
    return [
      ...printed('--cluster-local-node', [`${1 + choose(total)}`], choose(2) === 0),
      '--cluster-total-nodes',
      `${total}`,
      '--cluster-hash-seed',
      `${choose(0x7fffffff)}`,
    ];
  },
  loses: (data) => (data.nodes > 32 ? 'its node mask, of which the tools take back no more than 32' : null),
  save: (data) => [
    ...printed('--cluster-local-nodemask', [hex8(data.nodes)], data.invert),
    '--cluster-total-nodes',
    `${data.total}`,
    '--cluster-hash-seed',
    hex8(data.seed),
  ],
  listing: (cursor): ClusterMatch | null => {
    const at = cursor.at;
    if (cursor.accept('cluster')) {
      const [invert, mask] = [cursor.peek()?.startsWith('!') ?? false, cursor.take()];
      const nodes = parseUint32(mask?.split('=')[1] ?? '');
      const total = parseUint32(cursor.acceptPrefix('total_nodes=') ?? '');
      const seed = parseUint32(cursor.acceptPrefix('hash_seed=') ?? '');
      if (nodes !== null && total !== null && seed !== null) return { total, nodes, invert, seed };
    }
    cursor.reset(at);
    return null;
  },
  changes: () => true,
  test: (data, { skb }): Tri => {
    // Whatever comes of it, the packet of a host in a frame for a group is from here on one for the node itself.
    if (skb.pktType === 'multicast' && !isMulticast(skb.dst)) return { ...openFrame, changes: true };
    if (skb.ct === null) return skb.template === undefined ? false : unknown('the template of a CT rule is asked');
    if (skb.ct.expected !== false) return openMaster;
    // Of an IPv6 address only the first 32 bits are hashed: xt_cluster_hash_ipv6 takes the number of words for that of bytes.
    const node = scale(jhash2([asRead(skb.ct.original.src.a)], data.seed), data.total);
    return (((data.nodes >>> node) & 1) === 1) !== data.invert;
  },
});

const openFrame = unknown('what -m cluster makes of a packet in a frame for a group is not modelled');
const openMaster = unknown('which connection a helper expected this one for is not known', 'conntrack');

function hex8(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
