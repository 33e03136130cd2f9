/** Two nodes with a VXLAN tunnel between them, rightly and wrongly set up: which rules of both count a pod's packet, and whether it arrives. */
import { expect, it } from 'vitest';
import { describeKernel } from './gate.js';
import { inNetns } from './netns.js';
import { readTwoNodes, tracedAcross, twoNodes } from './two-nodes.js';

const onA = (command: string) => `ip netns exec a ${command}`;
const onB = (command: string) => `ip netns exec b ${command}`;
const marking = onA('iptables-legacy -t mangle -A PREROUTING -p udp --dport 99 -j MARK --set-mark 5');

describeKernel('a VXLAN tunnel between two nodes', () => {
  it.each<[string, readonly string[], string]>([
    ['carries the packet', [], 'delivered'],
    ['keeps the mark on the outer packet', [marking], 'delivered'],
    [
      'routes the outer packet by the mark too',
      [marking, onA('ip rule add fwmark 5 lookup 55'), onA('ip route add blackhole 192.168.0.2 table 55')],
      'dropped',
    ],
    ['is stopped by OUTPUT of its node', [onA('iptables-legacy -A OUTPUT -p udp --dport 8472 -j DROP')], 'dropped'],
    [
      'is not stopped by FORWARD for the outer port',
      [onA('iptables-legacy -A FORWARD -p udp --dport 8472 -j DROP')],
      'delivered',
    ],
    ['is stopped by INPUT of the peer', [onB('iptables-legacy -A INPUT -p udp --dport 8472 -j DROP')], 'dropped'],
    ['is stopped by FORWARD of the peer', [onB('iptables-legacy -A FORWARD -i flannel.1 -j DROP')], 'dropped'],
    [
      'takes a mark of the peer on the outer packet in to the inner one',
      [onB('iptables-legacy -t mangle -I INPUT -p udp --dport 8472 -j MARK --set-mark 5')],
      'delivered',
    ],
    [
      'masquerades the outer packet for itself',
      [onA('iptables-legacy -t nat -A POSTROUTING -p udp --dport 8472 -j MASQUERADE')],
      'delivered',
    ],
    [
      'ends at a peer whose device has another hardware address by now',
      [onB('ip link set flannel.1 address 02:00:00:00:02:77')],
      'dropped',
    ],
    ['ends without a forwarding entry', [onA('bridge fdb del 02:00:00:00:02:02 dev flannel.1')], 'dropped'],
    [
      'uses the entry for all where none is exact',
      [
        onA('bridge fdb del 02:00:00:00:02:02 dev flannel.1'),
        onA('bridge fdb append 00:00:00:00:00:00 dev flannel.1 dst 192.168.0.2'),
      ],
      'delivered',
    ],
    ['ends without a neighbour', [onA('ip neigh del 10.244.2.0 dev flannel.1')], 'neighbour-unresolved'],
    [
      'ends at a peer with another number',
      [
        onB('ip link del flannel.1'),
        onB('ip link add flannel.1 type vxlan id 2 local 192.168.0.2 dev eth0 dstport 8472 nolearning'),
        onB('ip link set flannel.1 address 02:00:00:00:02:02 up'),
      ],
      'dropped',
    ],
    ['ends at a peer whose device is down', [onB('ip link set flannel.1 down')], 'dropped'],
  ])('%s', (_sentence, changes, disposition) => {
    const { nodes, hits, arrived } = readTwoNodes(inNetns(twoNodes('vxlan', changes)));
    const { outcomes } = tracedAcross(nodes);
    const [outcome] = outcomes;
    expect(outcomes.map((one) => [one.disposition, one.because])).toEqual([[disposition, []]]);
    expect(disposition === 'delivered').toBe(arrived);
    const counted = (outcome?.steps ?? []).flatMap(({ node, rule }) =>
      rule === undefined ? [] : [`${node} ${rule.table}/${rule.chain}/${rule.index}`],
    );
    expect([...counted].sort()).toEqual(hits);
  });
}, ['python3', 'bridge']);
