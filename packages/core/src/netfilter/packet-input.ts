/** What matches and targets see: the packet, where it is, and the parts of the node they may ask. */
import type { Family, Ip } from '../inet/ip.js';
import type { OpenSocket, Skb } from '../packet/skb.js';
import type { IpSet } from '../snapshot/ipset.js';
import type { RecentEntry } from '../snapshot/recent-list.js';
import type { XtablesVariant } from '../snapshot/xtables.js';
import type { Reason, Tri, Unknown } from '../tri.js';
import type { Hook, TableName } from './hook.js';

/** Kinds of an address as the routing tables see it; words of `-m addrtype`. */
export type AddressType =
  | 'UNSPEC'
  | 'UNICAST'
  | 'LOCAL'
  | 'BROADCAST'
  | 'ANYCAST'
  | 'MULTICAST'
  | 'BLACKHOLE'
  | 'UNREACHABLE'
  | 'PROHIBIT'
  | 'THROW'
  | 'NAT'
  | 'XRESOLVE';

/** The node around the packet. Each answer may be unknown because a dump is missing. */
export interface Surroundings {
  /** The namespace. */
  readonly place: string;
  /** The named set; false: a complete dump lacks it. */
  ipset(name: string): IpSet | false | Unknown;
  /** All captured sets by name, for list:set. */
  readonly ipsets: ReadonlyMap<string, IpSet>;
  /** The entries of a list of `-m recent` as it was captured. */
  recentList?(name: string): readonly RecentEntry[] | Unknown;
  /** How many connections the captured table holds. */
  readonly connections?: number;
  /** Is the address of one of these kinds, seen from the device (null: from anywhere)? */
  addressIs(ip: Ip, types: readonly AddressType[], dev: string | null): Tri;
  /** The group of a device as `ip link` prints it: `default`, a number, or a name of the node's own. */
  deviceGroup?(dev: string): string | Unknown;
  /** Labels that `-m connlabel --set` of any rule may have given to a connection of this namespace. */
  labelsGiven?(): readonly (number | string)[];
  /** May a rule have changed the mark of what CT rules lay down? */
  mayMarkTemplates?(family: Family): boolean;
  /** Is the kernel at least of this release? */
  kernelIs?(major: number, minor: number): Tri;
  /** Does any route or policy rule have a realm? */
  hasRealms?(family: Family): Tri;
  /** The sockets of which one takes the packet (null: none does). Several where it is not known which. */
  socketsFor?(skb: Skb, question: SocketQuestion): SocketsFound;
  /** Is there any IPsec that packets may have come through (`in`), or may still go through (`out`)? */
  hasIpsec?(direction: 'in' | 'out'): Tri;
  /** Does a program listen on any queue of these numbers? */
  isQueueTaken?(first: number, count: number): Tri;
  /** The address that TPROXY takes where it names none: the first usable one of a device, else null. */
  firstAddress?(dev: string, family: Family): Ip | null | Unknown;
  /** The length that a packet may have on its way out and on the way back to its sender, whichever is less. */
  pathMtu?(skb: Skb): number | Unknown;
  /** Does a packet to the sender of this one leave by the device it came in by (`loose`: by any)? Own addresses count with `acceptLocal` only. */
  reversePath(skb: Skb, options: ReversePathOptions): Tri;
}

/** Options of `-m rpfilter` that change the lookup. */
export interface ReversePathOptions {
  readonly loose: boolean;
  /** The packet's mark takes part in the lookup. */
  readonly validmark: boolean;
  readonly acceptLocal: boolean;
}

/** Whom a packet with these ends is for. `connected`: sockets with this very peer; `waiting`: those that take packets from anybody. */
export interface SocketQuestion {
  readonly among: 'all' | 'connected' | 'waiting';
  readonly protocol: 'tcp' | 'udp';
  readonly src: Ip;
  readonly sport: number;
  readonly dst: Ip;
  readonly dport: number;
}

/** The sockets that may take a packet; null among them: perhaps nobody does. */
export interface SocketsFound {
  readonly found: readonly [OpenSocket | null, ...(OpenSocket | null)[]];
  /** Why there may be several. */
  readonly because: readonly Reason[];
}

/** The packet at one rule: struct sk_buff and struct xt_action_param (include/linux/netfilter/x_tables.h). */
export interface PacketInput {
  readonly skb: Skb;
  readonly hook: Hook;
  readonly table: TableName;
  readonly variant: XtablesVariant;
  readonly around: Surroundings;
}
