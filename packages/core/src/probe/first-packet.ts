/** The packet of a probe as the kernel holds it when it begins. include/linux/skbuff.h; net/ethernet/eth.c eth_type_trans. */
import { isBroadcastMac, isGroupMac, type Mac, sameMac } from '../inet/mac.js';
import { proto } from '../inet/proto.js';
import { endsBefore } from '../packet/cut.js';
import { lengthOf } from '../packet/layout.js';
import { untouched } from '../packet/new-packet.js';
import { draftSkb, type Skb, tcpFlag } from '../packet/skb.js';
import { linkOf } from '../path/frame.js';
import { localPorts } from '../path/local-ports.js';
import type { Place } from '../path/place.js';
import type { ProbePacket } from './question.js';

const mss = 1460;

/** Where the segment size of a SYN ends. */
const mssEnd = 24;

/** Where the id of an ICMP message ends. */
const icmpIdEnd = 6;

/** A packet that comes in by a device. */
export function enteringPacket(place: Place, packet: ProbePacket, iif: string): Skb {
  const own = macOf(place, iif);
  const dstMac = packet.dstMac ?? own;
  const unaltered = packet.unaltered ?? undefined;
  const skb = draftSkb(headersOf(packet));
  skb.srcMac = packet.srcMac ?? own;
  skb.dstMac = dstMac;
  skb.pktType = frameKind(dstMac, own);
  skb.unaltered = unaltered;
  return skb;
}

/** A packet that a process sends. What options its TCP adds is its own affair, so the length of a SYN is not known; its identification is the kernel's choice. */
export function sentPacket(place: Place, packet: ProbePacket, uid: number, oif: string | null): Skb {
  const skb = draftSkb(headersOf(packet));
  skb.owner = oif === null ? { uid, gid: uid } : { uid, gid: uid, dev: oif };
  if (packet.proto === proto.tcp) skb.length = packet.length;
  if (skb.openPort === 'sport') skb.openPorts = localPorts(place) ?? undefined;
  return skb;
}

function headersOf(packet: ProbePacket): Skb {
  const { family, fragment, body, quoted, icmp, tcpFlags } = packet;
  const headless = fragment !== null && fragment.offset > 0;
  const isTcp = packet.proto === proto.tcp && !headless;
  const length = packet.length ?? knownLength(packet);
  const extensions = packet.extensions?.length ? packet.extensions : undefined;
  const shape = { family, length, extensions, fragment };
  // Behind the end of the packet nothing stands.
  const sport = endsBefore(shape, 2) ? null : packet.sport;
  const dport = endsBefore(shape, 4) ? null : packet.dport;
  return {
    family,
    src: packet.src ?? { ...packet.dst, a: 0, b: 0, c: 0, d: 0 },
    dst: packet.dst,
    proto: packet.proto,
    sport,
    dport,
    tcp: isTcp ? { flags: tcpFlags, mss: tcpFlags & tcpFlag.SYN && !endsBefore(shape, mssEnd) ? mss : null } : null,
    icmp: icmp !== null && endsBefore(shape, icmpIdEnd) ? { ...icmp, id: null } : icmp,
    fragment,
    ttl: packet.ttl,
    tos: packet.tos,
    length,
    ...untouched,
    mark: packet.mark,
    // The port of a socket that is bound to none is the kernel's choice.
    openPort: dport !== null && sport === null ? 'sport' : undefined,
    quoted: quoted ?? undefined,
    extensions,
    body: body ?? undefined,
  };
}

/** What a quoted packet adds to an ICMP error is not told, nor what a later fragment holds whose bytes are not given. */
function knownLength(packet: ProbePacket): number | null {
  const { family, proto: upper, tcpFlags, payload, fragment, body, quoted, extensions } = packet;
  const later = fragment !== null && fragment.offset > 0;
  if (body === null && (quoted !== null || later || extensions?.length !== 0)) return null;
  return lengthOf({ family, proto: upper, tcpFlags, payload, fragment: fragment !== null, body: body?.length ?? null });
}

export function macOf(place: Place, dev: string): Mac | null {
  return linkOf(place, dev)?.mac ?? null;
}

function frameKind(dst: Mac | null, own: Mac | null): Skb['pktType'] {
  if (dst === null || own === null) return 'host';
  if (isBroadcastMac(dst)) return 'broadcast';
  if (isGroupMac(dst)) return 'multicast';
  return sameMac(dst, own) ? 'host' : 'otherhost';
}
