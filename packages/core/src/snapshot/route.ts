/** Routes as `ip route show table all` lists them. ip-route(8), include/uapi/linux/rtnetlink.h. */
import type { Family, Ip } from '../inet/ip.js';
import type { Prefix } from '../inet/prefix.js';
import type { Dump, Row } from './dump.js';

/** RTN_* of include/uapi/linux/rtnetlink.h. */
export type RouteType =
  | 'unicast'
  | 'local'
  | 'broadcast'
  | 'multicast'
  | 'anycast'
  | 'blackhole'
  | 'unreachable'
  | 'prohibit'
  | 'throw'
  | 'nat';

/** One way of a route: struct rtnexthop. */
export interface NextHop {
  /** Gateway; null when the destination is on link. May be IPv6 for an IPv4 route (`via inet6`). */
  readonly via: Ip | null;
  readonly dev: string | null;
  /** Share of a multipath route; 1 unless printed. */
  readonly weight: number;
  readonly onlink: boolean;
  /** The kernel does not use it: its device is down, or has no carrier and ignore_routes_with_linkdown is set. */
  readonly dead: boolean;
  readonly linkdown: boolean;
  /** `encap …` as printed, opaque. */
  readonly encap: string | null;
  /** Further words as printed: `offload`, `pervasive`, `realms 5`, … */
  readonly rest?: readonly string[];
}

/** One route: struct rtmsg. */
export interface Route extends Row {
  readonly family: Family;
  readonly type: RouteType;
  readonly dst: Prefix;
  /** IPv6 `from` prefix. */
  readonly src: Prefix | null;
  /** `main`, `local`, `default`, another name from rt_tables, or a number as text. */
  readonly table: string;
  readonly tos: number;
  /** `metric N`; 0 for IPv4 when absent. IPv6 prints it always. */
  readonly metric: number;
  /** `src`: the source of what the node itself sends by it; null: the kernel chooses one (`selectSource`). */
  readonly prefsrc: Ip | null;
  /** `link`, `host`, …; null: global, or IPv6, which has none. */
  readonly scope: string | null;
  /** Who put it there, as printed: `kernel`, `bird`, `80`; null: not shown. */
  readonly protocol: string | null;
  readonly nexthops: readonly NextHop[];
  /** `nhid N`: id of a nexthop object. */
  readonly nhid: number | null;
  /** `mtu N` of the route itself; null: that of the device counts. */
  readonly mtu: number | null;
  readonly advmss: number | null;
  /** IPv6 router preference. */
  readonly pref: string | null;
  /** Remaining words as printed (`expires 30sec`, `hoplimit 64`, …). */
  readonly rest: readonly string[];
  /** The listing shows the first way of a route only (`route -n`): there may be more. */
  readonly firstWayOnly?: true;
  /** Words not understood; what this route decides is open. Absent when there are none. */
  readonly unknown?: readonly string[];
}

/** Which tables a route dump speaks for: `ip route` only main, `ip route show table all` every one. */
export interface RouteCoverage {
  readonly family: Family;
  readonly tables: 'all' | readonly string[];
}

/** Routes of all tables in one list, each table's in the order of the output. */
export interface RouteDump extends Dump<Route> {
  readonly covers: readonly RouteCoverage[];
}

/** A line of `ip nexthop`, which routes refer to by `nhid`: struct nhmsg (include/uapi/linux/nexthop.h). */
export interface NextHopObject extends Row {
  readonly id: number;
  readonly via: Ip | null;
  readonly dev: string | null;
  readonly blackhole: boolean;
  /** Members of a group with their weights. */
  readonly group: readonly { readonly id: number; readonly weight: number }[];
  readonly flags: readonly string[];
  readonly rest: readonly string[];
}
