/** A packet on its way through one node: what its headers say and what the kernel remembers about it. include/linux/skbuff.h. */
import type { Family, Ip } from '../inet/ip.js';
import type { Mac } from '../inet/mac.js';
import type { Mark } from '../inet/mark.js';
import type { SetChange } from '../ipset/changed.js';
import type { IpvsMark } from '../ipvs/connection.js';
import type { SeenChange } from '../netfilter/seen.js';
import type { ConnTuple } from '../snapshot/conntrack.js';

/** Bits of the TCP flags byte, as `--tcp-flags` names them. */
export const tcpFlag = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16, URG: 32, ECE: 64, CWR: 128 } as const;

/** What rules and connection tracking look at of a TCP header. RFC 9293. */
export interface TcpHeader {
  /** Bits of `tcpFlag`. */
  readonly flags: number;
  /** MSS option; null without. */
  readonly mss: number | null;
  /** It announces one, and which is not known; `mss` is null then. */
  readonly openMss?: true;
  /** Whether it asks for ECN (ECE and CWR beside SYN) is not known. */
  readonly openEcn?: true;
  /** TCPOPTSTRIP has put four bytes of padding in the place of its MSS. */
  readonly stripped?: true;
  /** false: it may have other options too, as what the kernel itself sends. */
  readonly plain?: false;
}

/** The first bytes of an ICMP or ICMPv6 message. RFC 792, RFC 4443. */
export interface IcmpHeader {
  readonly type: number;
  readonly code: number;
  /** Identifier of an echo request or reply and the like; null where the type has none, or nothing is said of it. */
  readonly id: number | null;
}

/** The packet that an ICMP error quotes, as far as its headers say who sent it to whom. */
export interface QuotedPacket {
  readonly src: Ip;
  readonly dst: Ip;
  readonly proto: number;
  readonly sport: number | null;
  readonly dport: number | null;
  readonly icmp: IcmpHeader | null;
}

/** Fields of the IP header that no table changes; null: not told. */
export interface Unaltered {
  /** Identification and DF of IPv4. */
  readonly id: number | null;
  readonly df: boolean | null;
  /** Of IPv6. */
  readonly flowLabel: number | null;
}

/** The packet's state as `-m conntrack --ctstate` names it. include/uapi/linux/netfilter/nf_conntrack_common.h. */
export type CtState = 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID' | 'UNTRACKED';

/** The zone in which a connection's tuple counts, per direction; 0 unless a rule says otherwise. */
export interface ConnZone {
  readonly original: number;
  readonly reply: number;
}

/** From the first to the last port (or ICMP id) that the kernel may draw. */
export type Drawn = readonly [first: number, last: number];

/** What the packets of one direction add up to; `bytes` null: the length of one of them is not known. */
export interface Traffic {
  readonly packets: number;
  readonly bytes: number | null;
}

/** The connection the packet belongs to, as conntrack matches see it at this place. */
export interface Connection {
  readonly direction: 'original' | 'reply';
  readonly proto: number;
  readonly original: ConnTuple;
  readonly reply: ConnTuple;
  readonly zone: ConnZone;
  readonly mark: number;
  /** In the table: from the end of the first packet's last hook on. */
  readonly confirmed: boolean;
  readonly seenReply: boolean;
  /** null: not known. */
  readonly assured: boolean | null;
  /** The tuples differ on that side. */
  readonly srcNat: boolean;
  readonly dstNat: boolean;
  /** Sides on which NAT is decided for good: the nat tables are not asked again. */
  readonly settled: { readonly src: boolean; readonly dst: boolean };
  /** Where TCP's state machine stands, as `conntrack -L` names it; null for other protocols. */
  readonly tcpState: string | null;
  /** A helper had announced it. null: not known. */
  readonly expected: boolean | null;
  /** It was deleted while this packet, its last one, was looked at. */
  readonly deleted?: true | undefined;
  /** Its packets so far, with the one that is looked at; null: they are not counted; absent: not known. */
  readonly carried?: { readonly original: Traffic; readonly reply: Traffic } | null | undefined;
  /** On which sides its port is the kernel's own choice; the tuples lack it then. */
  readonly drawn?: { readonly src?: Drawn; readonly dst?: Drawn } | undefined;
}

