/** Sockets as `ss` and `netstat` list them. ss(8). */
import type { Family, Ip } from '../inet/ip.js';
import type { Dump, Row } from './dump.js';

/** One socket of the namespace. */
export interface Socket extends Row {
  /** `tcp`, `udp`, `raw`, `sctp`, … */
  readonly protocol: string;
  /** `LISTEN`, `UNCONN`, `ESTAB`, … in ss's words. */
  readonly state: string;
  /** null: wildcard of the family, or of both (`*`). */
  readonly localIp: Ip | null;
  /** The device behind `%`: the socket is bound to it, or its address is link-local there. */
  readonly localZone: string | null;
  /** null: `*`, any. */
  readonly localPort: number | null;
  readonly peerIp: Ip | null;
  readonly peerPort: number | null;
  /** null: `*`, an IPv6 wildcard socket that also takes IPv4 unless it is v6-only. */
  readonly family: Family | null;
  /** `IP_TRANSPARENT` is set; absent where the listing does not show it. */
  readonly transparent?: boolean;
  /** Who holds it (`-p`); empty: not shown. */
  readonly processes: readonly { readonly name: string; readonly pid: number | null }[];
}

/** Protocols of which a listing shows every socket that takes new packets, when it was asked for them. */
export type ListenProtocol = 'tcp' | 'udp';

/** Complete when it speaks for both; `ss -lnt` alone speaks for TCP. */
export interface SocketDump extends Dump<Socket> {
  readonly listens?: readonly ListenProtocol[];
  /** Protocols of which every connected socket is listed too (`ss -a`). */
  readonly connected?: readonly ListenProtocol[];
}
