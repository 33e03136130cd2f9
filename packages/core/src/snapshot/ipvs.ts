/** IPVS virtual servers as `ipvsadm -Sn` and `ipvsadm -Ln` show them. ipvsadm(8). */
import type { Family, Ip } from '../inet/ip.js';
import type { Row } from './dump.js';

/** What makes packets those of a service: where they are sent (`-t`, `-u`, `--sctp-service`), or the mark they carry (`-f`). */
export type VirtualKey =
  | { readonly kind: 'address'; readonly protocol: 'tcp' | 'udp' | 'sctp'; readonly ip: Ip; readonly port: number }
  | { readonly kind: 'fwmark'; readonly mark: number; readonly family: Family };

/** A server behind a service: `-r`. struct ip_vs_dest_user (include/uapi/linux/ip_vs.h). */
export interface RealServer extends Row {
  readonly ip: Ip;
  readonly port: number;
  /** `-m`, `-g`, `-i`. */
  readonly forwarding: 'masq' | 'route' | 'tunnel';
  /** 0: no new connections. */
  readonly weight: number;
  /** Counted when the output was made; null where it does not count (`-S`). */
  readonly activeConnections: number | null;
  readonly inactiveConnections: number | null;
  /** Encapsulation of `-i` as printed (`--tun-type gue --tun-port 6080`); absent where the output does not show it. */
  readonly tunnel?: string;
  /** Thresholds stand in `ipvsadm -Ln --thresholds` only; `-S` drops them. */
  readonly upperThreshold: number | null;
  readonly lowerThreshold: number | null;
}

/** One end of a balanced connection. */
export interface IpvsEndpoint {
  readonly ip: Ip;
  readonly port: number;
}

/** A line of `ipvsadm -Lnc`: a balanced connection, or the template that keeps a client at its server (client port 0). */
export interface IpvsEntry extends Row {
  /** Protocol number; 0 for the template of a service by mark, whose mark stands in place of the virtual address. */
  readonly proto: number;
  readonly client: IpvsEndpoint;
  readonly virtual: IpvsEndpoint;
  readonly server: IpvsEndpoint;
  /** `ESTABLISHED`, `TIME_WAIT`, … as the kernel names it. */
  readonly state: string;
}

/** A service with its servers, in the order of the output. */
export interface VirtualServer extends Row {
  readonly key: VirtualKey;
  /** `rr`, `wrr`, `sh`, … (`-s`). */
  readonly scheduler: string;
  /** `sh-port`, `sh-fallback`, `mh-fallback`, … (`-b`). */
  readonly schedulerFlags: readonly string[];
  /** Seconds of persistence; null without. */
  readonly persistent: number | null;
  /** By what mask persistence takes clients for one, as printed; null: the whole address. */
  readonly netmask: string | null;
  /** `--pe`: what besides the client's address makes clients the same, e.g. `sip`. */
  readonly persistenceEngine?: string;
  /** Each packet of UDP is scheduled anew (`-o`). */
  readonly onePacket: boolean;
  readonly servers: readonly RealServer[];
}
