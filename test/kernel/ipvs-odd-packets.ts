/** IPVS nodes for packets that random ones never send: ICMP errors about balanced connections, fragments, SCTP, and what comes after the last service is gone. */
import type { IpvsCase, IpvsProbe } from './ipvs-generator.js';

type Family = 4 | 6;

/** Client and router on the wire of eth0, servers on that of eth1. */
function addressesOf(family: Family) {
  const at = (wire: number, last: number) => (family === 4 ? `10.0.${wire}.${last}` : `fd00:${wire}::${last}`);
  return {
    client: at(0, 9),
    router: at(0, 7),
    first: at(0, 3),
    virtual: at(0, 1),
    own: at(1, 1),
    server: at(1, 8),
    other: at(1, 9),
    length: family === 4 ? 24 : 64,
  };
}

type Addresses = ReturnType<typeof addressesOf>;

interface Wanted {
  readonly family?: Family;
  readonly services: (addresses: Addresses) => readonly string[];
  readonly settings?: readonly string[];
  readonly untracked?: true;
  readonly before?: (addresses: Addresses) => readonly Partial<IpvsProbe>[];
  /** Words behind `ipvsadm`. */
  readonly later?: (addresses: Addresses) => readonly string[];
  readonly probes: (addresses: Addresses) => readonly Partial<IpvsProbe>[];
}

const chains = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
} as const;

/** Every chain counts what it sees, and in what state. */
function counting(family: Family, untracked: boolean): string {
  const states = untracked ? [] : ['RELATED', 'UNTRACKED', 'INVALID'].map((state) => `-m conntrack --ctstate ${state}`);
  const text = Object.entries(chains).flatMap(([table, names]) => [
    `*${table}`,
    ...names.flatMap((name) => [...states, '-m ipvs --ipvs', ''].map((words) => `-A ${name} ${words}`.trim())),
    'COMMIT',
  ]);
  return `${family === 4 ? 'iptables' : 'ip6tables'}-legacy-restore <<'END'\n${text.join('\n')}\nEND`;
}

function nodeWith({ family = 4, services, settings = [], untracked, before, later, probes }: Wanted): IpvsCase {
  const addresses = addressesOf(family);
  const { client, router, first, virtual, own, server, other, length } = addresses;
  const nodad = family === 6 ? ' nodad' : '';
  const neighbour = (ip: string, dev: string) => `ip neigh add ${ip} lladdr 02:00:00:00:00:99 dev ${dev} nud permanent`;
  const whole = (one: Partial<IpvsProbe>, index: number): IpvsProbe => ({
    ...({ kind: 'ingress', family, in_iface: 'eth0', src: client, dst: virtual, proto: 'tcp' } as const),
    ...{ sport: 40_000 + index, dport: 80, tcp_flags: 'SYN' },
    ...one,
  });
  return {
    family,
    setup: [
      'sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0',
      'sysctl -qw net.ipv6.conf.eth0.addr_gen_mode=1 net.ipv6.conf.eth1.addr_gen_mode=1',
      'sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.icmp_ratelimit=0',
      'for dev in lo eth0 eth1; do ip link set $dev up; done',
      // The other one holds the link's routes and neighbours when this one goes.
      ...[first, virtual].map((ip) => `ip addr add ${ip}/${length} dev eth0${nodad}`),
      `ip addr add ${own}/${length} dev eth1${nodad}`,
      ...[client, router].map((ip) => neighbour(ip, 'eth0')),
      ...[server, other].map((ip) => neighbour(ip, 'eth1')),
      ...settings,
      counting(family, untracked === true),
    ],
    services: services(addresses),
    before: (before?.(addresses) ?? []).map(whole),
    later: later?.(addresses) ?? [],
    probes: probes(addresses).map(whole),
  };
}

