/** Two nodes with an IPIP tunnel between them, in the second kernel: which rules of both count a pod's packet, and whether it arrives. */
import { isProbe, type Node, parseProbeLine, placeOf, probe } from '@coldtrace/core';
import { expect, it } from 'vitest';
import { describeKernel } from '../gate.js';
import { type Asked, readEach, readTwoNodes, type Sent, tracedAcross, twoNodes } from '../two-nodes.js';
import { BOOT_TOOLS, inSecondKernel } from './boot.js';

const onA = (command: string) => `ip netns exec a ${command}`;
const onB = (command: string) => `ip netns exec b ${command}`;
const marking = onA('iptables-legacy -t mangle -A PREROUTING -p udp --dport 99 -j MARK --set-mark 5');

/** A second wire, by which the peer is reached where the first is not allowed. */
const secondWire = [
  'ip link add eth1 netns a type veth peer name eth1 netns b',
  ...(['a', 'b'] as const).flatMap((name, index) => [
    `ip -n ${name} link set eth1 address 02:00:00:00:05:0${index + 1} up`,
    `ip -n ${name} addr add 192.168.1.${index + 1}/24 dev eth1`,
  ]),
  'ip -n a neigh add 192.168.1.2 lladdr 02:00:00:00:05:02 dev eth1 nud permanent',
  'ip -n a route add 192.168.0.0/24 via 192.168.1.2 dev eth1 metric 9',
];

/** Instead of tunl0. */
const tunnelOnA = (settings: string) => [
  `ip -n a link add tunl1 type ipip ${settings}`,
  'ip -n a link set tunl1 up',
  'ip -n a route replace 10.244.2.0/24 dev tunl1',
];

/** What leads to the peer by this mark is lost. */
const lostByMark = [
  'ip -n a rule add fwmark 5 to 192.168.0.2 lookup 100',
  'ip -n a route add blackhole default table 100',
];

const cases: readonly (readonly [sentence: string, changes: readonly string[], disposition: string])[] = [
  ['carries the packet, with its mark on the outer one', [marking], 'delivered'],
  ['is stopped by INPUT of the peer', [onB('iptables-legacy -A INPUT -p 4 -j DROP')], 'dropped'],
  [
    'is masqueraded inside with the address of the tunnel',
    [onA('iptables-legacy -t nat -A POSTROUTING -o tunl0 -j MASQUERADE')],
    'delivered',
  ],
  ['leaves by the device of the tunnel', [...secondWire, ...tunnelOnA('remote 192.168.0.2 dev eth1')], 'delivered'],
  ['leaves by any where the tunnel has none', [...secondWire, ...tunnelOnA('remote 192.168.0.2')], 'delivered'],
  ['is routed without its mark', [marking, ...tunnelOnA('remote 192.168.0.2'), ...lostByMark], 'delivered'],
  ["is routed by the tunnel's mark", [...tunnelOnA('remote 192.168.0.2 fwmark 5'), ...lostByMark], 'unreachable'],
  [
    'is taken by the tunnel of its device',
    [
      'ip -n b link add tunl1 type ipip remote 192.168.0.1 local 192.168.0.2',
      'ip -n b link set tunl1 up',
      'ip -n b link add tunl2 type ipip dev eth0',
      'ip -n b link set tunl2 up',
      onB('iptables-legacy -t mangle -A PREROUTING -i tunl1'),
      onB('iptables-legacy -t mangle -A PREROUTING -i tunl2'),
    ],
    'delivered',
  ],
  ['ends at a peer whose device is down', [onB('ip link set tunl0 down')], 'dropped'],
];

/** Tunnels as wide as their wire, which is 20 bytes too wide: tunl0 leaves DF to the packet inside, tunl1 sets it. */
const tooWide = [
  onA('ip link set tunl0 mtu 1500'),
  'ip -n a link add tunl1 type ipip local 192.168.0.1 ttl 64 pmtudisc',
  'ip -n a link set tunl1 mtu 1500 up',
  'ip -n a route add 10.244.2.8 via 192.168.0.2 dev tunl1 onlink',
  'ip -n b route add 10.244.2.8 dev cali',
  'ip -n b neigh add 10.244.2.8 lladdr 02:00:00:00:04:02 dev cali nud permanent',
  // The node tells itself about the packet that carries the other, too.
  onA('iptables-legacy -t mangle -I OUTPUT 1 -p icmp -d 10.244.1.7'),
];

