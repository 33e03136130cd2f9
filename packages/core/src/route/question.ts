/** What a route lookup is asked, and what it answers. include/net/flow.h. */
import type { Family, Ip } from '../inet/ip.js';
import type { Drawn } from '../packet/skb.js';
import type { NextHop, Route } from '../snapshot/route.js';
import type { Reason } from '../tri.js';
import type { Evidence } from '../verdict/step.js';

/** What selects rules and routes: struct flowi4 and flowi6. */
export interface RouteQuestion {
  readonly family: Family;
  readonly dst: Ip;
  /** null: not chosen yet (a socket before its source is known). */
  readonly src: Ip | null;
  /** null: locally generated. */
  readonly iif: string | null;
  /** The device that the packet has to leave by; null: any. */
  readonly oif: string | null;
  readonly mark: number;
  /** The whole TOS byte. */
  readonly tos: number;
  readonly proto: number | null;
  readonly sport: number | null;
  readonly dport: number | null;
  /** The port that nothing tells, after NAT drew it; both of a socket whose ports were not given. */
  readonly openPort?: 'sport' | 'dport' | 'both' | undefined;
  /** Where the source port lies that is not told. */
  readonly openPorts?: Drawn | undefined;
  /** User of the sending process, 0 for a packet that came in; null: not known. */
  readonly uid: number | null;
  /** Protocol and ports are read off a packet, not told by a socket: `readsPackets` says when the kernel does. */
  readonly ofPacket?: boolean | undefined;
  /** Only whether and how the address is reached: no way is chosen for a packet. */
  readonly reverse?: boolean | undefined;
  /** A socket is bound to `oif`: IPv6 takes no other device then. */
  readonly strict?: boolean | undefined;
}

/** A question about an address alone: nothing else is known of the packet, or selects a rule. */
export function towardsOf(dst: Ip): RouteQuestion {
  const nothing = { src: null, iif: null, oif: null, mark: 0, tos: 0, proto: null, sport: null, dport: null, uid: 0 };
  return { family: dst.family, dst, ...nothing };
}

/** What an answer rests on. */
export interface Grounds {
  readonly assumptions: readonly Reason[];
  readonly evidence: readonly Evidence[];
}

/** `none`: no route was found; the others are the type of the route or rule that answers. ip-route(8). */
export type RouteErrorType = 'none' | 'blackhole' | 'unreachable' | 'prohibit';

/** What a socket call returns. */
export type RouteErrno = 'ENETUNREACH' | 'EINVAL' | 'EHOSTUNREACH' | 'EACCES' | 'EADDRNOTAVAIL' | 'ENODEV';

/** The route with its next hops, of which a packet takes one; no way out; or what leaves it open. */
export type RouteAnswer = Grounds &
  (
    | { readonly kind: 'route'; readonly route: Route; readonly hops: readonly NextHop[]; readonly table: string }
    /** No route at all, or a route or rule of an error type. */
    | { readonly kind: 'error'; readonly type: RouteErrorType; readonly errno: RouteErrno }
    | { readonly kind: 'open'; readonly because: readonly Reason[] }
  );

/** A rule of type unreachable says that the network is, a route of that type that the host is. */
export function errnoOf(type: RouteErrorType, by: 'rule' | 'route'): RouteErrno {
  switch (type) {
    case 'none':
      return 'ENETUNREACH';
    case 'blackhole':
      return 'EINVAL';
    case 'prohibit':
      return 'EACCES';
    case 'unreachable':
      return by === 'rule' ? 'ENETUNREACH' : 'EHOSTUNREACH';
  }
}

/** Both lead to the same place. */
export function sameAnswer(x: RouteAnswer, y: RouteAnswer): boolean {
  if (x.kind === 'error') return y.kind === 'error' && x.type === y.type && x.errno === y.errno;
  return x.kind === 'route' && y.kind === 'route' && x.route === y.route;
}