const bracketed = (ip: string, port: number) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`);

type Method = '-m' | '-g' | '-i';

const one =
  (method: Method, to: 'server' | 'own' = 'server') =>
  (at: Addresses) => [
    `-A -t ${bracketed(at.virtual, 80)} -s rr`,
    `-a -t ${bracketed(at.virtual, 80)} -r ${bracketed(at[to], 80)} ${method} -w 1`,
  ];

/** Complaints from both sides about the connection of client's port 40000. */
const complaints =
  (family: Family, method: Method) =>
  ({ client, router, virtual, server, other }: Addresses): readonly Partial<IpvsProbe>[] => {
    const [proto, tooBig, exceeded, odd] =
      family === 4 ? (['icmp', [3, 4], [11, 0], [12, 0]] as const) : (['ipv6-icmp', [2, 0], [3, 0], [4, 0]] as const);
    const error = ([icmp_type, icmp_code]: readonly [number, number], inner: NonNullable<IpvsProbe['inner']>) =>
      ({ proto, icmp_type, icmp_code, inner }) as const;
    const answer = { src: virtual, dst: client, proto: 'tcp', sport: 80, dport: 40_000 } as const;
    const request = {
      src: client,
      dst: method === '-m' ? server : virtual,
      proto: 'tcp',
      sport: 40_000,
      dport: 80,
    } as const;
    const back = { in_iface: 'eth1', dst: client } as const;
    return [
      error(tooBig, answer),
      { ...error(exceeded, answer), src: router },
      { ...error(tooBig, answer), ttl: 1 },
      error(odd, answer),
      error(tooBig, { ...answer, dport: 41_000 }),
      { ...error(tooBig, request), ...back, src: server },
      { ...error(exceeded, request), ...back, src: other },
      { ...error(odd, request), ...back, src: server },
      { ...error(tooBig, { ...request, sport: 41_000 }), ...back, src: server },
      { ...error(tooBig, request), ...back, src: server, ttl: 1 },
    ];
  };

const begun = () => [{}];

const errors: readonly Wanted[] = ([4, 6] as const).flatMap((family) =>
  (['-m', '-g', '-i'] as const).map((method, at) => ({
    family,
    services: one(method),
    settings: [`sysctl -qw net.ipv4.vs.conntrack=${(at + (family === 4 ? 1 : 0)) % 2}`],
    before: begun,
    probes: complaints(family, method),
  })),
);

/** The virtual address is another host's now. */
const withoutAddress = ({ virtual, length }: Addresses) => [
  `-Ln >/dev/null; ip addr del ${virtual}/${length} dev eth0; ip neigh add ${virtual} lladdr 02:00:00:00:00:99 dev eth0 nud permanent`,
];

const elsewhere: readonly Wanted[] = [
  { services: one('-m'), untracked: true, before: begun, probes: complaints(4, '-m') },
  ...([4, 6] as const).flatMap((family): readonly Wanted[] => [
    { family, services: one('-m', 'own'), before: begun, probes: complaints(family, '-m') },
    { family, services: one('-m'), before: begun, later: withoutAddress, probes: complaints(family, '-m') },
  ]),
  {
    services: one('-m'),
    settings: ['sysctl -qw net.ipv4.vs.snat_reroute=0'],
    before: begun,
    probes: complaints(4, '-m'),
  },
];

/** The last service went, and its connections have stayed. */
const orphans: readonly Wanted[] = ([4, 6] as const).map((family) => ({
  family,
  services: one('-m'),
  before: begun,
  later: () => ['-C'],
  probes: ({ server, client }) => [
    { sport: 40_000, tcp_flags: 'ACK', seq: 2, ack: 2 },
    { in_iface: 'eth1', src: server, dst: client, sport: 80, dport: 40_000, tcp_flags: 'SYN,ACK', ack: 2 },
  ],
}));

/** Header and one chunk, as RFC 9260 has them: of which type it is. */
const sctp = (sport: number, dport: number, chunk: number): Partial<IpvsProbe> => {
  const hex = (value: number, bytes: number) => value.toString(16).padStart(bytes * 2, '0');
  const body =
    chunk === 1 ? `01000014${hex(1, 4)}${hex(65535, 4)}${hex(1, 2)}${hex(1, 2)}${hex(1, 4)}` : `${hex(chunk, 1)}000004`;
  return {
    proto: 'sctp',
    sport,
    dport,
    frag_body: `${hex(sport, 2)}${hex(dport, 2)}${hex(chunk === 1 ? 0 : 1, 4)}${hex(0, 4)}${body}`,
  };
};

const sctpServices = (at: Addresses) => [
  `-A --sctp-service ${bracketed(at.virtual, 80)} -s rr`,
  `-a --sctp-service ${bracketed(at.virtual, 80)} -r ${bracketed(at.server, 8080)} -m -w 1`,
];

const others: readonly Wanted[] = [
  ...([4, 6] as const).flatMap((family): readonly Wanted[] => [
    {
      family,
      services: sctpServices,
      settings: ['modprobe sctp nf_conntrack || true'],
      before: () => [sctp(40_000, 80, 1)],
      probes: ({ server, client }) => [
        sctp(41_000, 80, 1),
        sctp(41_001, 80, 11),
        sctp(40_000, 80, 11),
        sctp(41_002, 80, 6),
        { ...sctp(8080, 40_000, 11), in_iface: 'eth1', src: server, dst: client },
      ],
    },
    {
      family,
      services: sctpServices,
      settings: ['sysctl -qw net.ipv4.vs.sloppy_sctp=1 net.ipv4.vs.nat_icmp_send=1'],
      probes: ({ server, client }) => [
        sctp(41_001, 80, 11),
        sctp(41_002, 80, 6),
        { ...sctp(8080, 44_000, 11), in_iface: 'eth1', src: server, dst: client },
        { ...sctp(8080, 44_000, 6), in_iface: 'eth1', src: server, dst: client },
      ],
    },
    {
      family,
      services: one('-m'),
      untracked: true,
      probes: ({ server }) => [
        { dst: server, mf: true, frag_body: '9c40005000000001000000005002faf000000000aabbccdd' },
        { dst: server, mf: true, proto: 'udp', frag_body: '9c400050001000009c40005000100000' },
        { dst: server, frag_off: 3, proto: 'udp', frag_body: '9c400050001000009c40005000100000' },
        { mf: true, frag_body: '9c40005000000001000000005002faf000000000aabbccdd' },
      ],
    },
    {
      family,
      services: ({ virtual, server }) => [
        `-A -u ${bracketed(virtual, 500)} -s rr`,
        `-a -u ${bracketed(virtual, 500)} -r ${bracketed(server, 500)} -m -w 1`,
      ],
      before: () => [{ proto: 'udp', sport: 500, dport: 500 }],
      probes: () => [{ proto: 'esp' }],
    },
    {
      family,
      services: ({ virtual, server }) => [
        `-A -u ${bracketed(virtual, 80)} -s rr -p 300 --pe sip`,
        `-a -u ${bracketed(virtual, 80)} -r ${bracketed(server, 80)} -m -w 1`,
      ],
      probes: () => [{ proto: 'udp' }],
    },
    {
      family,
      services: ({ virtual, server, other }) => [
        `-A -t ${bracketed(virtual, 21)} -s rr -p 300`,
        ...[21, 2121].map((port) => `-a -t ${bracketed(virtual, 21)} -r ${bracketed(server, port)} -m -w 1`),
        `-a -t ${bracketed(virtual, 21)} -r ${bracketed(other, 21)} -m -w 1`,
      ],
      before: () => [{ dport: 21 }, { dport: 21 }],
      probes: () => [
        { dport: 21, sport: 41_000 },
        { dport: 3000, sport: 41_001 },
      ],
    },
  ]),
];

export const oddPackets: readonly IpvsCase[] = [...errors, ...elsewhere, ...orphans, ...others].map(nodeWith);
