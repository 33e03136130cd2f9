/** Neighbour entries and bridge forwarding entries. ip-neighbour(8), bridge(8). */
import type { Ip } from '../inet/ip.js';
import type { Mac } from '../inet/mac.js';
import type { Prefix } from '../inet/prefix.js';
import type { Row } from './dump.js';

export interface Neighbour extends Row {
  readonly ip: Ip;
  readonly dev: string;
  readonly lladdr: Mac | null;
  /** `REACHABLE`, `STALE`, `DELAY`, `PROBE`, `FAILED`, `INCOMPLETE`, `NOARP`, `PERMANENT`, `NONE`; null where not shown. */
  readonly nud: string | null;
  readonly proxy: boolean;
  readonly router: boolean;
  readonly externLearn: boolean;
}

export interface FdbEntry extends Row {
  readonly mac: Mac;
  readonly dev: string;
  readonly dst: Ip | null;
  readonly port: number | null;
  readonly vni: number | null;
  readonly via: string | null;
  readonly vlan: number | null;
  readonly master: string | null;
  /** `permanent`, `static`, `self`, `extern_learn`, `offload`, … */
  readonly flags: readonly string[];
}

export interface BridgeVlan extends Row {
  readonly dev: string;
  readonly first: number;
  readonly last: number;
  readonly pvid: boolean;
  readonly untagged: boolean;
}

export interface AddrLabel extends Row {
  readonly prefix: Prefix;
  readonly dev: string | null;
  readonly label: number;
}

export interface MulticastMembership extends Row {
  readonly dev: string;
  readonly ip: Ip | null;
  readonly mac: Mac | null;
  readonly users: number;
}
