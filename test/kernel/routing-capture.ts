/** A random network in a namespace: its dumps as a captured node, and what commands say there. */
import { type Place, placeOf } from '@coldtrace/core';
import { parseSnapshot } from '@coldtrace/parsers';
import { inNetns } from './netns.js';
import { type Network, randomNetwork } from './routing-generator.js';

const MARK = '=====';
const dumps = (family: 4 | 6): readonly (readonly [file: string, command: string])[] => [
  ['hostname', 'echo node-1'],
  ['ip-addr.txt', 'ip addr'],
  ['ip-route.txt', 'ip route show table all'],
  ['ip-6-route.txt', 'ip -6 route show table all'],
  family === 4 ? ['ip-rule.txt', 'ip rule'] : ['ip-6-rule.txt', 'ip -6 rule'],
  ['ip-neigh.txt', 'ip neigh'],
  ['ip-addrlabel.txt', 'ip addrlabel'],
  ['uname.txt', 'uname -a'],
  ['sysctl.txt', 'sysctl -a 2>/dev/null | grep ^net'],
];

/** Carrier and duplicate address detection are looked at a little later. */
const settled = `sleep 0.1; for _ in 1 2 3 4 5 6 7 8 9; do ip addr | grep -q tentative || break; sleep 0.1; done`;

export interface Asked {
  readonly network: Network;
  readonly place: Place;
  /** What the command printed. */
  readonly printed: string;
}

/** Builds the network of a seed, captures it, and runs a command there. */
export function askNetwork(seed: number, queries: number, command: (network: Network) => string): Asked {
  const network = randomNetwork(seed, queries);
  const { family, setup } = network;
  const show = dumps(family).map(([, command]) => `echo ${MARK}; ${command} || true`);
  const build = setup.map((command) => `${command} 2>/dev/null || true`);
  const parts = inNetns([...build, settled, ...show, `echo ${MARK}`, command(network)].join('\n'))
    .split(`${MARK}\n`)
    .slice(1);
  const files = dumps(family).map(([file], index) => [`node-1/${file}`, parts[index] ?? ''] as const);
  const [node] = parseSnapshot(new Map(files)).nodes;
  if (node === undefined) throw new Error('the capture holds no node');
  return { network, place: placeOf(node, node.host, 'none'), printed: parts[files.length] ?? '' };
}
