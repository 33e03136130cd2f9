/** IPVS virtual servers as `ipvsadm -Sn` and `ipvsadm -Ln` show them. ipvsadm(8). */
import type { Family, Ip } from '../inet/ip.js';
import type { Row } from './dump.js';

export type VirtualKey =
  | { readonly kind: 'address'; readonly protocol: 'tcp' | 'udp' | 'sctp'; readonly ip: Ip; readonly port: number }
  | { readonly kind: 'fwmark'; readonly mark: number; readonly family: Family };

export interface RealServer extends Row {
  readonly ip: Ip;
  readonly port: number;
  /** `-m`, `-g`, `-i`. */
  readonly forwarding: 'masq' | 'route' | 'tunnel';
  readonly weight: number;
  readonly activeConnections: number | null;
  readonly inactiveConnections: number | null;
  /** Encapsulation of `-i` as printed (`--tun-type gue --tun-port 6080`); absent where the output does not show it. */
  readonly tunnel?: string;
  /** Thresholds stand in `ipvsadm -Ln --thresholds` only; `-S` drops them. */
  readonly upperThreshold: number | null;
  readonly lowerThreshold: number | null;
}

export interface VirtualServer extends Row {
  readonly key: VirtualKey;
  readonly scheduler: string;
  readonly schedulerFlags: readonly string[];
  /** Seconds of persistence; null without. */
  readonly persistent: number | null;
  readonly netmask: string | null;
  /** `--pe`: what besides the client's address makes clients the same, e.g. `sip`. */
  readonly persistenceEngine?: string;
  readonly onePacket: boolean;
  readonly servers: readonly RealServer[];
}
