/** `-j CLUSTERIP`: nodes that share one address, until Linux 6.4. iptables-extensions(8); iptables: extensions/libipt_CLUSTERIP.c. */
import { parseUint32 } from '../../inet/decimal.js';
import { formatMac, type Mac, parseMac } from '../../inet/mac.js';
import { defineTarget, option, type Refusal, refuse } from '../extension.js';
import type { ListingCursor } from '../listing-cursor.js';
import { flag, integer, pick, word } from '../value.js';

const modes = ['sourceip', 'sourceip-sourceport', 'sourceip-sourceport-destport'] as const;

export type ClusteripMode = (typeof modes)[number];

export interface ClusteripTarget {
  /** The rule joins a cluster that another rule set up: nothing else is given. */
  readonly config: ClusteripConfig | null;
}

export interface ClusteripConfig {
  readonly mode: ClusteripMode;
  readonly mac: Mac;
  readonly totalNodes: number;
  readonly localNode: number;
  readonly hashInit: number;
}

const mode = word(
  modes.join('|'),
  (text) => modes.find((known) => known === text) ?? refuse(`"${text}" is none of ${modes.join(', ')}`),
  (choose) => pick(choose, modes),
);

const mac = word(
  'address',
  (text) => parseMac(text) ?? refuse(`"${text}" is no MAC address`),
  () => '01:00:5e:00:00:01',
);

export const clusterip = defineTarget({
  name: 'CLUSTERIP',
  families: [4],
  options: {
    new: option(flag),
    hashmode: option(mode),
    clustermac: option(mac),
    'total-nodes': option(integer('nodes', 1, 16)),
    'local-node': option(integer('node', 1, 16)),
    'hash-init': option(integer('seed', 0, 0xffffffff)),
  },
  sample: () => [
    '--new',
    '--hashmode',
    'sourceip',
    '--clustermac',
    '01:00:5e:00:00:01',
    '--total-nodes',
    '2',
    '--local-node',
    '1',
  ],
  build: (given): ClusteripTarget | Refusal => {
    const others = Object.keys(given).filter((name) => name !== 'new');
    if (given.new === undefined) return others.length === 0 ? { config: null } : refuse(`--${others[0]} needs --new`);
    const [hashmode, clustermac, total, local] = [
      given.hashmode,
      given.clustermac,
      given['total-nodes'],
      given['local-node'],
    ];
    if (hashmode === undefined || clustermac === undefined || total === undefined || local === undefined) {
      return refuse('--new needs --hashmode, --clustermac, --total-nodes and --local-node');
    }
    return {
      config: {
        mode: hashmode.value,
        mac: clustermac.value,
        totalNodes: total.value,
        localNode: local.value,
        hashInit: given['hash-init']?.value ?? 0,
      },
    };
  },
  save: ({ config }) =>
    config === null
      ? []
      : [
          ...['--new', '--hashmode', config.mode, '--clustermac', formatMac(config.mac).toUpperCase()],
          ...['--total-nodes', String(config.totalNodes), '--local-node', String(config.localNode)],
          ...['--hash-init', String(config.hashInit)],
        ],
  listing: (cursor): ClusteripTarget | null => (cursor.accept('CLUSTERIP') ? { config: readListed(cursor) } : null),
  apply: () => ({ kind: 'open', because: [{ dump: null, text: 'which node of the cluster takes the packet' }] }),
});

function readListed(cursor: ListingCursor): ClusteripConfig | null {
  const after = (prefix: string) => cursor.acceptPrefix(`${prefix}=`);
  const listedMode = modes.find((known) => known === (after('hashmode') ?? ''));
  const listedMac = parseMac(after('clustermac') ?? '');
  const number = (prefix: string) => parseUint32(after(prefix) ?? '');
  const totalNodes = number('total_nodes');
  const localNode = number('local_node');
  const hashInit = number('hash_init') ?? 0;
  if (listedMode === undefined || listedMac === null || totalNodes === null || localNode === null) return null;
  return { mode: listedMode, mac: listedMac, totalNodes, localNode, hashInit };
}
