/** Random nodes with a bridge, some of its ports' settings, rules that tell frames apart, and frames to send to them. */
export interface L2Frame {
  readonly netns: string;
  readonly device: string;
  readonly to: string;
  readonly from: string;
  readonly src: string;
  readonly dst: string;
  readonly sport: number;
  readonly dport: number;
  readonly ttl: number;
}

export interface L2Case {
  readonly family: 4 | 6;
  readonly setup: readonly string[];
  readonly rules: string;
  readonly frames: readonly L2Frame[];
  /** The peer's namespace behind each device of the node. */
  readonly peers: Readonly<Record<string, string>>;
}

type Choose = (count: number) => number;

/** mulberry32 */
function chooser(seed: number): Choose {
  let state = seed >>> 0;
  return (count) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % count;
  };
}

const bridgeMac = '02:00:00:00:00:ff';
const portMac = (index: number) => `02:00:00:00:00:1${index}`;
const hostMac = (index: number) => `02:00:00:00:00:0${index}`;

interface Net {
  readonly family: 4 | 6;
  readonly ports: number;
  /** Address `host` of network `net`. */
  readonly ip: (net: number, host: number) => string;
  readonly width: number;
}

export function l2Case(seed: number, frames: number): L2Case {
  const choose = chooser(seed);
  const pick = <T>(items: readonly T[]): T => items[choose(items.length)] as T;
  const family = choose(3) === 0 ? 6 : 4;
  const ip = (net: number, host: number) =>
    family === 4 ? `10.${net}.0.${host}` : `fd00:${net}::${host.toString(16)}`;
  const net: Net = { family, ports: 2 + choose(3), ip, width: family === 4 ? 24 : 64 };
  const peers: Record<string, string> = { w: 'q' };
  for (let port = 1; port <= net.ports; port++) peers[`v${port}`] = `p${port}`;
  return {
    family,
    setup: [...nodeSetup(net), ...bridgeSetup(net, choose), ...switches(net, choose, pick)],
    rules: rulesOf(net, choose, pick),
    frames: Array.from({ length: frames }, () => frameOf(net, choose, pick)),
    peers,
  };
}

function nodeSetup({ family, ip, width, ports }: Net): readonly string[] {
  const wires = Array.from({ length: ports }, (_, index) => [
    `v${index + 1}`,
    `p${index + 1}`,
    portMac(index + 1),
    hostMac(index + 1),
  ]);
  const off = 'sysctl -qw net.ipv6.conf.all.disable_ipv6=1';
  return [
    'ip netns add n',
    'ip -n n link set lo up',
    ...(family === 4
      ? [`ip netns exec n ${off}`]
      : ['ip netns exec n sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.accept_dad=0']),
    ...[...wires, ['w', 'q', '02:00:00:00:00:98', '02:00:00:00:00:99']].flatMap(([dev, peer, mac, far]) => [
      `ip netns add ${peer}`,
      `ip netns exec ${peer} ${off}`,
      `ip link add ${dev} netns n type veth peer name e0 netns ${peer}`,
      `ip -n n link set ${dev} address ${mac} up`,
      `ip -n ${peer} link set e0 address ${far} up`,
    ]),
    'ip -n n link add br0 type bridge',
    `ip -n n link set br0 address ${bridgeMac} up`,
    ...wires.map(([dev]) => `ip -n n link set ${dev} master br0`),
    `ip -n n addr add ${ip(0, 254)}/${width} dev br0`,
    `ip -n n addr add ${ip(9, 254)}/${width} dev w`,
  ];
}

function bridgeSetup({ ports, ip }: Net, choose: Choose): readonly string[] {
  const lines = [`ip -n n neigh replace ${ip(9, 1)} lladdr 02:00:00:00:00:99 dev w nud permanent`];
  for (let port = 1; port <= ports; port++) {
    const flags = [
      choose(4) === 0 ? 'hairpin on' : '',
      choose(4) === 0 ? 'isolated on' : '',
      choose(5) === 0 ? 'flood off' : '',
    ];
    lines.push(`bridge -n n link set dev v${port} learning off ${flags.join(' ')}`);
    if (choose(8) === 0) lines.push(`bridge -n n link set dev v${port} state ${[0, 1, 2, 4][choose(4)]}`);
    lines.push(`ip -n n neigh replace ${ip(0, port)} lladdr ${hostMac(port)} dev br0 nud permanent`);
    if (choose(4) !== 0) lines.push(`bridge -n n fdb replace ${hostMac(port)} dev v${port} master static`);
  }
  return lines;
}

function switches({ family }: Net, choose: Choose, pick: <T>(items: readonly T[]) => T): readonly string[] {
  const shown = family === 4 ? 'iptables' : 'ip6tables';
  const settings = [
    `net.bridge.bridge-nf-call-${shown}=${choose(4) === 0 ? 0 : 1}`,
    ...(family === 4
      ? [
          `net.ipv4.ip_forward=${choose(4) === 0 ? 0 : 1}`,
          `net.ipv4.conf.br0.rp_filter=${pick([0, 0, 1, 2])}`,
          `net.ipv4.conf.w.rp_filter=${pick([0, 1])}`,
        ]
      : [`net.ipv6.conf.all.forwarding=${choose(4) === 0 ? 0 : 1}`]),
  ];
  const own = choose(5) === 0 ? [`ip -n n link set br0 type bridge nf_call_${shown} 1`] : [];
  return [...settings.map((setting) => `ip netns exec n sysctl -qw ${setting}`), ...own];
}

