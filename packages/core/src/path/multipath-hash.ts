/**
 * The hash by which IPv4 chooses among the ways of a route, where nothing of it is secret: net.ipv4.fib_multipath_hash_seed is set (since Linux 6.11; without it
 * the seed is drawn at boot). net/ipv4/route.c fib_multipath_hash, net/core/flow_dissector.c __flow_hash_consistentify.
 */
import type { Ip } from '../inet/ip.js';
import { proto } from '../inet/proto.js';
import { readsPackets } from '../route/policy-rules.js';
import type { RouteQuestion } from '../route/question.js';
import { siphash } from '../route/siphash.js';
import { type Place, sysctl } from './place.js';

/** Where the fields of a flow stand in what is hashed, and how long that is with IPv4 addresses (struct flow_keys). */
const at = { proto: 2, sport: 28, dport: 30, src: 36, dst: 40, end: 48 } as const;

/** Of 31 bits; null: nothing tells. */
export function multipathHash(place: Place, question: RouteQuestion): number | null {
  if (question.family !== 4) return null;
  const number = (key: string) => Number(sysctl(place, `net/ipv4/${key}`).value ?? Number.NaN);
  const seed = number('fib_multipath_hash_seed');
  if (!(seed > 0) || isBigEndian(place)) return null;
  switch (number('fib_multipath_hash_policy')) {
    case 0:
      return byAddresses(question, seed);
    case 1:
      return isUnread(place, question)
        ? hashOf(wordOf(question.src), wordOf(question.dst), 0, 0, 0, seed)
        : byPorts(question, seed);
    default:
      return null;
  }
}

/**
 * May a packet of the node that is routed again have another hash than the flow had when it was sent? Without ports if no rule asks for them; and IPv6 hashes
 * the label that the packet has got meanwhile. net/ipv4/netfilter.c ip_route_me_harder, net/ipv6/netfilter.c ip6_route_me_harder.
 */
export function isHashedAnew(place: Place, question: RouteQuestion): boolean {
  const { family, iif, ofPacket } = question;
  if (ofPacket !== true || iif !== null) return false;
  const { value, known } = sysctl(place, `net/ipv${family}/fib_multipath_hash_policy`);
  switch (value ?? (known ? '0' : null)) {
    case '0':
      return family === 6;
    case '1':
      return isUnread(place, question);
    default:
      return true;
  }
}

/** A packet of the node that is routed again has ports for the rules, or none. */
function isUnread(place: Place, { ofPacket, iif, family }: RouteQuestion): boolean {
  return ofPacket === true && iif === null && !readsPackets(place, family);
}

/** Words are compared in the order of the machine. */
function isBigEndian({ node }: Place): boolean {
  return /^(?:s390|ppc64$|sparc|mips(?!.*el))/.test(node.kernel?.machine ?? '');
}

/** An ICMP error that is passed on takes the way of the packet it quotes. */
function byAddresses({ src, dst, iif, proto: number }: RouteQuestion, seed: number): number | null {
  if (iif !== null && (number === proto.icmp || number === null)) return null;
  return hashOf(wordOf(src), wordOf(dst), 0, 0, 0, seed);
}

/** Of what comes in the network card may have made a hash of its own. A port that is not chosen yet is drawn for the question. */
function byPorts({ src, dst, iif, proto: number, sport, dport, openPort }: RouteQuestion, seed: number): number | null {
  if (iif !== null || openPort !== undefined || sport === null || dport === null || sport === 0) return null;
  if (number !== proto.tcp && number !== proto.udp) return null;
  return hashOf(wordOf(src), wordOf(dst), sport, dport, number, seed);
}

function wordOf(ip: Ip | null): number {
  return ip?.family === 4 ? ip.a : 0;
}

/** Both directions of a flow have one hash: of its addresses and ports the lesser stands first, as a little-endian machine reads them. */
function hashOf(src: number, dst: number, sport: number, dport: number, l4: number, seed: number): number {
  const bytes = new Uint8Array(at.end);
  const view = new DataView(bytes.buffer);
  bytes[at.proto] = l4;
  view.setUint16(at.sport, sport);
  view.setUint16(at.dport, dport);
  view.setUint32(at.src, src);
  view.setUint32(at.dst, dst);
  if (view.getUint32(at.dst, true) < view.getUint32(at.src, true)) {
    view.setUint32(at.src, dst);
    view.setUint32(at.dst, src);
  }
  if (view.getUint16(at.dport, true) < view.getUint16(at.sport, true)) {
    view.setUint16(at.sport, dport);
    view.setUint16(at.dport, sport);
  }
  const key = (BigInt(seed) << 32n) | BigInt(seed);
  const hash = Number(siphash(bytes, key, key) & 0xffff_ffffn);
  return (hash === 0 ? 1 : hash) >>> 1;
}
