/** Two interfaces of one machine on one segment: which of them answers ARP, and what becomes of frames for the wrong one. net/ipv4/arp.c. */
import { type AssumeMode, parseIp, trace } from '@coldtrace/core';
import { parseSnapshot } from '@coldtrace/parsers';
import { expect, it } from 'vitest';
import { describeKernel } from './gate.js';
import { ordinaryDumps, part, partsOf, showing } from './named-parts.js';
import { inNetns } from './netns.js';

const macOf = { eth0: '02:00:00:00:02:00', eth1: '02:00:00:00:02:01' } as const;
/** `a` has one interface, `b` has eth0 (192.0.2.2) and eth1 (198.51.100.2); `port0` of the switch is b's eth0. */
function segment(settings: readonly string[], act: readonly string[]): string {
  const inB = (command: string) => `ip netns exec b ${command}`;
  return [
    'ip netns add a; ip netns add b; ip link add sw type bridge; ip link set sw up',
    `ip link add porta type veth peer name eth0 netns a`,
    `ip link add port0 type veth peer name eth0 address ${macOf.eth0} netns b`,
    `ip link add port1 type veth peer name eth1 address ${macOf.eth1} netns b`,
    'for p in porta port0 port1; do ip link set $p master sw up; done',
    'for d in lo eth0; do ip -n a link set $d up; done; for d in lo eth0 eth1; do ip -n b link set $d up; done',
    'for n in a b; do ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth0.rp_filter=0; done',
    inB('sysctl -qw net.ipv4.conf.eth1.rp_filter=0'),
    'ip -n a addr add 192.0.2.1/24 dev eth0',
    'ip -n b addr add 192.0.2.2/24 dev eth0; ip -n b addr add 198.51.100.2/24 dev eth1',
    ...settings.map((setting) => inB(`sysctl -qw ${setting}`)),
    ...act,
    ...['a', 'b'].flatMap((name) => showing(ordinaryDumps, `${name}/`, `ip netns exec ${name}`)),
  ].join('\n');
}

const pingOnce = 'ip netns exec a busybox ping -c 1 -W 1 192.0.2.2 >/dev/null 2>&1';
/** On a busy machine a link that has just come up may swallow the first. */
const ping = `{ ${pingOnce} || ${pingOnce}; }`;

describeKernel('an address of the interface that does not hear the question', () => {
  it.each<[string, readonly string[], boolean]>([
    ['is answered for', [], true],
    ['is answered for with rp_filter=2', ['net.ipv4.conf.all.rp_filter=2'], true],
    ['is not with rp_filter=1', ['net.ipv4.conf.all.rp_filter=1'], false],
    ['is not with arp_filter=1', ['net.ipv4.conf.all.arp_filter=1'], false],
    ['is not with arp_ignore=1', ['net.ipv4.conf.eth1.arp_ignore=1'], false],
    ['is answered for with arp_ignore=3', ['net.ipv4.conf.all.arp_ignore=3'], true],
  ])('%s', (_, settings, answered) => {
    const alone = ['ip link set port0 nomaster', `${ping} || true`];
    const { 'a/ip-neigh.txt': neighbours } = partsOf(inNetns(segment(settings, alone)));
    expect(neighbours?.includes(`192.0.2.2 dev eth0 lladdr ${macOf.eth1}`)).toBe(answered);
  });
}, ['busybox']);

function asked(files: Readonly<Record<string, string>>, assume: AssumeMode) {
  const snapshot = parseSnapshot(files);
  const [a] = snapshot.nodes;
  const ip = parseIp('192.0.2.2');
  if (a === undefined || ip === null) throw new Error('unreachable');
  const from = { kind: 'process', node: a, ns: a.host, src: null } as const;
  const { verdict, outcomes } = trace(snapshot, { from, to: { ip, port: null }, proto: 1, sport: null, assume });
  return { verdict, at: outcomes.map(({ final }) => `${final.node} ${final.iface}`) };
}

