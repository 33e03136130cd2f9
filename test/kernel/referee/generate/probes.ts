/** Random probes around the addresses and ports that the rules of a case know. */
import type { Prng } from '../../../bench/prng.js';
import type { ProbeLine } from '../case.js';
import { cutUpper, hexOfBytes, identification, ipPacket, protoNumber, upperBytes } from '../packet-bytes.js';
import { anyDevice, anyHost, type Pool, ports } from './pool.js';

export interface ProbeTaste {
  readonly fragments: boolean;
}

export function randomProbes(pool: Pool, taste: ProbeTaste, count: number, random: Prng): readonly ProbeLine[] {
  const probes: ProbeLine[] = [];
  for (let at = 0; at < count; at++) {
    const id = `p${at}`;
    const last = probes.at(-1);
    const roll = random.unit();
    if (last !== undefined && last.kind !== 'reply' && repliable(last) && roll < 0.2) {
      probes.push({ id, kind: 'reply', family: pool.family, of: last.id, ...lengthOfAnswer(last) });
    } else if (roll < 0.68) probes.push(withLength(ingress(id, pool, taste, random)));
    else if (roll < 0.9) probes.push(withLength(output(id, pool, random)));
    else probes.push(asked(id, pool, random));
  }
  return probes;
}

/**
 * What UDP carries is given: nothing but NAT changes it on the way. Its checksum is that of the addresses, which are to stay from here on. `all`: of every
 * packet that comes in all is told that its frame holds; of one with a payload, whether it may be cut up.
 */
export function withBytes(probe: ProbeLine, all: boolean): ProbeLine {
  const { family, kind, src = '', dst = '', proto, frag_body, frag_off, mf, length, next_header, df = false } = probe;
  if (kind !== 'ingress') return probe;
  const header = family === 4 ? { ip_id: identification, df } : { flow_label: 0 };
  const cut = frag_off !== undefined || mf === true;
  const long = family === 4 && (probe.payload ?? 0) > 0 ? { df } : {};
  const told = cut ? probe : { ...probe, ...(all ? header : long) };
  const given = frag_body !== undefined || (frag_off ?? 0) > 0 || next_header !== undefined;
  const carries = !cut && length === undefined && (probe.payload ?? 0) > 0 && protoNumber(proto) === 17;
  if (given || !(all || carries)) return told;
  const ends = { family, src, dst };
  return { ...told, frag_body: hexOfBytes(cutUpper(ends, probe, upperBytes(ends, probe))) };
}

/** A header that may have any length has the one that an answer is sent with. */
function lengthOfAnswer({ family, proto }: ProbeLine): Pick<ProbeLine, 'length'> {
  const number = protoNumber(proto);
  if ([1, 6, 17, 58, 136].includes(number)) return {};
  const any = family === 4 ? '0.0.0.0' : '::';
  const ends = { family, src: any, dst: any };
  return {
    length: ipPacket(ends, number, upperBytes(ends, { family, ...(proto === undefined ? {} : { proto }) }), {}).length,
  };
}

/** What was aimed elsewhere may carry another protocol, and so its answer another header. */
export function answered(probes: readonly ProbeLine[]): readonly ProbeLine[] {
  return probes.map(({ length, ...probe }) => {
    const of = probe.kind === 'reply' ? probes.find(({ id }) => id === probe.of) : undefined;
    if (of !== undefined) return { ...probe, ...lengthOfAnswer(of) };
    return length === undefined ? probe : { ...probe, length };
  });
}

/** Said where the other fields do not: what a protocol's header is made of is the sender's choice. */
function withLength(probe: ProbeLine): ProbeLine {
  const proto = protoNumber(probe.proto);
  const plain = probe.inner === undefined && [1, 17, 58].includes(proto);
  const settled = proto === 6 || (probe.kind === 'ingress' && plain);
  if (settled || probe.frag_body !== undefined) return probe;
  const any = probe.family === 4 ? '0.0.0.0' : '::';
  const ends = { family: probe.family, src: probe.src ?? any, dst: probe.dst ?? any };
  return {
    ...probe,
    length:
      ipPacket(ends, proto, upperBytes(ends, probe), {}).length + (probe.mf === true && probe.family === 6 ? 8 : 0),
  };
}

