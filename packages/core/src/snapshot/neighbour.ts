/** Neighbour entries and bridge forwarding entries. ip-neighbour(8), bridge(8). */
import type { Ip } from '../inet/ip.js';
import type { Mac } from '../inet/mac.js';
import type { Prefix } from '../inet/prefix.js';
import type { Row } from './dump.js';

/** One entry of ARP or neighbour discovery: struct ndmsg (include/uapi/linux/neighbour.h). */
export interface Neighbour extends Row {
  readonly ip: Ip;
  readonly dev: string;
  /** null: none is known, as of one that failed. */
  readonly lladdr: Mac | null;
  /** `REACHABLE`, `STALE`, `DELAY`, `PROBE`, `FAILED`, `INCOMPLETE`, `NOARP`, `PERMANENT`, `NONE`; null where not shown. */
  readonly nud: string | null;
  /** The node answers for it on that device. */
  readonly proxy: boolean;
  readonly router: boolean;
  /** A program wrote it, and the kernel does not age it (`extern_learn`). */
  readonly externLearn: boolean;
}

/** One line of `bridge fdb`. What is null is not shown. */
export interface FdbEntry extends Row {
  readonly mac: Mac;
  readonly dev: string;
  /** Of a VXLAN device: whom the frames for that address go to, with port and VNI where they are not the device's own. */
  readonly dst: Ip | null;
  readonly port: number | null;
  readonly vni: number | null;
  /** The device that the outer packets leave by. */
  readonly via: string | null;
  readonly vlan: number | null;
  /** The bridge whose table it is in; null: the device's own (`self`). */
  readonly master: string | null;
  /** `permanent`, `static`, `self`, `extern_learn`, `offload`, … */
  readonly flags: readonly string[];
}

/** A range of VLANs that a port carries: one line of `bridge vlan`. */
export interface BridgeVlan extends Row {
  readonly dev: string;
  readonly first: number;
  readonly last: number;
  /** Frames without a tag count as of this VLAN. */
  readonly pvid: boolean;
  /** Its frames leave without their tag. */
  readonly untagged: boolean;
}

/** A line of `ip addrlabel`. RFC 6724, ip-addrlabel(8). */
export interface AddrLabel extends Row {
  readonly prefix: Prefix;
  /** null: for all devices. */
  readonly dev: string | null;
  readonly label: number;
}

/** A group that a device listens to: one line of `ip maddr`, by hardware address or by IP. ip-maddress(8). */
export interface MulticastMembership extends Row {
  readonly dev: string;
  readonly ip: Ip | null;
  readonly mac: Mac | null;
  /** How many asked for it; 1 where nothing is printed. */
  readonly users: number;
}