/** What a CT rule of table raw lays down for the connection that is about to be made. */
export interface ConnTemplate {
  readonly zone: { readonly id: number | 'mark'; readonly direction: 'both' | 'orig' | 'reply' } | null;
  /** Its own mark: the bits under the mask are known. Rules that change it change it for the packets to come. */
  readonly mark: Mark;
}

/** A socket that takes a packet, as far as rules ask about it. */
export interface OpenSocket {
  /** Bound to no address; null: not known. */
  readonly wildcard: boolean | null;
  /** null: not known. */
  readonly transparent: boolean | null;
}

/** A packet in one namespace, at one place of its way. It never changes: each step makes a copy (`alter`). */
export interface Skb {
  readonly family: Family;
  readonly src: Ip;
  readonly dst: Ip;
  /** Upper-layer protocol number. */
  readonly proto: number;
  /** Extension headers of IPv6 in front of it, less that of fragments; absent: none. */
  readonly extensions?: readonly number[] | undefined;
  /** Ports of tcp, udp, udplite, sctp, dccp; null for other protocols and for fragments without that header. */
  readonly sport: number | null;
  readonly dport: number | null;
  readonly tcp: TcpHeader | null;
  readonly icmp: IcmpHeader | null;
  /** What an ICMP error quotes; absent where the packet is none, or nothing was said of it. */
  readonly quoted?: QuotedPacket | undefined;
  /** Bytes behind the IP header (of a fragment: behind the fragment header too), where the question gives them. */
  readonly body?: Uint8Array | undefined;
  /** Absent: nothing is told of them. */
  readonly unaltered?: Unaltered | undefined;
  /** Offset in 8-byte units; null when the packet is whole. */
  readonly fragment: { readonly offset: number; readonly more: boolean } | null;
  /** Hop limit of IPv6. */
  readonly ttl: number;
  /** The whole byte: DSCP and ECN; traffic class of IPv6. */
  readonly tos: number;
  /** Bytes from the IP header on; null when the question does not say. */
  readonly length: number | null;
  readonly mark: number;
  /** Device the packet came in by or leaves by; null where there is none. */
  readonly iif: string | null;
  readonly oif: string | null;
  /** Ports of a bridge that the frame came in and leaves by, where br_netfilter shows it to rules; null elsewhere (`-m physdev`). */
  readonly physIn: string | null;
  readonly physOut: string | null;
  readonly srcMac: Mac | null;
  readonly dstMac: Mac | null;
  /** Link-layer kind of the frame. */
  readonly pktType: 'host' | 'broadcast' | 'multicast' | 'otherhost' | 'loopback';
  /** Owner of the sending socket; null: no socket. `dev`: the device the socket is bound to. */
  readonly owner: { readonly uid: number; readonly gid: number; readonly dev?: string } | null;
  /** The socket that TPROXY has handed it to. */
  readonly socket?: OpenSocket | undefined;
  /** It answers a packet that a process of this node has sent from there. */
  readonly asker?: { readonly ip: Ip; readonly port: number | null } | undefined;
  /** The port that the kernel chose at random, and nothing tells which; the field of that name is null then. `both`: of a socket that has not sent yet. */
  readonly openPort?: 'sport' | 'dport' | 'both' | undefined;
  /** Where it lies if nothing translates it; absent: anywhere. */
  readonly openPorts?: Drawn | undefined;
  /** Set by a CT rule, for the lookup behind table raw. */
  readonly template?: ConnTemplate | undefined;
  /** The MTU that the route out has of its own; absent or null: none. */
  readonly outMtu?: number | null | undefined;
  /** Realms of the route it has, source above destination; absent: not known. Nobody asks where no route has one. */
  readonly realm?: number | undefined;
  /** What rules have done to sets on its way so far. */
  readonly setChanges?: readonly SetChange[] | undefined;
  /** And to lists of `-m recent`. */
  readonly seen?: readonly SeenChange[] | undefined;
  /** What IPVS did to it in this namespace; absent or null: nothing. */
  readonly ipvs?: IpvsMark | null | undefined;
  readonly ctState: CtState;
  /** null when INVALID or UNTRACKED. */
  readonly ct: Connection | null;
}

