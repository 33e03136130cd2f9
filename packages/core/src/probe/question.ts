/** What a probe asks: one packet at one place of a namespace, or one route. */
import type { Family, Ip } from '../inet/ip.js';
import type { Mac } from '../inet/mac.js';
import type { IcmpHeader, QuotedPacket, Unaltered } from '../packet/skb.js';

/** How a later probe, and the answer, name this one. */
export type ProbeId = string | number;

/** The headers of the packet that is asked about. */
export interface ProbePacket {
  readonly family: Family;
  /** null: routing chooses it. */
  readonly src: Ip | null;
  readonly dst: Ip;
  /** Of the upper layer. */
  readonly proto: number;
  /** Extension headers of IPv6 in front of it; null: what follows the one that the question names is not said. */
  readonly extensions: readonly number[] | null;
  /** As the question spells it; the answer repeats that. */
  readonly protoWord: string | number;
  readonly sport: number | null;
  readonly dport: number | null;
  readonly tcpFlags: number;
  readonly icmp: IcmpHeader | null;
  readonly mark: number;
  readonly ttl: number;
  readonly tos: number;
  /** Bytes from the IP header on; null: what the headers and the payload take. */
  readonly length: number | null;
  readonly payload: number;
  readonly srcMac: Mac | null;
  readonly dstMac: Mac | null;
  readonly fragment: { readonly offset: number; readonly more: boolean } | null;
  readonly body: Uint8Array | null;
  readonly quoted: QuotedPacket | null;
  /** null: nothing is told of these fields. */
  readonly unaltered: Unaltered | null;
}

/** What `ip route get` and an unbound socket ask. */
export interface ProbeRoute {
  readonly family: Family;
  readonly src: Ip | null;
  readonly dst: Ip;
  readonly iif: string | null;
  readonly oif: string | null;
  readonly mark: number;
  readonly tos: number;
  readonly proto: number | null;
  readonly sport: number | null;
  readonly dport: number | null;
  readonly uid: number;
}

/** What an answer may say differently from the packet that it answers. */
export interface ReplyChanges {
  readonly tcpFlags: number | null;
  readonly ttl: number;
  readonly tos: number;
  readonly mark: number;
  readonly length: number | null;
  readonly payload: number;
}

/** What one line asks. `iif` and `oif` are names of devices; `of` is the id of the earlier probe that a reply answers. */
export type Probe = { readonly id: ProbeId } & (
  | { readonly kind: 'ingress'; readonly packet: ProbePacket; readonly iif: string }
  | { readonly kind: 'output'; readonly packet: ProbePacket; readonly oif: string | null; readonly uid: number }
  | { readonly kind: 'routeget'; readonly route: ProbeRoute }
  | { readonly kind: 'source'; readonly route: ProbeRoute }
  | { readonly kind: 'reply'; readonly of: ProbeId; readonly changes: ReplyChanges }
);

/** A line that is no probe; `id` as far as it could be read. */
export interface ProbeError {
  readonly id: ProbeId | null;
  readonly error: string;
}
