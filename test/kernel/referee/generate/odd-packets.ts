/** Packets that seldom come: from and to where none should be, other messages of ICMP, errors about known connections, pieces of packets. RFC 1812, 4443, 4861. */
import type { Prng } from '../../../bench/prng.js';
import type { InnerPacket, Line, ProbeLine } from '../case.js';
import { protoNumber } from '../packet-bytes.js';
import { withId } from '../packet-read.js';
import { knownConnections } from './connections.js';
import { anyDevice, type Pool, ports } from './pool.js';
import type { Widened } from './widening.js';

export function oddPackets(pool: Pool, tool: 'legacy' | 'nft', random: Prng): Widened {
  const { late = [] } = knownConnections(pool, tool, random);
  const known = late.filter(({ tool: by }) => by === 'conntrack');
  const parameters = Array.from({ length: random.below(4) }, (): Line => parameter(pool, random));
  return {
    network: parameters,
    late,
    aim: (probe) => (probe.kind === 'ingress' ? odd(probe, pool, known, random) : probe),
  };
}

function parameter({ family, devices }: Pool, random: Prng): Line {
  const [first, ...more] = devices.map(({ name }) => name);
  const dev = random.pick(['all', first ?? 'lo', ...more]);
  const four = ['accept_local', 'route_localnet', 'rp_filter', 'log_martians', 'accept_source_route'] as const;
  const name = family === 4 ? random.pick(four) : 'accept_source_route';
  return { tool: 'sysctl', text: `net/ipv${family}/conf/${dev}/${name} ${random.below(3)}` };
}

function odd(probe: ProbeLine, pool: Pool, known: readonly Line[], random: Prng): ProbeLine {
  const roll = random.unit();
  if (roll < 0.3) return { ...bare(probe), ...ends(pool, random) };
  if (roll < 0.5) return { ...bare(probe), ...message(pool, random) };
  const line = known[random.below(known.length)];
  if (roll < 0.8 && line !== undefined) return aboutKnown(bare(probe), line, pool, random);
  return roll < 0.9 ? { ...bare(probe), ...piece(random) } : probe;
}

/** A datagram from the same place. */
function bare({
  id,
  kind,
  family,
  in_iface = '',
  src = '',
  dst = '',
  src_mac = '',
  dst_mac,
  ttl,
}: ProbeLine): ProbeLine {
  const upper = { proto: 'udp', sport: 4000, dport: 53 };
  const frame = { src_mac, ...(dst_mac === undefined ? {} : { dst_mac }), ...(ttl === undefined ? {} : { ttl }) };
  return { id, kind, family, in_iface, src, dst, ...upper, ...frame };
}

function ends(pool: Pool, random: Prng): Partial<ProbeLine> {
  const [device, other] = [anyDevice(pool, random), anyDevice(pool, random)];
  const nets = pool.family === 4 ? [device.net.replace(/0\/.*/, '255'), device.net.replace(/\/.*/, '')] : [];
  const special =
    pool.family === 4
      ? ['0.0.0.0', '127.0.0.1', '127.0.0.9', '224.0.0.5', '255.255.255.255', '240.0.0.1', '0.1.2.3', '169.254.3.3']
      : ['::', '::1', 'ff02::1', 'ff05::2', 'fe80::5', '::ffff:10.0.0.1', '2002::1', 'fec0::1'];
  const from = random.pick([random.pick(device.own), random.pick(other.own), ...nets, ...special]);
  const to = random.pick([random.pick(other.own), ...nets, ...special]);
  if (random.chance(0.4)) return { src: from };
  return random.chance(0.5) ? { dst: to } : { src: from, dst: to };
}

function message({ family }: Pool, random: Prng): Partial<ProbeLine> {
  const four = [0, 8, 9, 10, 13, 14, 15, 17, 18, 30, 42];
  const six = [128, 129, 133, 135, 136, 137, 131, 132, 139, 140, 143, 200];
  const proto = family === 4 ? 'icmp' : 'ipv6-icmp';
  const types = family === 4 ? four : six;
  const icmp_type = types[random.below(types.length)] ?? 0;
  const id = withId[protoNumber(proto)]?.has(icmp_type) ? { icmp_id: 7 } : {};
  return { proto, icmp_type, icmp_code: random.pick([0, 0, 1]), ...id };
}

function wordAfter(text: string, name: string): string | undefined {
  return new RegExp(`${name} (\\S+)`).exec(text)?.[1];
}

/** An ICMP error about a packet of the connection as it left the node, or as it came. */
function aboutKnown(probe: ProbeLine, { text }: Line, pool: Pool, random: Prng): ProbeLine {
  const [src = '', dst = ''] = [wordAfter(text, '-s'), wordAfter(text, '-d')];
  const [sport, dport] = [Number(wordAfter(text, '--sport')), Number(wordAfter(text, '--dport'))];
  const [server, serverPort] = splitEnd(wordAfter(text, '--dst-nat') ?? dst, dport);
  const client = wordAfter(text, '--src-nat') ?? src;
  const proto = wordAfter(text, '-p') ?? 'udp';
  const quoted = random.pick([
    [src, sport, dst, dport],
    [client, sport, server, serverPort],
    [server, serverPort, client, sport],
    [dst, dport, src, sport],
  ] as const);
  const inner: InnerPacket = {
    src: quoted[0],
    dst: quoted[2],
    proto,
    ...(proto.includes('icmp')
      ? { icmp_type: echoType(proto, quoted[0] === src || quoted[0] === client), icmp_code: 0, icmp_id: 7 }
      : { sport: quoted[1], dport: quoted[3] }),
  };
  const { sport: _, dport: __, ...rest } = probe;
  const error = pool.family === 4 ? random.pick([3, 11, 12, 4, 5]) : random.pick([1, 2, 3, 4]);
  return {
    ...rest,
    dst: random.chance(0.8) ? inner.src : (probe.dst ?? ''),
    src: random.chance(0.5) ? inner.dst : (probe.src ?? ''),
    proto: pool.family === 4 ? 'icmp' : 'ipv6-icmp',
    icmp_type: error,
    icmp_code: random.pick([0, 1, 3]),
    inner,
  };
}

function echoType(proto: string, asks: boolean): number {
  if (proto === 'icmp') return asks ? 8 : 0;
  return asks ? 128 : 129;
}

function splitEnd(text: string, port: number): readonly [string, number] {
  const [, six, at] = /^\[(.*)\]:(\d+)$/.exec(text) ?? [];
  if (six !== undefined) return [six, Number(at)];
  const [four = '', other] = text.includes('::') ? [text] : text.split(':');
  return [four, other === undefined ? port : Number(other)];
}

/** Pieces of which the rest never comes. */
function piece(random: Prng): Partial<ProbeLine> {
  if (random.chance(0.5)) return { mf: true, payload: 24, dport: random.pick(ports) };
  return { frag_off: random.pick([1, 10]), mf: random.chance(0.5), frag_body: '00500035'.repeat(8) };
}
