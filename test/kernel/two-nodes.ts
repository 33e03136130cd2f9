/** Two nodes with a tunnel between them and a pod behind each: how to build, capture and ask them, and what the simulator traces. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Node, parseIp, type Trace, trace } from '@coldtrace/core';
import { parseSnapshot } from '@coldtrace/parsers';

const MARK = '=====';
const sender = readFileSync(fileURLToPath(new URL('l2-frames.py', import.meta.url)), 'utf8');

export type Tunnel = 'vxlan' | 'ipip';

const outerRules: Readonly<Record<Tunnel, readonly string[]>> = {
  vxlan: ['', ' -m mark --mark 5', ' -m ttl --ttl-eq 64', ' -m tos --tos 0x01', ' -m conntrack --ctstate NEW'].map(
    (match) => `-p udp --dport 8472${match}`,
  ),
  ipip: ['', ' -m mark --mark 5', ' -m ttl --ttl-eq 63', ' -s 192.168.0.1', ' -m conntrack --ctstate NEW'].map(
    (match) => `-p 4${match}`,
  ),
};

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
function nodeSetup(kind: Tunnel, name: string, index: 1 | 2): readonly string[] {
  const other = 3 - index;
  const inNode = `ip -n ${name}`;
  return [
    `ip netns exec ${name} sysctl -qw net.ipv4.ip_forward=1`,
    // The second kernel has IPv6 only when asked.
    `ip netns exec ${name} sysctl -qw net.ipv6.conf.all.disable_ipv6=1 2>/dev/null || true`,
    `${inNode} link set lo up`,
    `${inNode} link set eth0 address 02:00:00:00:01:0${index} up`,
    `${inNode} addr add 192.168.0.${index}/24 dev eth0`,
    `${inNode} neigh add 192.168.0.${other} lladdr 02:00:00:00:01:0${other} dev eth0 nud permanent`,
    ...(kind === 'vxlan' ? vxlanDevice(name, index) : ipipDevice(name, index)),
    `ip netns add p${name}`,
    `ip link add cali netns ${name} type veth peer name eth0 netns p${name}`,
    `${inNode} link set cali address 02:00:00:00:03:0${index} up`,
    `ip -n p${name} link set eth0 address 02:00:00:00:04:0${index} up`,
    `${inNode} route add 10.244.${index}.7 dev cali`,
    `${inNode} neigh add 10.244.${index}.7 lladdr 02:00:00:00:04:0${index} dev cali nud permanent`,
    ...['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'].flatMap((chain) =>
      [
        ...outerRules[kind],
        '-p udp --dport 99 -m mark --mark 5',
        '-p udp --dport 99 -m ttl --ttl-eq 63',
        '-p udp --dport 99',
      ].map((rule) => `ip netns exec ${name} iptables-legacy -t mangle -A ${chain} ${rule}`),
    ),
  ];
}

/** Devices, route, neighbour and forwarding entry as flannel sets them up. */
function vxlanDevice(name: string, index: 1 | 2): readonly string[] {
  const other = 3 - index;
  const inNode = `ip -n ${name}`;
  return [
    `${inNode} link add flannel.1 type vxlan id 1 local 192.168.0.${index} dev eth0 dstport 8472 nolearning`,
    `${inNode} link set flannel.1 address 02:00:00:00:02:0${index} up`,
    `${inNode} addr add 10.244.${index}.0/32 dev flannel.1`,
    `${inNode} route add 10.244.${other}.0/24 via 10.244.${other}.0 dev flannel.1 onlink`,
    `${inNode} neigh add 10.244.${other}.0 lladdr 02:00:00:00:02:0${other} dev flannel.1 nud permanent`,
    `bridge -n ${name} fdb add 02:00:00:00:02:0${other} dev flannel.1 dst 192.168.0.${other}`,
  ];
}

/** Device and route as Calico sets them up. */
function ipipDevice(name: string, index: 1 | 2): readonly string[] {
  const other = 3 - index;
  return [
    `ip -n ${name} link set tunl0 up`,
    `ip -n ${name} addr add 10.244.${index}.0/32 dev tunl0`,
    `ip -n ${name} route add 10.244.${other}.0/24 via 192.168.0.${other} dev tunl0 onlink`,
  ];
}

export interface Asked {
  readonly nodes: readonly Node[];
  readonly hits: readonly string[];
  readonly arrived: boolean;
}

/** What is else about a packet than that it is small and for the other node's pod. */
export interface Sent {
  readonly dst?: string;
  /** Of the IPv4 packet. */
  readonly length?: number;
  readonly df?: boolean;
}

/** The shell text that builds, captures and asks; its output is for {@link readTwoNodes}. */
export function twoNodes(kind: Tunnel, changes: readonly string[], sent: readonly Sent[] = [{}]): string {
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
  const order = {
    family: 4,
    nodes: ['a', 'b'],
    frames: sent.map((one) => ({ ...frame, ...one })),
    watch: [['pb', 'eth0']],
  };
  const captured = ['a', 'b'].flatMap((name) =>
    dumps.map(([, command]) => `echo ${MARK}; ip netns exec ${name} sh -c '${command}' || true`),
  );
  return [
    'mkdir -p /run/netns; ip netns add a; ip netns add b; ip link add eth0 netns a type veth peer name eth0 netns b',
    ...nodeSetup(kind, 'a', 1),
    ...nodeSetup(kind, 'b', 2),
    ...changes,
    'sleep 0.2',
    ...captured,
    `echo ${MARK}`,
    `cat > /run/send.py <<'SENDER'\n${sender}\nSENDER`,
    `python3 /run/send.py <<'ORDER'\n${JSON.stringify(order)}\nORDER`,
  ].join('\n');
}

export function readTwoNodes(output: string): Asked {
  const [asked] = readEach(output);
  if (asked === undefined) throw new Error('the frame has no answer');
  return asked;
}

/** One for each packet that was sent. */
export function readEach(output: string): readonly Asked[] {
  const parts = output.split(`${MARK}\n`).slice(1);
  const files = ['a', 'b'].flatMap((name, node) =>
    dumps.map(([file], index) => [`${name}/${file}`, parts[node * dumps.length + index] ?? ''] as const),
  );
  const { nodes } = parseSnapshot(new Map(files));
  const answers = JSON.parse(parts.at(-1) ?? '[]') as readonly {
    readonly hits: readonly (readonly [string, string, number, number, string])[];
    readonly seen: readonly unknown[];
  }[];
  return answers.map(({ hits, seen }) => ({
    nodes,
    hits: hits
      .flatMap(([table, chain, rule, times, node]) =>
        Array.from({ length: times }, () => `${node} ${table}/${chain}/${rule}`),
      )
      .sort(),
    arrived: seen.length > 0,
  }));
}

export function tracedAcross(nodes: readonly Node[]): Trace {
  const node = nodes.find(({ name }) => name === 'a');
  const [src, dst] = [parseIp('10.244.1.7'), parseIp('10.244.2.7')];
  if (node === undefined || src === null || dst === null) throw new Error('node a was not captured');
  const from = { kind: 'entering', node, ns: node.host, dev: 'cali', src } as const;
  return trace({ nodes }, { from, to: { ip: dst, port: 99 }, proto: 17, sport: 4000, assume: 'none' });
}
