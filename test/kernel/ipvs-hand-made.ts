/** IPVS nodes for questions that random ones seldom ask: source and route of what goes through a tunnel, and packets that are too long for the way. */
import type { IpvsCase, IpvsProbe } from './ipvs-generator.js';

type Family = 4 | 6;

/** Two wires; the server is behind eth1, which has two addresses. Table 100 leads to it by eth0. */
function addressesOf(family: Family) {
  const at = (wire: number, last: number) => (family === 4 ? `10.0.${wire}.${last}` : `fd00:${wire}::${last}`);
  return {
    client: at(0, 9),
    virtual: at(0, 1),
    first: at(1, 1),
    second: at(7, 7),
    gateway: at(1, 9),
    server: at(2, 8),
    ...(family === 4 ? { length: 24, host: 32 } : { length: 64, host: 128 }),
  };
}

interface Wanted {
  readonly method: '-m' | '-g' | '-i';
  readonly route?: 'with src';
  /** Whose packets table 100 is for. */
  readonly from?: 'first' | 'second';
  readonly settings?: readonly string[];
  readonly probes?: readonly Partial<IpvsProbe>[];
}

function nodeWith(family: Family, { method, route, from, settings = [], probes = [{}] }: Wanted): IpvsCase {
  const { client, virtual, first, second, gateway, server, length, host } = addressesOf(family);
  const bracketed = (ip: string) => (family === 4 ? `${ip}:80` : `[${ip}]:80`);
  const nodad = family === 6 ? ' nodad' : '';
  const neighbour = (ip: string, dev: string) => `ip neigh add ${ip} lladdr 02:00:00:00:00:99 dev ${dev} nud permanent`;
  const src = route === undefined ? '' : ` src ${second}`;
  return {
    family,
    setup: [
      'sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0',
      'sysctl -qw net.ipv6.conf.eth0.addr_gen_mode=1 net.ipv6.conf.eth1.addr_gen_mode=1',
      'sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1',
      'for dev in lo eth0 eth1; do ip link set $dev up; done',
      `ip addr add ${virtual}/${length} dev eth0${nodad}`,
      `ip addr add ${first}/${length} dev eth1${nodad}`,
      `ip addr add ${second}/${host} dev eth1${nodad}`,
      neighbour(client, 'eth0'),
      neighbour(gateway, 'eth1'),
      `ip -${family} route add ${server}/${host} via ${gateway} dev eth1${src}`,
      `ip -${family} route add ${server}/${host} via ${client} dev eth0 table 100`,
      ...(from === undefined ? [] : [`ip -${family} rule add from ${from === 'first' ? first : second} lookup 100`]),
      ...settings,
    ],
    services: [
      `-A -t ${bracketed(virtual)} -s rr`,
      `-a -t ${bracketed(virtual)} -r ${bracketed(server)} ${method} -w 1`,
    ],
    before: [],
    later: [],
    probes: probes.map((one, index) => ({
      ...({ kind: 'ingress', family, in_iface: 'eth0', src: client, dst: virtual, proto: 'tcp' } as const),
      ...{ sport: 40_000 + index, dport: 80, tcp_flags: 'SYN' },
      ...one,
    })),
  };
}

const sources: readonly Wanted[] = [
  { method: '-i' },
  { method: '-i', route: 'with src' },
  { method: '-i', from: 'first' },
  { method: '-i', route: 'with src', from: 'second' },
];

/** What just fits, and what does not. */
const around = (longest: number) => [longest, longest + 1].map((length) => ({ length, df: true }));

const sizes = (family: Family): readonly Wanted[] => [
  { method: '-m', settings: ['ip link set eth1 mtu 1400'], probes: [...around(1400), { length: 1400, df: false }] },
  { method: '-g', settings: ['ip link set eth1 mtu 1400'], probes: around(1400) },
  { method: '-i', settings: ['ip link set eth1 mtu 1400'], probes: around(family === 4 ? 1380 : 1360) },
  {
    method: '-m',
    settings: [
      `ip -${family} route change ${addressesOf(family).server} via ${addressesOf(family).gateway} dev eth1 mtu 1390`,
    ],
    probes: around(1390),
  },
];

export const handMade: readonly IpvsCase[] = ([4, 6] as const).flatMap((family) =>
  [...sources, ...sizes(family)].map((wanted) => nodeWith(family, wanted)),
);
