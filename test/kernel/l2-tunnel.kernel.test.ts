/** Two nodes with a VXLAN tunnel between them, rightly and wrongly set up: which rules of both count a pod's packet, and whether it arrives. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Node, parseIp, type Trace, trace } from '@coldtrace/core';
import { parseSnapshot } from '@coldtrace/parsers';
import { expect, it } from 'vitest';
import { describeKernel } from './gate.js';
import { inNetns } from './netns.js';

const MARK = '=====';
const sender = readFileSync(fileURLToPath(new URL('l2-frames.py', import.meta.url)), 'utf8');

const dumps: readonly (readonly [file: string, command: string])[] = [
  ['ip-addr.txt', 'ip addr'],
  ['ip-link.txt', 'ip -d link'],
  ['ip-route.txt', 'ip route show table all'],
  ['ip-rule.txt', 'ip rule'],
  ['ip-neigh.txt', 'ip neigh'],
  ['bridge-fdb.txt', 'bridge fdb'],
  ['sysctl.txt', 'sysctl -a 2>/dev/null | grep ^net'],
  ['iptables-save.txt', 'iptables-legacy-save'],
];

/** The node `name` is number `index`, its peer is the other of 1 and 2. */
function nodeSetup(name: string, index: 1 | 2): readonly string[] {
  const other = 3 - index;
  const inNode = `ip -n ${name}`;
  return [
    `ip netns exec ${name} sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv4.ip_forward=1`,
    `${inNode} link set lo up`,
    `${inNode} link set eth0 address 02:00:00:00:01:0${index} up`,
    `${inNode} addr add 192.168.0.${index}/24 dev eth0`,
    `${inNode} neigh add 192.168.0.${other} lladdr 02:00:00:00:01:0${other} dev eth0 nud permanent`,
    `${inNode} link add flannel.1 type vxlan id 1 local 192.168.0.${index} dev eth0 dstport 8472 nolearning`,
    `${inNode} link set flannel.1 address 02:00:00:00:02:0${index} up`,
    `${inNode} addr add 10.244.${index}.0/32 dev flannel.1`,
    `ip netns add p${name}`,
    `ip link add cali netns ${name} type veth peer name eth0 netns p${name}`,
    `${inNode} link set cali address 02:00:00:00:03:0${index} up`,
    `ip -n p${name} link set eth0 address 02:00:00:00:04:0${index} up`,
    `${inNode} route add 10.244.${index}.7 dev cali`,
    `${inNode} neigh add 10.244.${index}.7 lladdr 02:00:00:00:04:0${index} dev cali nud permanent`,
    `${inNode} route add 10.244.${other}.0/24 via 10.244.${other}.0 dev flannel.1 onlink`,
    `${inNode} neigh add 10.244.${other}.0 lladdr 02:00:00:00:02:0${other} dev flannel.1 nud permanent`,
    `bridge -n ${name} fdb add 02:00:00:00:02:0${other} dev flannel.1 dst 192.168.0.${other}`,
    ...['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'].flatMap((chain) =>
      [
        '-p udp --dport 8472',
        '-p udp --dport 8472 -m mark --mark 5',
        '-p udp --dport 8472 -m ttl --ttl-eq 64',
        '-p udp --dport 8472 -m tos --tos 0x01',
        '-p udp --dport 8472 -m conntrack --ctstate NEW',
        '-p udp --dport 99 -m mark --mark 5',
        '-p udp --dport 99',
      ].map((rule) => `ip netns exec ${name} iptables-legacy -t mangle -A ${chain} ${rule}`),
    ),
  ];
}

interface Asked {
  readonly nodes: readonly Node[];
  readonly hits: readonly string[];
  readonly arrived: boolean;
}

function ask(changes: readonly string[]): Asked {
  const frame = {
    netns: 'pa',
    device: 'eth0',
    to: '02:00:00:00:03:01',
    from: '02:00:00:00:04:01',
    src: '10.244.1.7',
    dst: '10.244.2.7',
    sport: 4000,
    dport: 99,
    ttl: 64,
  };
  const order = { family: 4, nodes: ['a', 'b'], frames: [frame], watch: [['pb', 'eth0']] };
  const captured = ['a', 'b'].flatMap((name) =>
    dumps.map(([, command]) => `echo ${MARK}; ip netns exec ${name} sh -c '${command}' || true`),
  );
  const script = [
    'mkdir -p /run/netns; ip netns add a; ip netns add b; ip link add eth0 netns a type veth peer name eth0 netns b',
    ...nodeSetup('a', 1),
    ...nodeSetup('b', 2),
    ...changes,
    'sleep 0.2',
    ...captured,
    `echo ${MARK}`,
    `cat > /run/send.py <<'SENDER'\n${sender}\nSENDER`,
    `python3 /run/send.py <<'ORDER'\n${JSON.stringify(order)}\nORDER`,
  ].join('\n');
  const parts = inNetns(script).split(`${MARK}\n`).slice(1);
  const files = ['a', 'b'].flatMap((name, node) =>
    dumps.map(([file], index) => [`${name}/${file}`, parts[node * dumps.length + index] ?? ''] as const),
  );
  const [answer] = JSON.parse(parts.at(-1) ?? '[]') as readonly {
    readonly hits: readonly (readonly [string, string, number, number, string])[];
    readonly seen: readonly unknown[];
  }[];
  if (answer === undefined) throw new Error('the frame has no answer');
  const hits = answer.hits.flatMap(([table, chain, rule, times, node]) =>
    Array.from({ length: times }, () => `${node} ${table}/${chain}/${rule}`),
  );
  const { nodes } = parseSnapshot(new Map(files));
  return { nodes, hits: hits.sort(), arrived: answer.seen.length > 0 };
}

function traced(nodes: readonly Node[]): Trace {
  const node = nodes.find(({ name }) => name === 'a');
  const [src, dst] = [parseIp('10.244.1.7'), parseIp('10.244.2.7')];
  if (node === undefined || src === null || dst === null) throw new Error('node a was not captured');
  const from = { kind: 'entering', node, ns: node.host, dev: 'cali', src } as const;
  return trace({ nodes }, { from, to: { ip: dst, port: 99 }, proto: 17, sport: 4000, assume: 'none' });
}

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
  ])('%s', { timeout: 60_000 }, (_sentence, changes, disposition) => {
    const { nodes, hits, arrived } = ask(changes);
    const { outcomes } = traced(nodes);
    const [outcome] = outcomes;
    expect(outcomes.map((one) => [one.disposition, one.because])).toEqual([[disposition, []]]);
    expect(disposition === 'delivered').toBe(arrived);
    const counted = (outcome?.steps ?? []).flatMap(({ node, rule }) =>
      rule === undefined ? [] : [`${node} ${rule.table}/${rule.chain}/${rule.index}`],
    );
    expect([...counted].sort()).toEqual(hits);
  });
}, ['python3', 'bridge']);