const sizes: readonly (readonly [sentence: string, sent: Required<Sent>, end: string])[] = [
  ['what just fits goes', { dst: '10.244.2.7', length: 1480, df: true }, 'goes'],
  ['of what may not be cut up the sender hears', { dst: '10.244.2.7', length: 1481, df: true }, 'told'],
  ['what may be cut up goes', { dst: '10.244.2.7', length: 1481, df: false }, 'goes'],
  ['behind pmtudisc, what just fits goes', { dst: '10.244.2.8', length: 1480, df: false }, 'goes'],
  ['behind pmtudisc, the sender hears', { dst: '10.244.2.8', length: 1481, df: true }, 'told'],
  ['behind pmtudisc, what may be cut up is lost', { dst: '10.244.2.8', length: 1481, df: false }, 'lost'],
];

/** Where it ends on node a, and what counted it there. */
function answerOf(nodes: readonly Node[], sent: Required<Sent>): readonly string[] {
  const node = nodes.find(({ name }) => name === 'a');
  const ends = { src: '10.244.1.7', sport: 4000, dport: 99 };
  const line = { id: 'a', kind: 'ingress', in_iface: 'cali', proto: 'udp', ...ends, ...sent };
  const question = parseProbeLine(JSON.stringify(line), 1);
  if (node === undefined || !isProbe(question)) throw new Error('nothing can be asked');
  const answer = probe(placeOf(node, node.host, 'none'), question);
  if (!('outcome' in answer) || answer.outcome === 'unknown') throw new Error(JSON.stringify(answer));
  const end = answer.outcome === 'forward' ? 'goes' : answer.reject_with === 'icmp 3/4' ? 'told' : 'lost';
  return [end, ...(answer.hits ?? []).map(([table, chain, rule]) => `${table}/${chain}/${rule}`).sort()];
}

/** The first rule of OUTPUT counts what the sender is told, which is no packet of its own way. */
function kernelSays({ hits, arrived }: Asked): readonly string[] {
  const onNode = hits.flatMap((hit) => (hit.startsWith('a ') ? [hit.slice(2)] : []));
  const own = onNode.filter((hit) => hit !== 'mangle/OUTPUT/1');
  const end = arrived ? 'goes' : own.length < onNode.length ? 'told' : 'lost';
  return [end, ...own.sort()];
}

function scriptOf(changes: readonly string[], sent?: readonly Sent[]): string {
  return `mount -t tmpfs tmpfs /run\n${twoNodes('ipip', changes, sent)}`;
}

describeKernel('an IPIP tunnel between two nodes', () => {
  it('is what the counters of both say, case by case', { timeout: 360_000 }, () => {
    const runs = cases.map(([, changes], index) => {
      return [`case-${index}`, scriptOf(changes)] as const;
    });
    const sized = scriptOf(
      tooWide,
      sizes.map(([, sent]) => sent),
    );
    const files = inSecondKernel({
      timeoutSeconds: 330,
      files: new Map([...runs, ['sizes', sized]]),
      script: `modprobe ipip\n${[...runs.map(([name]) => name), 'sizes'].map((name) => `unshare --net --mount sh -e ${name} >${name}.out`).join('\n')}`,
    });
    for (const [index, [sentence, , disposition]] of cases.entries()) {
      const { nodes, hits, arrived } = readTwoNodes(files.get(`case-${index}.out`) ?? '');
      const { outcomes } = tracedAcross(nodes);
      expect([sentence, ...outcomes.map((one) => [one.disposition, one.because])]).toEqual([
        sentence,
        [disposition, []],
      ]);
      expect([sentence, disposition === 'delivered']).toEqual([sentence, arrived]);
      const counted = (outcomes[0]?.steps ?? []).flatMap(({ node, rule }) =>
        rule === undefined ? [] : [`${node} ${rule.table}/${rule.chain}/${rule.index}`],
      );
      expect([sentence, ...[...counted].sort()]).toEqual([sentence, ...hits]);
    }
    const asked = readEach(files.get('sizes.out') ?? '');
    expect(asked.length).toBe(sizes.length);
    for (const [index, one] of asked.entries()) {
      const [sentence, sent, end] = sizes[index] ?? ['', { dst: '', length: 0, df: false }, ''];
      const kernel = kernelSays(one);
      expect([sentence, kernel[0]]).toEqual([sentence, end]);
      expect([sentence, ...answerOf(one.nodes, sent)]).toEqual([sentence, ...kernel]);
    }
  });
}, [...BOOT_TOOLS, 'python3', 'bridge']);