/**
 * The packet with some fields changed. Every field is copied by name: such copies are many times cheaper than a spread, and all have one shape.
 * A field that may be absent is declared with `| undefined`, so that none can be forgotten here.
 */
export function alter(skb: Skb, changes: Partial<Skb>): Skb {
  return Object.assign(draftSkb(skb), changes);
}

/** A draft of a packet of which a namespace knows nothing yet: no device, no connection, no socket. */
export function unknownSkb(skb: Skb, mark: number): ReturnType<typeof draftSkb> {
  const copy = draftSkb(skb);
  copy.template = undefined;
  copy.socket = undefined;
  copy.asker = undefined;
  copy.outMtu = undefined;
  copy.realm = undefined;
  copy.iif = null;
  copy.oif = null;
  copy.physIn = null;
  copy.physOut = null;
  copy.mark = mark;
  copy.ipvs = null;
  copy.ctState = 'INVALID';
  copy.ct = null;
  return copy;
}

/** The packet as it leaves by a device. */
export function towardsDevice(skb: Skb, oif: string | null): Skb {
  const copy = draftSkb(skb);
  copy.oif = oif;
  return copy;
}

/** The packet as part of a connection. */
export function withConnection(skb: Skb, ct: Connection | null): Skb {
  const copy = draftSkb(skb);
  copy.ct = ct;
  return copy;
}

/** A copy that nobody else has seen yet, to be written to: where every packet passes, that is several times cheaper than `alter`. */
export function draftSkb(skb: Skb): { -readonly [Field in keyof Required<Skb>]: Skb[Field] } {
  return {
    family: skb.family,
    src: skb.src,
    dst: skb.dst,
    proto: skb.proto,
    extensions: skb.extensions,
    sport: skb.sport,
    dport: skb.dport,
    tcp: skb.tcp,
    icmp: skb.icmp,
    quoted: skb.quoted,
    body: skb.body,
    unaltered: skb.unaltered,
    fragment: skb.fragment,
    ttl: skb.ttl,
    tos: skb.tos,
    length: skb.length,
    mark: skb.mark,
    iif: skb.iif,
    oif: skb.oif,
    physIn: skb.physIn,
    physOut: skb.physOut,
    srcMac: skb.srcMac,
    dstMac: skb.dstMac,
    pktType: skb.pktType,
    owner: skb.owner,
    socket: skb.socket,
    asker: skb.asker,
    openPort: skb.openPort,
    openPorts: skb.openPorts,
    template: skb.template,
    outMtu: skb.outMtu,
    realm: skb.realm,
    setChanges: skb.setChanges,
    seen: skb.seen,
    ipvs: skb.ipvs,
    ctState: skb.ctState,
    ct: skb.ct,
  };
}

/** The connection with some fields changed, copied like a packet. */
export function alterConnection(ct: Connection, changes: Partial<Connection>): Connection {
  return Object.assign(draftConnection(ct), changes);
}

/** A copy that nobody else has seen yet. */
export function draftConnection(ct: Connection): {
  -readonly [Field in keyof Required<Connection>]: Connection[Field];
} {
  return {
    direction: ct.direction,
    proto: ct.proto,
    original: ct.original,
    reply: ct.reply,
    zone: ct.zone,
    mark: ct.mark,
    confirmed: ct.confirmed,
    seenReply: ct.seenReply,
    assured: ct.assured,
    srcNat: ct.srcNat,
    dstNat: ct.dstNat,
    settled: ct.settled,
    tcpState: ct.tcpState,
    expected: ct.expected,
    deleted: ct.deleted,
    carried: ct.carried,
    drawn: ct.drawn,
  };
}
