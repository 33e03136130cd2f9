/** Pods on a bridge of their node, each in a captured namespace: which rules of the node count a packet between them, and whether it arrives. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Node, type Outcome, parseIp, trace } from '@coldtrace/core';
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
  ['ss.txt', 'ss -lntu'],
];

const pods = [1, 2, 3] as const;
const gateway = '02:00:00:00:00:ff';
const macOf = (pod: number) => `02:00:00:00:00:0${pod}`;
const node = (command: string) => `ip netns exec n ${command}`;

const setup: readonly string[] = [
  'mkdir -p /run/netns; ip netns add n',
  node('sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv4.ip_forward=1 net.bridge.bridge-nf-call-iptables=1'),
  'ip -n n link set lo up; ip -n n link add cni0 type bridge',
  `ip -n n link set cni0 address ${gateway} up; ip -n n addr add 10.244.1.1/24 dev cni0`,
  ...pods.flatMap((pod) => [
    `ip netns add p${pod}; ip link add v${pod} netns n type veth peer name eth0 netns p${pod}`,
    `ip netns exec p${pod} sysctl -qw net.ipv6.conf.all.disable_ipv6=1`,
    `ip -n p${pod} link set lo up; ip -n p${pod} link set eth0 address ${macOf(pod)} up`,
    `ip -n p${pod} addr add 10.244.1.1${pod}/24 dev eth0; ip -n p${pod} route add default via 10.244.1.1`,
    `ip -n n link set v${pod} master cni0 up`,
    `ip -n n neigh add 10.244.1.1${pod} lladdr ${macOf(pod)} dev cni0 nud permanent`,
    `bridge -n n fdb replace ${macOf(pod)} dev v${pod} master static`,
    `ip -n p${pod} neigh add 10.244.1.1 lladdr ${gateway} dev eth0 nud permanent`,
  ]),
  ...['PREROUTING', 'INPUT', 'FORWARD', 'POSTROUTING'].flatMap((chain) =>
    [
      '-p udp --dport 99',
      '-p udp --dport 99 -m physdev --physdev-is-bridged',
      '-p udp --dport 99 -m physdev --physdev-in v1',
      '-p udp --dport 99 -m ttl --ttl-eq 64',
      '-p udp --dport 99 -d 10.244.1.12',
    ].map((rule) => node(`iptables-legacy -t mangle -A ${chain} ${rule}`)),
  ),
];

function ask(changes: readonly string[], dst: string, to: string) {
  const frame = {
    netns: 'p1',
    device: 'eth0',
    to,
    from: macOf(1),
    src: '10.244.1.11',
    dst,
    sport: 4000,
    dport: 99,
    ttl: 64,
  };
  const order = { family: 4, frames: [frame], watch: pods.map((pod) => [`p${pod}`, 'eth0']) };
  const namespaces = ['n', ...pods.map((pod) => `p${pod}`)];
  const script = [
    ...setup,
    ...changes,
    'sleep 0.2',
    ...namespaces.flatMap((name) =>
      dumps.map(([, command]) => `echo ${MARK}; ip netns exec ${name} sh -c '${command}' || true`),
    ),
    `echo ${MARK}`,
    `cat > /run/send.py <<'SENDER'\n${sender}\nSENDER`,
    `python3 /run/send.py <<'ORDER'\n${JSON.stringify(order)}\nORDER`,
  ].join('\n');
  const parts = inNetns(script).split(`${MARK}\n`).slice(1);
  const files = namespaces.flatMap((name, at) =>
    dumps.map(([file], index) => {
      const folder = name === 'n' ? 'n' : `n/netns/${name}`;
      return [`${folder}/${file}`, parts[at * dumps.length + index] ?? ''] as const;
    }),
  );
  const [answer] = JSON.parse(parts.at(-1) ?? '[]') as readonly {
    readonly hits: readonly (readonly [string, string, number, number])[];
    readonly seen: readonly ({ readonly netns: string } | null)[];
  }[];
  if (answer === undefined) throw new Error('the frame has no answer');
  const hits = answer.hits.flatMap(([table, chain, rule, times]) =>
    Array.from({ length: times }, () => `${table}/${chain}/${rule}`),
  );
  const [captured] = parseSnapshot(new Map(files)).nodes;
  if (captured === undefined) throw new Error('the node was not captured');
  return { captured, hits: hits.sort(), seen: answer.seen.flatMap((one) => (one === null ? [] : [one.netns])) };
}

function traced(captured: Node, dst: string): readonly Outcome[] {
  const ns = captured.namespaces.find(({ name }) => name === 'p1');
  const ip = parseIp(dst);
  if (ns === undefined || ip === null) throw new Error('pod p1 was not captured');
  const from = { kind: 'process', node: captured, ns, src: null } as const;
  return trace({ nodes: [captured] }, { from, to: { ip, port: 99 }, proto: 17, sport: 4000, assume: 'none' }).outcomes;
}

const dnat = (pod: number) =>
  node(`iptables-legacy -t nat -A PREROUTING -d 10.96.0.1 -j DNAT --to-destination 10.244.1.1${pod}`);
const knows = `ip -n p1 neigh add 10.244.1.12 lladdr ${macOf(2)} dev eth0 nud permanent`;
const stop = node('iptables-legacy -A FORWARD -i cni0 -o cni0 -j DROP');

describeKernel('pods on a bridge', () => {
  it.each<[string, readonly string[], string, string, 'n/p1' | 'n/p2' | 'n']>([
    ['one reaches the other', [knows], '10.244.1.12', macOf(2), 'n/p2'],
    ['one asks for the other by ARP', [], '10.244.1.12', macOf(2), 'n/p2'],
    ['a rule between them counts under br_netfilter', [knows, stop], '10.244.1.12', macOf(2), 'n'],
    [
      'and does not without it',
      [knows, stop, node('sysctl -qw net.bridge.bridge-nf-call-iptables=0')],
      '10.244.1.12',
      macOf(2),
      'n/p2',
    ],
    ['a Service leads to another pod of the bridge', [dnat(2)], '10.96.0.1', gateway, 'n/p2'],
    [
      'and is routed there without br_netfilter',
      [dnat(2), node('sysctl -qw net.bridge.bridge-nf-call-iptables=0')],
      '10.96.0.1',
      gateway,
      'n/p2',
    ],
    ['a Service leads back to the pod itself: no', [dnat(1)], '10.96.0.1', gateway, 'n'],
    [
      'a Service leads back to the pod itself in hairpin mode: to its own address, from its own address',
      [dnat(1), 'bridge -n n link set dev v1 hairpin on'],
      '10.96.0.1',
      gateway,
      'n/p1',
    ],
  ])('%s', (_sentence, changes, dst, to, where) => {
    const { captured, hits, seen } = ask(changes, dst, to);
    const outcomes = traced(captured, dst);
    const [outcome] = outcomes;
    const steps = outcome?.steps ?? [];
    const counted = steps.flatMap(({ node: at, rule }) =>
      rule === undefined || at !== 'n' ? [] : [`${rule.table}/${rule.chain}/${rule.index}`],
    );
    expect(outcomes).toHaveLength(1);
    expect(steps.at(-1)?.node).toBe(where);
    expect(seen).toEqual(where === 'n' ? [] : [where.slice(2)]);
    expect([...counted].sort()).toEqual(hits);
  });

  it('nobody answers for an address that no pod has', () => {
    const { captured } = ask([], '10.244.1.99', macOf(2));
    expect(traced(captured, '10.244.1.99').map(({ disposition }) => disposition)).toEqual(['neighbour-unresolved']);
  });
}, ['python3', 'bridge']);
