/** Tracked connections as `conntrack -L` and /proc/net/nf_conntrack show them. conntrack(8). */
import type { Family, Ip } from '../inet/ip.js';
import type { Row } from './dump.js';

/** One direction of a connection: struct nf_conntrack_tuple. `src` is who sends in that direction. */
export interface ConnTuple {
  readonly src: Ip;
  readonly dst: Ip;
  /** Ports, or null for protocols without. */
  readonly sport: number | null;
  readonly dport: number | null;
  /** Type, code and identifier of ICMP and ICMPv6, each null for other protocols. */
  readonly icmpType: number | null;
  readonly icmpCode: number | null;
  readonly icmpId: number | null;
}

/** One line of the table. The reply tuple is not the original one turned round where NAT is at work. */
export interface ConnEntry extends Row {
  readonly family: Family;
  /** Protocol number. */
  readonly proto: number;
  /** `SYN_SENT`, `ESTABLISHED`, …; null for protocols without. */
  readonly state: string | null;
  /** Seconds left; null where not shown. */
  readonly timeout: number | null;
  readonly original: ConnTuple;
  readonly reply: ConnTuple;
  /** `UNREPLIED`, `ASSURED`, `OFFLOAD`, … */
  readonly status: readonly string[];
  /** null: not shown. */
  readonly mark: number | null;
  /** Zone of both directions, or of one alone (`zoneOrig`, `zoneReply`); null: not shown, which means 0. */
  readonly zone: number | null;
  readonly zoneOrig: number | null;
  readonly zoneReply: number | null;
  /** As printed; null: none are shown. */
  readonly labels: string | null;
  /** What reads along in it (`ftp`) and may expect further connections; absent: nothing. */
  readonly helper?: string;
  /** Of GRE with a key: a call of PPTP, to which no other GRE belongs. */
  readonly isCall?: true;
  /** null where the kernel does not count what it carries (nf_conntrack_acct). */
  readonly packets: number | null;
  readonly bytes: number | null;
  readonly replyPackets: number | null;
  readonly replyBytes: number | null;
}
