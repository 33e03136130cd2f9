/** `output` with `src`: what bind(2) and connect(2) say to a process that binds its socket to any kind of address. */
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { describeKernel } from './gate.js';
import { ordinaryDumps, part, partsOf, showing } from './named-parts.js';
import { inNetns } from './netns.js';
import { askColdtrace } from './referee/ask.js';
import type { ProbeLine } from './referee/case.js';

const binder = fileURLToPath(new URL('bind.py', import.meta.url));
const dumps = {
  ...ordinaryDumps,
  'ip-6-route.txt': 'ip -6 route show table all',
  'ip-6-rule.txt': 'ip -6 rule',
  'ip-addrlabel.txt': 'ip addrlabel',
  'fib-trie.txt': 'cat /proc/net/fib_trie',
  'ip6tables-save.txt': 'ip6tables-legacy-save',
  'conntrack.txt': 'true',
  'uname.txt': 'uname -a',
} as const;

const setup = [
  'ip link set lo up',
  'for at in 0 1; do ip link add eth$at type veth peer name p$at; ip link set eth$at up; ip link set p$at up; done',
  'ip addr add 10.0.0.3/24 dev eth0; ip route del local 10.0.0.3 dev eth0 table local',
  'ip addr add 10.0.0.1/24 dev eth0; ip route add default via 10.0.0.9',
  'ip addr add fd00::1/64 dev eth0 nodad; ip addr add fe80::77/64 dev eth0 nodad; ip -6 route add default via fd00::9',
  'ip route add local 10.7.0.0/16 dev lo; ip -6 route add local fd07::/16 dev lo',
  'ip route add local 10.8.0.1 dev lo table 77; ip route add broadcast 10.9.0.255 dev eth0 table local',
  // It never ends its duplicate address detection, so that the dump and the socket see the same.
  'sysctl -qw net.ipv6.conf.eth1.dad_transmits=100; ip addr add fd00:1::2/64 dev eth1',
  'ip neigh replace 10.0.0.9 lladdr 02:00:00:00:00:09 dev eth0; ip neigh replace fd00::9 lladdr 02:00:00:00:00:09 dev eth0',
];

const sources: Readonly<Record<4 | 6, readonly string[]>> = {
  4: [
    ...['10.0.0.1', '10.0.0.3', '10.0.0.200', '10.7.3.4', '10.8.0.1', '192.0.2.1', '127.0.0.1', '0.0.0.0', '0.1.2.3'],
    ...['10.0.0.255', '10.9.0.255', '255.255.255.255', '224.0.0.5', '239.1.2.3'],
  ],
  6: [
    ...['fd00::1', 'fd00::200', 'fd00::', 'fd07::5', 'fd00:1::2', '2001:db8::1', '::', '::1'],
    ...['fe80::77', 'fe80::78', 'ff02::5', 'ff05::5'],
  ],
};

interface Question {
  readonly family: 4 | 6;
  readonly proto: 'tcp' | 'udp';
  readonly src: string;
  readonly dev: string | null;
}

const questions = ([4, 6] as const).flatMap((family) =>
  (['tcp', 'udp'] as const).flatMap((proto) =>
    [null, 'eth0'].flatMap((dev) => sources[family].map((src): Question => ({ family, proto, src, dev }))),
  ),
);

const peer = { 4: '10.0.0.9', 6: 'fd00::9' } as const;
const lineOf = ({ family, proto, src, dev }: Question) => `${family} ${proto} ${src} ${peer[family]} ${dev ?? '-'}`;

function probeOf({ family, proto, src, dev }: Question, id: number): ProbeLine {
  const device = dev === null ? {} : { oif: dev };
  return { id: String(id), kind: 'output', family, proto, src, dst: peer[family], sport: 4000, dport: 9, ...device };
}

/** Without its rules, which have no say in it. */
function saidTo(files: Readonly<Record<string, string>>, question: Question, id: number): string {
  const [answer = {}] = askColdtrace(new Map(Object.entries(files)), [probeOf(question, id)]);
  const said: Readonly<Record<string, unknown>> = { ...answer };
  return String(said['errno'] ?? said['socket_src'] ?? said['because'] ?? said['outcome']);
}

describeKernel('a process binds its socket to an address', () => {
  it.each([0, 1])('ip_nonlocal_bind is %i', (nonlocal) => {
    const set = `sysctl -qw net.ipv4.ip_nonlocal_bind=${nonlocal} net.ipv6.ip_nonlocal_bind=${nonlocal}`;
    const ask = `python3 ${binder} <<END\n${questions.map(lineOf).join('\n')}\nEND`;
    const script = [...setup, set, part('answers'), ask, ...showing(dumps, 'node-1/')];
    const { answers = '', ...files } = partsOf(inNetns(script.join('\n')));
    const kernel = answers.trimEnd().split('\n');
    expect(questions.map((question, id) => `${lineOf(question)}: ${saidTo(files, question, id)}`)).toEqual(
      questions.map((question, id) => `${lineOf(question)}: ${kernel[id]}`),
    );
  });
});
