/** Parts of random rules that packets of the pool really meet. iptables(8), iptables-extensions(8). */
import type { Prng } from '../../../bench/prng.js';
import { anyDevice, anyHost, anyPrefix, marks, type Pool, ports } from './pool.js';
import type { SetMade } from './sets.js';

export interface RulePlace {
  readonly pool: Pool;
  readonly table: string;
  /** The built-in chains that can reach this one; several for a user chain. */
  readonly hooks: readonly string[];
  readonly sets: readonly SetMade[];
  readonly random: Prng;
}

const not = (random: Prng, share = 0.2): string => (random.chance(share) ? '! ' : '');
export const icmpOf = (pool: Pool): string => (pool.family === 4 ? 'icmp' : 'ipv6-icmp');

/** Protocol and what asks about it: the words may hold `-m`. */
export function protoPart({ pool, random }: RulePlace): { readonly proto: string | null; readonly words: string } {
  const proto = random.pick([null, null, 'tcp', 'tcp', 'tcp', 'udp', 'udp', icmpOf(pool), 'sctp', '47']);
  if (proto === null) return { proto, words: '' };
  if (random.chance(0.06)) return { proto: null, words: `! -p ${proto}` };
  return { proto, words: [`-p ${proto}`, ofProto(proto, pool, random)].filter((part) => part !== '').join(' ') };
}

function ofProto(proto: string, pool: Pool, random: Prng): string {
  if (random.chance(0.35)) return '';
  switch (proto) {
    case 'tcp':
      return random.pick([portPart(proto, random), portPart(proto, random), multiport(random), tcpFlags(random)]);
    case 'udp':
      return random.pick([portPart(proto, random), portPart(proto, random), multiport(random)]);
    case 'sctp':
      return random.chance(0.5) ? portPart('sctp', random) : multiport(random);
    case 'icmp':
      return `-m icmp ${not(random)}--icmp-type ${random.pick(['8', '0', '3', '3/1', '11', 'any', '8/0'])}`;
    case 'ipv6-icmp':
      return `-m icmp6 ${not(random)}--icmpv6-type ${random.pick(['128', '129', '1', '1/4', '3'])}`;
    default:
      return pool.family === 4 && random.chance(0.3) ? '-m ttl --ttl-gt 5' : '';
  }
}

function portPart(proto: string, random: Prng): string {
  const port = random.pick(ports);
  const range = random.pick([`${port}`, `${port}`, `${port}`, '1024:65535', '50:90', ':1023', '8000:']);
  return `-m ${proto} ${not(random)}--${random.pick(['dport', 'dport', 'sport'])} ${range}`;
}

function multiport(random: Prng): string {
  const side = random.pick(['--dports', '--dports', '--sports', '--ports']);
  return `-m multiport ${not(random)}${side} ${random.pick(ports)},${random.pick(['1000:5000', '80', '443'])}`;
}

function tcpFlags(random: Prng): string {
  const words = random.pick([
    '--syn',
    'FIN,SYN,RST,ACK SYN',
    'SYN,RST SYN',
    'ALL NONE',
    'ALL FIN,PSH,URG',
    'ACK ACK',
    'RST RST',
  ]);
  return `-m tcp ${not(random)}${words.startsWith('--') ? words : `--tcp-flags ${words}`}`;
}

/** Addresses and devices. */
export function headerPart({ pool, hooks, random }: RulePlace): string {
  const words: string[] = [];
  if (random.chance(0.25)) words.push(`${not(random)}-s ${anyPrefix(pool, random)}`);
  if (random.chance(0.3)) words.push(`${not(random)}-d ${anyPrefix(pool, random)}`);
  const device = () => random.pick([anyDevice(pool, random).name, anyDevice(pool, random).name, 'eth+', 'lo']);
  const hasIn = hooks.every((hook) => hook !== 'OUTPUT' && hook !== 'POSTROUTING');
  const hasOut = hooks.every((hook) => hook !== 'INPUT' && hook !== 'PREROUTING');
  if (hasIn && random.chance(0.2)) words.push(`${not(random)}-i ${device()}`);
  if (hasOut && random.chance(0.2)) words.push(`${not(random)}-o ${device()}`);
  if (pool.family === 4 && random.chance(0.02)) words.push(`${not(random, 0.5)}-f`);
  return words.join(' ');
}

type Part = (place: RulePlace, proto: string | null) => string;

const anyTuple = (place: RulePlace): string => anyPrefix(place.pool, place.random);