describeKernel('a frame for one interface that is addressed to the other', () => {
  it.each<[string, readonly string[]]>([
    ['rp_filter=0', []],
    ['rp_filter=2', ['net.ipv4.conf.all.rp_filter=2']],
    ['rp_filter=1', ['net.ipv4.conf.all.rp_filter=1']],
    ['rp_filter=1 on the other interface alone', ['net.ipv4.conf.eth0.rp_filter=1']],
    ['rp_filter=1, and a route back by the wrong interface', ['net.ipv4.conf.eth1.rp_filter=1']],
  ])('%s: the trace ends as the packet does, at eth1', (name, settings) => {
    const back = name.endsWith('by the wrong interface') ? ['ip -n b route add 192.0.2.1/32 dev eth1'] : [];
    const wrong = `ip -n a neigh replace 192.0.2.2 lladdr ${macOf.eth1} dev eth0 nud permanent`;
    const pinged = `if ${ping}; then ${part('answered')}; else ${part('lost')}; fi`;
    const { answered, ...files } = partsOf(inNetns(segment(settings, [...back, wrong, pinged])));
    const learned = files['a/ip-neigh.txt']?.replace('PERMANENT', 'REACHABLE') ?? '';
    const told = [
      asked(files, 'defaults'),
      asked(files, 'none'),
      asked({ ...files, 'a/ip-neigh.txt': learned }, 'none'),
    ];
    expect(told.map(({ at }) => at)).toEqual([['b eth1'], ['b eth1'], ['b eth1']]);
    // An entry that somebody has put there does not tell on which wire eth1 is; one that was learned does.
    const verdicts = answered === undefined ? ['fails', 'fails', 'fails'] : ['works', 'unknown', 'works'];
    expect(told.map(({ verdict }) => verdict)).toEqual(verdicts);
  });
}, ['busybox']);

/** `a`, a namespace of the node, hears eth1 alone; its neighbour's address stands on eth0. */
function beside(settings: readonly string[]): string {
  return [
    'ip netns add a; ip link add eth1 type veth peer name eth0 netns a; ip link add eth0 type veth peer name far',
    'for d in lo eth0 eth1 far; do ip link set $d up; done; for d in lo eth0; do ip -n a link set $d up; done',
    'sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth1.rp_filter=0 net.ipv4.conf.eth0.rp_filter=0',
    'ip addr add 192.0.2.2/24 dev eth0; ip -n a addr add 192.0.2.1/24 dev eth0',
    ...settings,
    ...showing(ordinaryDumps, 'node/'),
    ...showing(ordinaryDumps, 'node/netns/a/', 'ip netns exec a'),
    `${ping} || true`,
    `${part('after')}; ip -n a neigh`,
  ].join('\n');
}

describeKernel('a captured neighbour that nobody has asked yet', () => {
  it.each<[string, readonly string[], boolean]>([
    ['answers for its other address', [], true],
    ['is silent with arp_filter=1', ['sysctl -qw net.ipv4.conf.eth1.arp_filter=1'], false],
    [
      'answers all the same where a route leads back by that device',
      ['sysctl -qw net.ipv4.conf.all.arp_filter=1', 'ip route add 192.0.2.1/32 dev eth1'],
      true,
    ],
    ['is silent with arp_ignore=1', ['sysctl -qw net.ipv4.conf.all.arp_ignore=1'], false],
  ])('%s', (_, settings, answered) => {
    const { after, ...files } = partsOf(inNetns(beside(settings)));
    expect(after?.includes('192.0.2.2 dev eth0 lladdr')).toBe(answered);
    const [node] = parseSnapshot({ ...files, 'node/hostname': 'node\n' }).nodes;
    const ns = node?.namespaces.find(({ name }) => name === 'a');
    const ip = parseIp('192.0.2.2');
    if (node === undefined || ns === undefined || ip === null) throw new Error('the capture lacks the namespace');
    const { outcomes } = trace(
      { nodes: [node] },
      {
        from: { kind: 'process', node, ns, src: null },
        to: { ip, port: null },
        proto: 1,
        sport: null,
        assume: 'defaults',
      },
    );
    expect(outcomes.map(({ disposition }) => disposition)).toEqual([answered ? 'delivered' : 'neighbour-unresolved']);
  });
}, ['busybox']);