/** Whether it ends before its header does, or what its header is made of. */
function isShort({ family, src, dst, length, ...probe }: ProbeLine): boolean {
  if (length === undefined) return false;
  const any = family === 4 ? '0.0.0.0' : '::';
  const ends = { family, src: src ?? any, dst: dst ?? any };
  return length < ipPacket(ends, protoNumber(probe.proto), upperBytes(ends, { family, ...probe }), {}).length;
}

/** To what there is one natural answer. */
export function repliable(probe: ProbeLine): boolean {
  const { kind, inner, frag_off, proto, tcp_flags = 'SYN', icmp_type = 8 } = probe;
  if (tcp_flags !== 'SYN' || (icmp_type !== 8 && icmp_type !== 128) || isShort(probe)) return false;
  return (
    (kind === 'ingress' || kind === 'output') &&
    inner === undefined &&
    frag_off === undefined &&
    typeof proto === 'string' &&
    proto !== 'gre'
  );
}

function ingress(id: string, pool: Pool, { fragments }: ProbeTaste, random: Prng): ProbeLine {
  const device = anyDevice(pool, random);
  const src = random.chance(0.8) ? random.pick(device.hosts) : anyHost(pool, random);
  const base = {
    id,
    kind: 'ingress',
    family: pool.family,
    in_iface: device.name,
    src,
    dst: destination(pool, random),
  } as const;
  const upper = upperOf(pool, random);
  const cut = fragments && random.chance(0.25) ? fragment(random) : {};
  return { ...base, ...upper, ...cut, ...marksOf(random), ...frameOf(pool, random) };
}

function destination(pool: Pool, random: Prng): string {
  const roll = random.unit();
  if (roll < 0.85) return anyHost(pool, random);
  if (pool.family === 6) return random.pick(['ff02::1', '2001:db8:9::9', 'fd00:0::99', '::1']);
  return random.pick([
    '224.0.0.1',
    '239.1.1.1',
    '255.255.255.255',
    '10.0.0.255',
    '127.0.0.1',
    '8.8.8.8',
    '10.1.0.0',
    '169.254.1.1',
  ]);
}

const flagSets = [
  'SYN',
  'SYN',
  'SYN',
  'SYN',
  'SYN,ACK',
  'ACK',
  'RST',
  'RST,ACK',
  'FIN,ACK',
  'FIN,PSH,URG',
  'PSH,ACK',
] as const;

type Upper = Partial<ProbeLine>;

function upperOf(pool: Pool, random: Prng): Upper {
  const pair = { sport: random.pick([4000, 40000, random.pick(ports)]), dport: random.pick(ports) };
  const payload = random.chance(0.3) ? { payload: random.pick([1, 20, 100, 600]) } : {};
  const roll = random.unit();
  if (roll < 0.38) return { proto: 'tcp', ...pair, tcp_flags: random.pick(flagSets) };
  if (roll < 0.72) return { proto: 'udp', ...pair, ...payload };
  if (roll < 0.88) return icmpOf(pool, random);
  if (roll < 0.93) return { proto: 'sctp', ...pair };
  return otherProto(random.pick(['gre', 'esp', 'ah', 'udplite', 'dccp', '200']), pair, pool);
}

/** What the frame holds where only its bytes tell: nothing behind an authentication header, zeros of a protocol without header. */
function otherProto(proto: string, pair: Upper, { family }: Pool): Upper {
  if (proto === '200') return { proto, ...pair, frag_body: '00'.repeat(20) };
  return { proto, ...pair, payload: 20, ...(proto === 'ah' && family === 6 ? { next_header: 59 } : {}) };
}

