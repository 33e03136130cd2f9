/** The mark that HMARK makes of a packet or of its connection. net/netfilter/xt_HMARK.c hmark_pkt_set_htuple_ipv4, hmark_ct_set_htuple, hmark_hash. */
import { ported } from '../../conntrack/connection.js';
import { isIcmpError } from '../../conntrack/first-packet.js';
import { jhash2, scale } from '../../conntrack/jhash.js';
import { type Ip, ip4 } from '../../inet/ip.js';
import { applyMask, maskOf } from '../../inet/mask.js';
import { proto } from '../../inet/proto.js';
import { endsBefore, headerSize, hidesProtocol } from '../../packet/cut.js';
import { isBlindFragment, isExtension, isLaterFragment } from '../../packet/extension-headers.js';
import type { QuotedPacket, Skb } from '../../packet/skb.js';
import { numberAt, upperHeader } from '../../packet/upper-header.js';
import type { HmarkTarget } from './hmark.js';

/** Both ports, or the SPI, as one number of 32 bits; null: the packet has none; `open`: they are not known. */
type Ports = number | null | 'open';

interface Flow {
  readonly src: Ip;
  readonly dst: Ip;
  readonly proto: number;
  readonly ports: Ports;
}

/** Where the packet does not say what is hashed, zeros are. */
type Hashed = Flow | 'zeros' | 'unmarked' | 'open';

/** null: the packet keeps its mark; `open`: what is hashed is not known. */
export function hmarkOf(data: HmarkTarget, skb: Skb): number | null | 'open' {
  const flow = data.ct ? ofConnection(skb) : ofPacket(skb);
  if (flow === 'unmarked') return null;
  if (flow === 'open') return 'open';
  const ends = flow === 'zeros' ? [0, 0] : endsOf(data, flow);
  const ports = flow === 'zeros' ? 0 : portsOf(data, flow.ports);
  if (ports === 'open') return 'open';
  const protocol = flow === 'zeros' ? 0 : flow.proto & (data.protoMask ?? 0);
  const hash = (jhash2([...ends, ports], data.rnd) ^ protocol) >>> 0;
  return (scale(hash, data.mod) + (data.offset ?? 0)) >>> 0;
}

/** Under their masks, the lesser first, so that both directions of a flow get one mark. */
function endsOf({ srcPrefix, dstPrefix }: HmarkTarget, { src, dst }: Flow): readonly number[] {
  return [folded(src, srcPrefix ?? 0), folded(dst, dstPrefix ?? 0)].sort((x, y) => x - y);
}

function folded(ip: Ip, length: number): number {
  const { a, b, c, d } = applyMask(ip, maskOf(ip.family, length));
  return (a ^ b ^ c ^ d) >>> 0;
}

/** The greater port in the upper half. */
function portsOf(data: HmarkTarget, ports: Ports): number | 'open' {
  if (ports === null) return 0;
  const mask = data.spiMask ?? joined(data.sportMask ?? 0, data.dportMask ?? 0);
  const set = data.spi ?? joined(data.sport ?? 0, data.dport ?? 0);
  if (ports === 'open' && mask !== 0) return 'open';
  const value = (((ports === 'open' ? 0 : ports) & mask) | set) >>> 0;
  const [upper, lower] = [value >>> 16, value & 0xffff];
  return upper < lower ? joined(lower, upper) : value;
}

function joined(upper: number, lower: number): number {
  return ((upper << 16) | lower) >>> 0;
}

/** The tuples of what a CT rule lays down are empty. */
const template: Flow = { src: ip4(0), dst: ip4(0), proto: 0, ports: 0 };

/** The sender of each direction. */
function ofConnection({ ct, template: laid }: Skb): Hashed {
  if (ct === null) return laid === undefined ? 'unmarked' : template;
  const { original, reply, proto: protocol } = ct;
  const ends = { src: original.src, dst: reply.src, proto: protocol };
  if (protocol === proto.icmp) return { ...ends, ports: null };
  if (protocol === proto.icmpv6) return { ...ends, ports: joinedOr(original.icmpId, reply.icmpId, 'open') };
  if (protocol === proto.gre) return { ...ends, ports: 'open' };
  return { ...ends, ports: joinedOr(original.sport, reply.sport, ported.has(protocol) ? 'open' : 0) };
}

function joinedOr<Other>(upper: number | null, lower: number | null, other: Other): number | Other {
  return upper === null || lower === null ? other : joined(upper, lower);
}

function ofPacket(skb: Skb): Hashed {
  if (hidesProtocol(skb) || isBlindFragment(skb)) return 'zeros';
  const { family, src, dst, extensions, fragment } = skb;
  const authenticated = family === 6 && (skb.proto === proto.ah || extensions?.includes(proto.ah) === true);
  const protocol = authenticated ? proto.ah : skb.proto;
  if (!authenticated && isExtension(family, protocol)) return 'open';
  if (isMessage(family, protocol) && (family === 4 || fragment === null)) return ofMessage(skb);
  return { src, dst, proto: protocol, ports: fragment === null ? portsIn(skb, protocol) : null };
}

function isMessage(family: Skb['family'], protocol: number): boolean {
  return protocol === (family === 4 ? proto.icmp : proto.icmpv6);
}

/** An error counts as the packet that it quotes. */
function ofMessage(skb: Skb): Hashed {
  const { family, src, dst, icmp, quoted } = skb;
  if (isLaterFragment(skb)) return 'open';
  if (endsBefore(skb, headerSize.icmp) || !isIcmpError(skb) || (family === 6 && icmp?.type === 0))
    return { src, dst, proto: skb.proto, ports: null };
  return quoted === undefined ? 'open' : ofQuoted(quoted);
}

function ofQuoted({ src, dst, proto: protocol, sport, dport }: QuotedPacket): Hashed {
  if (isExtension(src.family, protocol)) return 'open';
  const ports = withPorts.has(protocol) ? joinedOr(sport, dport, 'open') : spiAt.has(protocol) ? 'open' : null;
  return { src, dst, proto: protocol, ports };
}

/** net/core/utils.c proto_ports_offset. */
const withPorts: ReadonlySet<number> = new Set([proto.tcp, proto.udp, proto.udplite, proto.sctp, proto.dccp]);
const spiAt: ReadonlyMap<number, number> = new Map([
  [proto.esp, 0],
  [proto.ah, 4],
]);

/** What ends before them has none. */
function portsIn(skb: Skb, protocol: number): Ports {
  if (withPorts.has(protocol)) return endsBefore(skb, headerSize.ports) ? null : joinedOr(skb.sport, skb.dport, 'open');
  const at = spiAt.get(protocol);
  if (at === undefined || endsBefore(skb, at + 4)) return null;
  const header = upperHeader(skb, at + 4);
  return header === null ? 'open' : numberAt(header, at, 4);
}
