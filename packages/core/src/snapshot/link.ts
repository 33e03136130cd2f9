/** Network interfaces as `ip -d link` shows them. ip-link(8), include/uapi/linux/if_link.h. */
import type { Ip } from '../inet/ip.js';
import type { Mac } from '../inet/mac.js';
import type { Row } from './dump.js';

/** Of a VXLAN device: IFLA_VXLAN_*, ip-link(8). RFC 7348. */
export interface VxlanDetails {
  readonly kind: 'vxlan';
  /** The VNI. */
  readonly id: number;
  readonly local: Ip | null;
  /** Multicast group or default remote. */
  readonly remote: Ip | null;
  /** Device that the outer packets leave by; null: the route decides. */
  readonly dev: string | null;
  readonly dstport: number | null;
  /** `srcport MIN MAX`, 0 0 for the ports of local sockets; absent where it is not shown. */
  readonly srcport?: readonly [min: number, max: number];
  /** null: the node's own default (`auto`). */
  readonly ttl: number | 'inherit' | null;
  readonly tos: number | 'inherit' | null;
  /** Is the outer IPv4 packet forbidden to be cut up? */
  readonly df: 'set' | 'unset' | 'inherit';
  /** Are entries made of what comes in? */
  readonly learning: boolean | null;
  readonly l3miss: boolean;
  readonly l2miss: boolean;
  readonly proxy: boolean;
  /** It takes its ends from each packet's metadata, which a program sets (`external`, IFLA_VXLAN_COLLECT_METADATA). */
  readonly external?: true;
}

/** Of a device that packs IP into IP, GRE or the like. ip-tunnel(8). */
export interface TunnelDetails {
  /** `ipip`, `sit`, `gre`, `gretap`, `ip6tnl`, … */
  readonly kind: 'tunnel';
  readonly type: string;
  readonly local: Ip | null;
  readonly remote: Ip | null;
  /** By which device what it sends has to leave; null: by any. */
  readonly dev: string | null;
  readonly ttl: number | 'inherit' | null;
  readonly tos: number | 'inherit' | null;
  /** Does every outer IPv4 packet carry DF (IFLA_IPTUN_PMTUDISC)? null: not shown. */
  readonly pmtudisc: boolean | null;
  /** By which mark policy rules know what it sends; absent: 0. */
  readonly fwmark?: number;
  /** What it sends goes into UDP first (`encap fou`, `encap gue`). */
  readonly encap?: true;
  /** As of VxlanDetails. */
  readonly external?: true;
}

/** Of a bridge: IFLA_BR_*. null: not shown. */
export interface BridgeDetails {
  readonly kind: 'bridge';
  readonly vlanFiltering: boolean | null;
  readonly stp: boolean | null;
  /** Hundredths of a second until a learned address is forgotten; with 0 none is learned. */
  readonly ageingTime: number | null;
  /** The bridge's own switch; net.bridge.bridge-nf-call-iptables is that of all of them, and one of the two suffices. */
  readonly nfCallIptables: boolean | null;
  readonly nfCallIp6tables: boolean | null;
  /** It looks for those who listen to a group. Absent: it does, as usual, or that is not shown. */
  readonly snooping?: false;
}

/** Of a VLAN device. IEEE 802.1Q. */
export interface VlanDetails {
  readonly kind: 'vlan';
  readonly id: number;
  /** `802.1Q` or `802.1ad`, as printed. */
  readonly protocol: string;
}

/** Of every other kind. */
export interface OtherDetails {
  /** `veth`, `dummy`, `bond`, `wireguard`, `tun`, `ipvlan`, `macvlan`, `vrf`, … */
  readonly kind: 'other';
  readonly type: string;
  /** `mode active-backup`, `table 10`, … words as printed after the type. */
  readonly words: readonly string[];
}

/** What `ip -d link` prints below the first two lines of a device. */
export type LinkDetails = VxlanDetails | TunnelDetails | BridgeDetails | VlanDetails | OtherDetails;

/** What a device is as a port of a bridge: IFLA_BRPORT_*. null: not shown. */
export interface BridgePort {
  readonly hairpin: boolean | null;
  /** `forwarding`, `blocking`, `disabled`, … */
  readonly state: string | null;
  readonly learning: boolean | null;
  /** Frames for addresses that the bridge does not know go out by it too. */
  readonly flood: boolean | null;
  /** So do those for groups, and those for all. */
  readonly mcastFlood: boolean | null;
  readonly bcastFlood: boolean | null;
  /** It does not talk to other isolated ports. */
  readonly isolated: boolean | null;
  /** It takes frames from known senders alone. Absent: off. */
  readonly locked?: true;
  /** The bridge answers ARP in place of who is behind it, and floods nothing there. Absent: off. */
  readonly proxyArp?: true;
}

/** `ip -s link`: struct rtnl_link_stats64, since the device was made. */
export interface LinkCounters {
  readonly rxBytes: number;
  readonly rxPackets: number;
  readonly rxErrors: number;
  readonly rxDropped: number;
  readonly txBytes: number;
  readonly txPackets: number;
  readonly txErrors: number;
  readonly txDropped: number;
}

/** One device. What stands behind `@` is no part of its name. */
export interface Link extends Row {
  /** null where the output has none (net-tools). */
  readonly ifindex: number | null;
  readonly name: string;
  readonly altnames: readonly string[];
  /** `UP`, `LOWER_UP`, `NO-CARRIER`, `NOARP`, … */
  readonly flags: readonly string[];
  readonly mtu: number | null;
  /** Operational state: `UP`, `DOWN`, `UNKNOWN`, `LOWERLAYERDOWN`; null where not shown. */
  readonly state: string | null;
  /** `ether`, `loopback`, `ipip`, … */
  readonly type: string | null;
  readonly mac: Mac | null;
  /** The bridge, bond, team or VRF that it belongs to. */
  readonly master: string | null;
  /** What stands after `@`: the name of the lower or peer device, or `if7` when the peer is in another namespace. */
  readonly peer: string | null;
  readonly peerIfindex: number | null;
  readonly peerNetns: string | null;
  readonly qdisc: string | null;
  /** As printed: `default`, a number, or a name of the node's own; null: not shown. */
  readonly group: string | null;
  /** null: an ordinary device, or one whose kind the output does not show (`detailed`). */
  readonly details: LinkDetails | null;
  /** The output would have shown a kind: it is of `ip -d link`. */
  readonly detailed?: true;
  readonly port: BridgePort | null;
  readonly counters: LinkCounters | null;
}

/** A device of which an output shows little: everything null that `ip -d link` would tell. */
export const bareLink: Omit<Link, 'span' | 'name'> = {
  ifindex: null,
  altnames: [],
  flags: [],
  mtu: null,
  state: null,
  type: null,
  mac: null,
  master: null,
  peer: null,
  peerIfindex: null,
  peerNetns: null,
  qdisc: null,
  group: null,
  details: null,
  port: null,
  counters: null,
};
