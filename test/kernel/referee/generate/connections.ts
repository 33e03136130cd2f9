/** Connections that conntrack knew when the node was captured, and packets of either direction of them. conntrack(8). */
import type { Prng } from '../../../bench/prng.js';
import type { Line, ProbeLine } from '../case.js';
import { anyDevice, anyHost, marks, type Pool, ports } from './pool.js';
import { endpoint } from './shapes/shape.js';
import type { Widened } from './widening.js';

interface Known {
  readonly proto: 'tcp' | 'udp' | 'icmp' | 'ipv6-icmp';
  readonly src: string;
  readonly dst: string;
  readonly sport: number;
  readonly dport: number;
  /** Whom the answers come from and go to. */
  readonly server: string;
  readonly serverPort: number;
  readonly client: string;
  readonly clientPort: number;
}

export function knownConnections(pool: Pool, _tool: string, random: Prng): Widened {
  const known = Array.from({ length: 2 + random.below(4) }, () => connection(pool, random));
  return {
    late: [
      { tool: 'sysctl', text: 'net/netfilter/nf_conntrack_acct 1' },
      ...known
        .map((one): Line => ({ tool: 'conntrack', text: words(one, random) }))
        .filter((_, at) => !known.slice(0, at).some((before) => isTaken(known[at], before))),
    ],
    aim: (probe) => (random.chance(0.75) ? ofConnection(probe, random.pick(sure(known)), pool, random) : probe),
  };
}

/** Answers to another connection have the same ends, so the kernel would draw another port for them, and another one each time that the connection is put in. */
function isTaken(one: Known | undefined, before: Known): boolean {
  if (one === undefined || one.proto !== before.proto) return false;
  const answers = endsOf(one.server, one.serverPort, one.client, one.clientPort);
  return [
    endsOf(before.server, before.serverPort, before.client, before.clientPort),
    endsOf(before.src, before.sport, before.dst, before.dport),
  ].includes(answers);
}

const endsOf = (...ends: readonly (string | number)[]): string => ends.join(' ');

function sure<T>(items: readonly T[]): readonly [T, ...T[]] {
  const [first, ...more] = items;
  if (first === undefined) throw new Error('nothing to choose from');
  return [first, ...more];
}

function connection(pool: Pool, random: Prng): Known {
  const echo = pool.family === 4 ? 'icmp' : 'ipv6-icmp';
  const proto = random.pick(['tcp', 'tcp', 'tcp', 'udp', 'udp', echo] as const);
  const src = random.chance(0.2) ? random.pick(anyDevice(pool, random).own) : anyHost(pool, random);
  const dst = anyHost(pool, random);
  const [sport, dport] = [random.pick([4000, 40000]), random.pick(ports)];
  const dnat = random.chance(0.3);
  const snat = random.chance(0.25);
  return {
    proto,
    src,
    dst,
    sport,
    dport,
    server: dnat ? anyHost(pool, random) : dst,
    serverPort: dnat && random.chance(0.6) ? random.pick(ports) : dport,
    client: snat ? random.pick(anyDevice(pool, random).own) : src,
    clientPort: sport,
  };
}

const states = [
  'ESTABLISHED',
  'ESTABLISHED',
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT',
  'CLOSE_WAIT',
  'TIME_WAIT',
  'CLOSE',
] as const;

function words(one: Known, random: Prng): string {
  const echo = one.proto === 'icmp' || one.proto === 'ipv6-icmp';
  const type = one.proto === 'icmp' ? 8 : 128;
  const ends = echo ? `--icmp-type ${type} --icmp-code 0 --icmp-id 7` : `--sport ${one.sport} --dport ${one.dport}`;
  const state = one.proto === 'tcp' ? ` --state ${random.pick(states)}` : '';
  const seen = random.pick(['', ' -u SEEN_REPLY', ' -u ASSURED,SEEN_REPLY', ' -u ASSURED,SEEN_REPLY']);
  const withPort = !echo && one.serverPort !== one.dport;
  // Said also where it is the one asked for: only then is nat done with the connection, as it is with every one that packets made.
  const dnat = ` --dst-nat ${withPort ? endpoint(one.server, one.serverPort) : one.server}`;
  const snat = one.client !== one.src ? ` --src-nat ${one.client}` : '';
  const mark = random.chance(0.3) ? ` -m ${random.pick(marks)}` : '';
  return `-I -p ${one.proto} -s ${one.src} -d ${one.dst} ${ends}${state}${seen} -t 600${dnat}${snat}${mark}`;
}

const flags = ['ACK', 'ACK', 'SYN', 'PSH,ACK', 'FIN,ACK', 'RST', 'SYN,ACK'] as const;

/** The next packet of the client, or of the server. */
function ofConnection(probe: ProbeLine, one: Known, pool: Pool, random: Prng): ProbeLine {
  if (probe.kind !== 'ingress' && probe.kind !== 'output') return probe;
  const forth = random.chance(0.5);
  const [src, sport, dst, dport] = forth
    ? [one.src, one.sport, one.dst, one.dport]
    : [one.server, one.serverPort, one.client, one.clientPort];
  const { id, family } = probe;
  const upper = upperOf(one, forth, sport, dport, random);
  if (probe.kind === 'output') {
    const { tcp_flags: _, ...sent } = upper;
    return {
      id,
      kind: 'output',
      family,
      dst,
      ...sent,
      ...(one.proto.startsWith('icmp') || one.proto === 'ipv6-icmp' ? { length: family === 4 ? 28 : 48 } : {}),
    };
  }
  const near = pool.devices.find(({ hosts }) => hosts.includes(src));
  const in_iface = near !== undefined && random.chance(0.8) ? near.name : anyDevice(pool, random).name;
  return { id, kind: 'ingress', family, in_iface, src, dst, ...upper, src_mac: '02:00:00:00:ff:01' };
}

function upperOf(one: Known, forth: boolean, sport: number, dport: number, random: Prng): Partial<ProbeLine> {
  const { proto } = one;
  if (proto === 'icmp') return { proto, icmp_type: forth ? 8 : 0, icmp_code: 0, icmp_id: 7 };
  if (proto === 'ipv6-icmp') return { proto, icmp_type: forth ? 128 : 129, icmp_code: 0, icmp_id: 7 };
  if (proto === 'udp') return { proto, sport, dport };
  return { proto, sport, dport, tcp_flags: random.pick(flags) };
}