const chainsOf: Readonly<Record<string, readonly string[]>> = {
  raw: ['PREROUTING'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD'],
};

function rulesOf(net: Net, choose: Choose, pick: <T>(items: readonly T[]) => T): string {
  const lines: string[] = [];
  const withNat = choose(2) === 0;
  for (const [table, chains] of Object.entries(chainsOf)) {
    if (table === 'nat' && !withNat) continue;
    lines.push(`*${table}`);
    for (const chain of chains) {
      for (let count = 1 + choose(5); count > 0; count--) {
        const words = [
          '-A',
          chain,
          '-p udp',
          ...telling(net, chain, choose, pick),
          targetOf(net, table, chain, choose, pick),
        ];
        lines.push(words.filter((word) => word !== '').join(' '));
      }
      lines.push(`-A ${chain} -p udp`);
    }
    lines.push('COMMIT');
  }
  return `${lines.join('\n')}\n`;
}

/** Matches that ask for devices, ports, hardware addresses and kinds of frames. */
function telling(
  { ports, family }: Net,
  chain: string,
  choose: Choose,
  pick: <T>(items: readonly T[]) => T,
): readonly string[] {
  const not = () => (choose(4) === 0 ? '! ' : '');
  const port = () => `v${1 + choose(ports)}`;
  const enters = chain !== 'POSTROUTING';
  const leaves = chain === 'FORWARD' || chain === 'POSTROUTING';
  const made = [
    () => `-m pkttype ${not()}--pkt-type ${pick(['unicast', 'broadcast', 'multicast', 'otherhost'])}`,
    () => (enters ? `${not()}-i ${pick(['br0', 'w', 'v+'])}` : ''),
    () => (leaves ? `${not()}-o ${pick(['br0', 'w', 'v+'])}` : ''),
    () => `-m physdev ${not()}--physdev-in ${port()}`,
    () => (leaves ? `-m physdev ${not()}--physdev-out ${port()}` : ''),
    () => `-m physdev ${not()}--physdev-is-in`,
    () => (leaves ? `-m physdev ${not()}--physdev-is-out` : ''),
    () => `-m physdev ${not()}--physdev-is-bridged`,
    () => (enters && chain !== 'POSTROUTING' ? `-m mac ${not()}--mac-source ${hostMac(1 + choose(ports))}` : ''),
    () =>
      `-m addrtype ${not()}--dst-type ${pick(['LOCAL', 'MULTICAST', 'UNICAST', ...(family === 4 ? ['BROADCAST'] : [])])}`,
  ];
  const first = choose(made.length);
  const second = choose(made.length);
  return [made[first]?.() ?? '', second !== first && choose(3) === 0 ? (made[second]?.() ?? '') : ''].sort(
    (x, y) => Number(x.includes('-m')) - Number(y.includes('-m')),
  );
}

function targetOf(
  { ip, ports, family }: Net,
  table: string,
  chain: string,
  choose: Choose,
  pick: <T>(items: readonly T[]) => T,
): string {
  const bracket = (text: string) => (family === 6 ? `[${text}]` : text);
  if (table === 'nat' && chain === 'PREROUTING' && choose(2) === 0)
    return `-j DNAT --to-destination ${bracket(pick([ip(0, 1 + choose(ports)), ip(0, 1 + choose(ports)), ip(9, 1), ip(0, 254)]))}:${pick([80, 81])}`;
  if (table === 'nat' && chain === 'POSTROUTING' && choose(2) === 0)
    return pick(['-j MASQUERADE', `-j SNAT --to-source ${ip(0, 200)}`]);
  if (table === 'nat') return '';
  if (choose(6) === 0) return pick(['-j DROP', '-j ACCEPT', '-j ACCEPT']);
  return table === 'mangle' && choose(3) === 0 ? `-j MARK --set-xmark 0x${choose(4)}/0x3` : '';
}

function frameOf({ ip, ports, family }: Net, choose: Choose, pick: <T>(items: readonly T[]) => T): L2Frame {
  const outside = choose(5) === 0;
  const index = 1 + choose(ports);
  const target = 1 + choose(ports);
  const group =
    family === 4
      ? pick(['224.0.0.1', '224.0.0.251', '239.1.1.1'])
      : pick(['ff02::1', 'ff02::fb', 'ff05::77', 'ff01::1']);
  const kind = choose(12);
  const dst =
    kind === 0
      ? group
      : kind === 1 && family === 4
        ? pick(['255.255.255.255', '10.0.0.255', '10.9.0.255'])
        : pick([
            ip(0, target),
            ip(0, target),
            ip(0, 254),
            ip(9, 1),
            ip(9, 254),
            ip(0, 77),
            ip(7, 7),
            family === 6 ? '::1' : '0.0.0.0',
          ]);
  const own = outside ? '02:00:00:00:00:98' : pick([bridgeMac, bridgeMac, portMac(index), portMac(target)]);
  const groupMac = family === 4 ? '01:00:5e:00:00:01' : '33:33:00:00:00:01';
  const to = pick([
    own,
    own,
    own,
    hostMac(target),
    hostMac(target),
    hostMac(target),
    hostMac(target),
    'ff:ff:ff:ff:ff:ff',
    groupMac,
    '02:00:00:00:77:77',
  ]);
  return {
    netns: outside ? 'q' : `p${index}`,
    device: 'e0',
    to,
    from: outside ? '02:00:00:00:00:99' : hostMac(index),
    src: outside
      ? ip(9, 1)
      : pick([ip(0, index), ip(0, index), ip(0, index), ip(0, index), ip(5, 5), family === 6 ? '::1' : '0.0.0.0']),
    dst,
    sport: 4000 + choose(3),
    dport: pick([80, 81]),
    ttl: choose(12) === 0 ? 1 : 64,
  };
}
