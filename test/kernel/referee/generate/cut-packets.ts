/** Packets that end within the header of the upper layer, or within what an ICMP error quotes, and rules that want to read there. RFC 791, 8200, 792, 4443. */
import type { Prng } from '../../../bench/prng.js';
import type { Line, ProbeLine } from '../case.js';
import { bytesOfHex, cutUpper, hexOfBytes, protoNumber, upperBytes } from '../packet-bytes.js';
import { type Pool, ports } from './pool.js';
import { icmpOf } from './rule-parts.js';
import type { Widened } from './widening.js';

const protos = ['tcp', 'tcp', 'udp', 'udp', 'sctp', 'dccp', 'udplite', 'ah', 'esp', 'ipcomp', 'gre', '200'] as const;

export function cutPackets(pool: Pool, tool: 'legacy' | 'nft', random: Prng): Widened {
  const rules = Array.from({ length: 4 + random.below(6) }, (): Line => rule(pool, tool, random));
  return { rules, aim: (probe) => cut(probe, pool, random) };
}

const tables = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
} as const;

function rule(pool: Pool, tool: 'legacy' | 'nft', random: Prng): Line {
  const table = random.pick(['raw', 'mangle', 'mangle', 'filter'] as const);
  const chain = random.pick<string>(tables[table]);
  return { tool, table, text: `-A ${chain} ${asks(pool, random)} ${does(table, random)}`.trim() };
}

function asks(pool: Pool, random: Prng): string {
  const not = random.chance(0.25) ? '! ' : '';
  const port = random.pick(ports);
  const ported = random.pick(['tcp', 'udp', 'sctp', 'dccp'] as const);
  const icmp = pool.family === 4 ? '-p icmp -m icmp' : '-p ipv6-icmp -m icmp6';
  return random.pick([
    `-p ${ported} -m ${ported} ${not}--${random.pick(['sport', 'dport'])} ${random.pick([`${port}`, '0', '1:65535', '0:50'])}`,
    `-p ${random.pick(['tcp', 'udp', 'udplite', 'sctp', 'dccp'])} -m multiport ${not}--${random.pick(['ports', 'dports', 'sports'])} ${port},0`,
    `-p tcp -m tcp ${not}${random.pick(['--syn', '--tcp-flags ALL NONE', '--tcp-flags SYN SYN', '--tcp-option 2'])}`,
    '-p tcp -m tcpmss --mss 0:65535',
    `-p sctp -m sctp ${not}--chunk-types ${random.pick(['any', 'all', 'only'])} INIT`,
    `-p dccp -m dccp ${not}--dccp-types REQUEST`,
    `-p esp -m esp ${not}--espspi ${random.pick(['0:4096', '4096'])}`,
    `-p ah -m ah ${not}--ahspi ${random.pick(['0:4096', '4096'])}`,
    `-p ipcomp -m ipcomp ${not}--ipcompspi ${random.pick(['0:255', '256', '1 --compres'])}`,
    `${icmp} ${not}--icmp${pool.family === 4 ? '' : 'v6'}-type ${random.pick(pool.family === 4 ? ['8', '3', 'any'] : ['128', '1', '1/4'])}`,
    `-p ${random.pick(['tcp', 'udp', 'sctp', icmpOf(pool)])} -m connlimit --connlimit-above 0`,
    `-p tcp -m ecn ${not}--ecn-tcp-ece`,
    `-m length ${not}--length 0:${random.pick([20, 28, 40, 48])}`,
    `-m conntrack ${not}--ctstate ${random.pick(['NEW', 'INVALID', 'RELATED'])}`,
    `-m conntrack ${not}--ctorigdstport ${port}`,
    `-m u32 --u32 "0>>16&0xffff=0:${random.pick([24, 40, 65535])}"`,
    '-p tcp',
    `${not}-p udp`,
  ]);
}

function does(table: string, random: Prng): string {
  const refuses = table === 'filter' ? ['-j REJECT', '-j DROP', '-j ACCEPT'] : ['-j ACCEPT'];
  const changes =
    table === 'mangle' ? ['-j MARK --set-mark 1', '-j TOS --set-tos 0x10', '-j CONNMARK --save-mark'] : [];
  return random.pick(['', '', '', ...refuses, ...changes]);
}

const bySockets: ReadonlySet<number> = new Set([1, 6, 17, 58]);

/** Less is there than the header would take. */
function cut(probe: ProbeLine, pool: Pool, random: Prng): ProbeLine {
  if ((probe.kind !== 'ingress' && probe.kind !== 'output') || random.chance(0.2)) return probe;
  const { tcp_flags = 'SYN', length: _, payload: __, next_header: ___, frag_body: ____, frag_off, mf, ...rest } = probe;
  if (frag_off !== undefined || mf === true) return probe;
  const upper = drawn(rest, pool, tcp_flags, random);
  // What a process sends short comes from a raw socket, and the kernel writes no headers of these short.
  if (probe.kind === 'output' && bySockets.has(protoNumber(upper.proto))) return probe;
  const any = pool.family === 4 ? '0.0.0.0' : '::';
  const ends = { family: pool.family, src: upper.src ?? any, dst: upper.dst ?? any };
  const whole = upper.frag_body === undefined ? upperBytes(ends, upper) : bytesOfHex(upper.frag_body);
  const body = random.chance(0.3) ? random.pick([0, 1, 2, 3, 4, 7, 8, 12]) : random.below(whole.length + 1);
  const short = { ...upper, length: (pool.family === 4 ? 20 : 40) + Math.min(body, whole.length) };
  // How far the options of TCP were to go, the bytes alone tell.
  const told = probe.kind === 'ingress' && random.chance(0.3);
  const tells = upper.frag_body !== undefined || upper.proto === 'tcp' || told;
  return tells && upper.inner === undefined ? { ...short, frag_body: hexOfBytes(cutUpper(ends, short, whole)) } : short;
}

function drawn(probe: ProbeLine, pool: Pool, tcp_flags: string, random: Prng): ProbeLine {
  if (protoNumber(probe.proto) === 1 || protoNumber(probe.proto) === 58) return probe;
  const { icmp_type: _, icmp_code: __, icmp_id: ___, inner: ____, ...rest } = probe;
  const proto = random.pick(protos);
  const ends = { sport: random.pick([4000, 40000]), dport: random.pick(ports) };
  const flags = proto === 'tcp' ? { tcp_flags } : {};
  const given = proto === '200' || proto === 'ipcomp' ? { frag_body: '00'.repeat(4) } : {};
  const next = proto === 'ah' && pool.family === 6 ? { next_header: 59 } : {};
  return { ...rest, proto, ...ends, ...flags, ...given, ...next };
}