function icmpOf(pool: Pool, random: Prng): Upper {
  const proto = pool.family === 4 ? 'icmp' : 'ipv6-icmp';
  const echo = pool.family === 4 ? 8 : 128;
  if (random.chance(0.7)) return { proto, icmp_type: echo, icmp_code: 0, icmp_id: 7 };
  if (random.chance(0.3)) return { proto, icmp_type: pool.family === 4 ? 0 : 129, icmp_code: 0, icmp_id: 7 };
  const inner = {
    src: anyHost(pool, random),
    dst: anyHost(pool, random),
    proto: 'udp',
    sport: random.pick(ports),
    dport: random.pick(ports),
  };
  return { proto, icmp_type: pool.family === 4 ? 3 : 1, icmp_code: pool.family === 4 ? 3 : 4, inner };
}

/** A later fragment, or a first one. */
function fragment(random: Prng): Upper {
  if (random.chance(0.5)) return { mf: true, payload: 24 };
  return { frag_off: 10, mf: random.chance(0.5), frag_body: '00500035'.repeat(8) };
}

function marksOf(random: Prng): Upper {
  return {
    ...(random.chance(0.12) ? { ttl: random.pick([1, 2, 5, 255]) } : {}),
    ...(random.chance(0.12) ? { tos: random.pick([0x10, 0x08, 0xb8, 0x01]) } : {}),
  };
}

function frameOf(pool: Pool, random: Prng): Upper {
  const to = random.unit();
  const multicast = pool.family === 4 ? '01:00:5e:00:00:01' : '33:33:00:00:00:01';
  return {
    src_mac: random.chance(0.2) ? '02:00:00:00:ff:0a' : '02:00:00:00:ff:01',
    ...(to < 0.03
      ? { dst_mac: 'ff:ff:ff:ff:ff:ff' }
      : to < 0.05
        ? { dst_mac: multicast }
        : to < 0.06
          ? { dst_mac: '02:00:00:00:ee:ee' }
          : {}),
  };
}

/** Sockets of TCP keep the bits of ECN to themselves. */
function sentMarks(random: Prng): Upper {
  const { tos, ...rest } = marksOf(random);
  return tos === undefined ? rest : { ...rest, tos: tos & 0xfc };
}

function output(id: string, pool: Pool, random: Prng): ProbeLine {
  const { tcp_flags, inner, ...upper } = upperOf(pool, random);
  const wellMade = inner === undefined ? upper : { proto: 'udp', sport: 4000, dport: 53 };
  return {
    id,
    kind: 'output',
    family: pool.family,
    dst: random.chance(0.9) ? anyHost(pool, random) : destination(pool, random),
    ...wellMade,
    ...sentMarks(random),
    ...(random.chance(0.1) ? { mark: random.pick([1, 0x10, 0x4000]) } : {}),
    ...(random.chance(0.05) ? { oif: anyDevice(pool, random).name } : {}),
  };
}

function asked(id: string, pool: Pool, random: Prng): ProbeLine {
  const dst = random.chance(0.8) ? anyHost(pool, random) : destination(pool, random);
  const base = { id, family: pool.family, dst };
  if (random.chance(0.5)) return { ...base, kind: 'source', proto: 'udp' };
  const mark = random.chance(0.3) ? { mark: random.pick([1, 0x10, 0x4000]) } : {};
  const from = random.chance(0.3) ? { src: random.pick(anyDevice(pool, random).own) } : {};
  return { ...base, kind: 'routeget', ...mark, ...from, ...moreAsked(pool, random) };
}

/** By a device, as a packet that came in, of a protocol, of a user. */
function moreAsked(pool: Pool, random: Prng): Partial<ProbeLine> {
  const device = anyDevice(pool, random);
  const { name } = random.chance(0.1) ? { name: 'lo' } : device;
  const unit = random.unit();
  if (unit < 0.2) return { oif: name };
  if (unit < 0.45) return { in_iface: name, src: random.pick([...device.hosts, ...device.own, anyHost(pool, random)]) };
  if (unit < 0.55) return { proto: random.pick(['tcp', 'udp']), sport: 4000, dport: random.pick(ports) };
  if (unit < 0.6) return { tos: random.pick([0x10, 0xb8]) };
  if (unit < 0.65) return { uid: random.pick([0, 1000]) };
  return unit < 0.7 ? { dst: pool.family === 4 ? '0.0.0.0' : '::' } : {};
}
