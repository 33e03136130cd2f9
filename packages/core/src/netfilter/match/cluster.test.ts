import { describe } from 'vitest';
import { parseIp } from '../../inet/ip-text.js';
import { cluster } from './cluster.js';
import { connection, itPrints, itRefuses, itTests, packet } from './testing.js';

const tracked = packet({ ctState: 'NEW', ct: connection() });

/** As the kernel's counters told. */
const owners = [
  ['10.0.0.2', 1],
  ['10.0.0.4', 3],
  ['10.0.0.6', 2],
  ['10.0.0.9', 1],
  ['fd00::2', 1],
  ['fd00::9', 1],
] as const;

function from(text: string) {
  const src = parseIp(text);
  if (src === null) throw new Error(`not an address: ${text}`);
  const ct = connection();
  return packet({ ctState: 'NEW', ct: { ...ct, original: { ...ct.original, src } } });
}

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
    ...owners.map(
      ([src, owner]) =>
        [
          `the connections of ${src} are node ${owner}'s`,
          `--cluster-total-nodes 3 --cluster-local-node ${owner} --cluster-hash-seed 0xdeadbeef`,
          from(src),
          'yes',
        ] as const,
    ),
    [
      'and not the other two’s',
      '--cluster-total-nodes 3 ! --cluster-local-node 3 --cluster-hash-seed 0xdeadbeef',
      from('10.0.0.4'),
      'no',
    ],
    [
      'one that a helper may have expected',
      '--cluster-total-nodes 2 --cluster-local-node 1 --cluster-hash-seed 1',
      packet({ ctState: 'NEW', ct: connection({ expected: null }) }),
      'unknown',
    ],
    [
      'a host’s packet in a frame for a group',
      '--cluster-total-nodes 2 --cluster-local-node 1 --cluster-hash-seed 1',
      packet({ pktType: 'multicast' }),
      'unknown',
    ],
    ['both of two', '--cluster-total-nodes 2 --cluster-local-nodemask 3 --cluster-hash-seed 1', tracked, 'yes'],
  ]);
});