const matchParts: readonly Part[] = [
  ({ random }) =>
    `-m conntrack ${not(random)}--ctstate ${random.pick(['NEW', 'NEW', 'ESTABLISHED,RELATED', 'INVALID', 'UNTRACKED', 'DNAT', 'SNAT', 'NEW,DNAT'])}`,
  ({ random }) =>
    `-m conntrack ${not(random)}--ctstate ${random.pick(['NEW', 'RELATED,ESTABLISHED', 'INVALID', 'DNAT'])}`,
  (place) =>
    `-m conntrack ${not(place.random)}--${place.random.pick(['ctorigsrc', 'ctorigdst', 'ctreplsrc', 'ctrepldst'])} ${anyTuple(place)}`,
  ({ random }) =>
    `-m conntrack ${not(random)}--${random.pick(['ctorigdstport', 'ctorigsrcport', 'ctreplsrcport'])} ${random.pick(ports)}`,
  ({ random }) => `-m conntrack --ctdir ${random.pick(['ORIGINAL', 'REPLY'])}`,
  ({ random }) =>
    `-m conntrack ${not(random)}--ctstatus ${random.pick(['NONE', 'CONFIRMED', 'SEEN_REPLY', 'ASSURED', 'CONFIRMED,ASSURED'])}`,
  ({ random }) => `-m state --state ${random.pick(['NEW', 'RELATED,ESTABLISHED', 'INVALID', 'NEW,UNTRACKED'])}`,
  ({ random }) => `-m mark ${not(random)}--mark ${markWord(random)}`,
  ({ random }) => `-m mark ${not(random)}--mark ${markWord(random)}`,
  ({ random }) => `-m connmark ${not(random)}--mark ${markWord(random)}`,
  (place) => addrtype(place),
  (place) => addrtype(place),
  ({ pool, random }) => range(pool, random),
  ({ random }) => `-m pkttype ${not(random)}--pkt-type ${random.pick(['unicast', 'broadcast', 'multicast'])}`,
  ({ pool, random }) =>
    `-m ${pool.family === 4 ? 'ttl --ttl' : 'hl --hl'}-${random.pick(['eq', 'lt', 'gt'])} ${random.pick([1, 5, 63, 64])}`,
  ({ random }) => `-m tos ${not(random)}--tos ${random.pick(['0x10', '0x00', '0xb8/0xfc', '0x08'])}`,
  ({ random }) => `-m dscp ${not(random)}--dscp ${random.pick(['0x00', '0x2e', '0x04'])}`,
  ({ random }) => `-m length ${not(random)}--length ${random.pick(['0:100', '28', '44', '48', '60:1500', '64'])}`,
  ({ random }) => `-m comment --comment ${random.pick(['x', '"two words"'])}`,
  ({ hooks, random }) =>
    hooks.every((hook) => hook === 'OUTPUT' || hook === 'POSTROUTING')
      ? `-m owner ${not(random)}${random.pick(['--uid-owner 0', '--gid-owner 0', '--uid-owner 1000', '--socket-exists'])}`
      : '',
  ({ hooks, random }) =>
    hooks.every((hook) => hook === 'PREROUTING' || hook === 'INPUT' || hook === 'FORWARD')
      ? `-m mac ${not(random)}--mac-source ${random.pick(['02:00:00:00:ff:01', '02:00:00:00:ff:0a'])}`
      : '',
  ({ hooks, random, table }) =>
    hooks.every((hook) => hook === 'PREROUTING') && (table === 'raw' || table === 'mangle')
      ? `-m rpfilter ${random.pick(['', '--loose ', '--validmark ', '--accept-local '])}${random.pick(['', '--invert'])}`.trim()
      : '',
  ({ sets, random }) => setPart(sets, random),
  ({ sets, random }) => setPart(sets, random),
  ({ sets, random }) => setPart(sets, random),
];

function markWord(random: Prng): string {
  return random.pick([
    `0x${random.pick(marks).toString(16)}`,
    '0x4000/0x4000',
    '0x0/0x4000',
    '0x0',
    '0x10/0xf0',
    '0x0/0xff',
  ]);
}

export function setPart(sets: readonly SetMade[], random: Prng): string {
  const reference = setReference(sets, random);
  if (reference === '') return '';
  const nomatch = reference.includes('net') && random.chance(0.1) ? ' --return-nomatch' : '';
  return `-m set ${not(random)}--match-set ${reference}${nomatch}`;
}

/** `NAME src,dst` of one of the sets; '' where there is none. */
export function setReference(sets: readonly SetMade[], random: Prng): string {
  const set = sets[random.below(Math.max(1, sets.length))];
  if (set === undefined) return '';
  const count = random.chance(0.9) ? set.dimensions : 1 + random.below(3);
  return `${set.name} ${Array.from({ length: count }, () => random.pick(['src', 'dst', 'dst'])).join(',')}`;
}

function addrtype({ pool, hooks, random }: RulePlace): string {
  const types =
    pool.family === 4
      ? ['LOCAL', 'LOCAL', 'UNICAST', 'BROADCAST', 'MULTICAST']
      : ['LOCAL', 'LOCAL', 'UNICAST', 'MULTICAST'];
  const type = types[random.below(types.length)] ?? 'LOCAL';
  const side = random.pick(['--dst-type', '--dst-type', '--src-type']);
  const canIn = hooks.every((hook) => hook === 'PREROUTING' || hook === 'INPUT' || hook === 'FORWARD');
  const canOut = hooks.every((hook) => hook === 'OUTPUT' || hook === 'POSTROUTING' || hook === 'FORWARD');
  const limit = [...(canIn ? [' --limit-iface-in'] : []), ...(canOut ? [' --limit-iface-out'] : [])];
  const limited = limit.length > 0 && random.chance(0.25) ? (limit[random.below(limit.length)] ?? '') : '';
  return `-m addrtype ${not(random)}${side} ${type}${limited}`;
}

function range(pool: Pool, random: Prng): string {
  const device = anyDevice(pool, random);
  const [low, high] = [device.hosts[0], device.hosts[random.below(device.hosts.length)] ?? device.hosts[0]];
  return `-m iprange ${not(random)}--${random.pick(['src', 'dst'])}-range ${low}-${high}`;
}

export function matchPart(place: RulePlace, proto: string | null): string {
  return matchParts[place.random.below(matchParts.length)]?.(place, proto) ?? '';
}

/** An address that nat may turn a packet to. */
export function natAddress(pool: Pool, random: Prng): string {
  return random.chance(0.15) ? random.pick(anyDevice(pool, random).own) : anyHost(pool, random);
}
