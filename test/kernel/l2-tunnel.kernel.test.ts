/** Two nodes with a VXLAN tunnel between them, rightly and wrongly set up: which rules of both count a pod's packet, and whether it arrives. */
import { expect, it } from 'vitest';
import { describeKernel } from './gate.js';
import { inNetns } from './netns.js';
import { readTwoNodes, tracedAcross, twoNodes } from './two-nodes.js';

const onA = (command: string) => `ip netns exec a ${command}`;
const onB = (command: string) => `ip netns exec b ${command}`;
const marking = onA('iptables-legacy -t mangle -A PREROUTING -p udp --dport 99 -j MARK --set-mark 5');
const learning = onB('ip link set flannel.1 type vxlan learning');
const senderAt = (where: string) => onB(`bridge fdb replace 02:00:00:00:02:01 dev flannel.1 ${where}`);
const external = 'ip link add flannel.1 type vxlan external dstport 8472 nolearning';

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
    [
      'ends at a peer whose device has the hardware address of the sender’s, as on cloned machines',
      [
        onB('ip link set flannel.1 address 02:00:00:00:02:01'),
        onA('ip neigh replace 10.244.2.0 lladdr 02:00:00:00:02:01 dev flannel.1 nud permanent'),
        onA('bridge fdb append 02:00:00:00:02:01 dev flannel.1 dst 192.168.0.2'),
      ],
      'dropped',
    ],
    ['ends at a peer that has the sender elsewhere, and learns', [learning, senderAt('dst 192.168.0.77')], 'dropped'],
    ['ends at one with a static entry, too', [learning, senderAt('dst 192.168.0.77 static')], 'dropped'],
    ['ends at one whose entry has a device', [learning, senderAt('dst 192.168.0.1 via eth0')], 'dropped'],
    ['arrives at one that has the sender where it is', [learning], 'delivered'],
    [
      'ends at one that reaches the sender by a group of next hops',
      [
        learning,
        onB('ip nexthop add id 12 via 192.168.0.1 fdb'),
        onB('ip nexthop add id 102 group 12 fdb'),
        onB('bridge fdb del 02:00:00:00:02:01 dev flannel.1'),
        onB('bridge fdb add 02:00:00:00:02:01 dev flannel.1 nhid 102'),
      ],
      'dropped',
    ],
    [
      'ends where somebody deleted the entry of the remote end',
      [
        onA('bridge fdb del 02:00:00:00:02:02 dev flannel.1'),
        onA('ip link set flannel.1 type vxlan remote 192.168.0.2'),
        onA('bridge fdb del 00:00:00:00:00:00 dev flannel.1 dst 192.168.0.2 via eth0'),
      ],
      'dropped',
    ],
    [
      'goes to the remote end where that has its entry',
      [
        onA('bridge fdb del 02:00:00:00:02:02 dev flannel.1'),
        onA('ip link set flannel.1 type vxlan remote 192.168.0.2'),
      ],
      'delivered',
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
    [
      'is selected by its number where a policy rule asks for a tunnel key',
      [onB('ip rule add tun_id 1 blackhole')],
      'dropped',
    ],
    ['is not selected by another number', [onB('ip rule add tun_id 2 blackhole')], 'delivered'],
    ['has no number where it is sent', [onA('ip rule add tun_id 1 blackhole')], 'delivered'],
    [
      'ends in an external device, which takes every number',
      [onB('ip link del flannel.1'), onB(external), onB('ip link set flannel.1 address 02:00:00:00:02:02 up')],
      'delivered',
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

  it.each([
    ['learned that the sender is elsewhere', [learning, senderAt('dst 192.168.0.77 dynamic')]],
    ['learns nothing', [senderAt('dst 192.168.0.77')]],
  ])('arrives at a peer that %s', (_sentence, changes) => {
    const { nodes, arrived } = readTwoNodes(inNetns(twoNodes('vxlan', changes)));
    expect(arrived).toBe(true);
    expect(tracedAcross(nodes).outcomes.map(({ disposition }) => disposition)).toEqual(['delivered']);
  });

  it('may have any number where it comes by an external device', () => {
    const taking = [onB('ip link del flannel.1'), onB(external)];
    const changes = [
      ...taking,
      onB('ip link set flannel.1 address 02:00:00:00:02:02 up'),
      onB('ip rule add prio 50 tun_id 1 blackhole'),
    ];
    const { nodes, arrived } = readTwoNodes(inNetns(twoNodes('vxlan', changes)));
    expect(arrived).toBe(false);
    const reasons = tracedAcross(nodes).outcomes.flatMap(({ because }) => because.map(({ text }) => text));
    expect(new Set(reasons)).toEqual(new Set(['a policy rule selects by tunnel key 1, which flannel.1 may keep']));
  });

  it('sends nothing by an external device unless a program tells where to', () => {
    const changes = [
      onA('ip link del flannel.1'),
      onA(external),
      onA('ip link set flannel.1 address 02:00:00:00:02:01 up'),
      onA('ip route add 10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink'),
      onA('ip neigh add 10.244.2.0 lladdr 02:00:00:00:02:02 dev flannel.1 nud permanent'),
    ];
    const { nodes, hits, arrived } = readTwoNodes(inNetns(twoNodes('vxlan', changes)));
    expect(arrived).toBe(false);
    expect(hits.filter((hit) => hit.includes('OUTPUT'))).toEqual([]);
    const { outcomes } = tracedAcross(nodes);
    expect(outcomes.map(({ disposition }) => disposition)).toEqual(['undetermined']);
  });
}, ['python3', 'bridge']);
