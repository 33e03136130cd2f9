import { describe } from 'vitest';
import { cluster } from './cluster.js';
import { connection, itPrints, itRefuses, itTests, packet } from './testing.js';

const tracked = packet({ ctState: 'NEW', ct: connection() });

describe('cluster', () => {
  itPrints(cluster, 4, [
    [
      '--cluster-total-nodes 2 --cluster-local-node 1 --cluster-hash-seed 0xdeadbeef',
      '--cluster-local-nodemask 0x00000001 --cluster-total-nodes 2 --cluster-hash-seed 0xdeadbeef',
      'cluster node_mask=0x00000001 total_nodes=2 hash_seed=0xdeadbeef',
    ],
    [
      '--cluster-total-nodes 4 ! --cluster-local-nodemask 0xf --cluster-hash-seed 1',
      '! --cluster-local-nodemask 0x0000000f --cluster-total-nodes 4 --cluster-hash-seed 0x00000001',
      'cluster !node_mask=0x0000000f total_nodes=4 hash_seed=0x00000001',
    ],
    [
      '--cluster-total-nodes 32 --cluster-local-node 32 --cluster-hash-seed 1',
      '--cluster-local-nodemask 0x80000000 --cluster-total-nodes 32 --cluster-hash-seed 0x00000001',
      'cluster node_mask=0x80000000 total_nodes=32 hash_seed=0x00000001',
    ],
  ]);
  itRefuses(cluster, 4, [
    ['--cluster-total-nodes 2 --cluster-local-node 3 --cluster-hash-seed 1', '2 nodes only'],
    ['--cluster-total-nodes 2 --cluster-local-nodemask 7 --cluster-hash-seed 1', '2 nodes only'],
    ['--cluster-total-nodes 2 --cluster-local-node 0 --cluster-hash-seed 1', 'between 1 and 32'],
    ['--cluster-total-nodes 33 --cluster-local-node 1 --cluster-hash-seed 1', 'between 1 and 32'],
    ['--cluster-total-nodes 2 --cluster-hash-seed 1', 'neither'],
    ['--cluster-total-nodes 2 --cluster-local-node 1', 'required'],
    ['--cluster-total-nodes 2 --cluster-local-node 1 --cluster-local-nodemask 1 --cluster-hash-seed 1', 'together'],
  ]);
  itTests(cluster, [
    [
      'an untracked packet is nobody’s',
      '--cluster-total-nodes 2 --cluster-local-node 1 --cluster-hash-seed 1',
      packet(),
      'no',
    ],
    ['nor somebody else’s', '--cluster-total-nodes 2 ! --cluster-local-node 1 --cluster-hash-seed 1', packet(), 'no'],
    ['one of two nodes', '--cluster-total-nodes 2 --cluster-local-node 1 --cluster-hash-seed 1', tracked, 'unknown'],
    ['both of two', '--cluster-total-nodes 2 --cluster-local-nodemask 3 --cluster-hash-seed 1', tracked, 'yes'],
  ]);
});
