/** What a target does: ends the traversal, changes the packet, translates the connection, or goes on. */
import type { Ip } from '../inet/ip.js';
import type { PortRange } from '../inet/port.js';
import type { IpRange } from '../inet/range.js';
import type { Skb } from '../packet/skb.js';
import type { Reason } from '../tri.js';

export type NatKind = 'src' | 'dst';

/** Where a NAT target sends the connection; null fields stay as they are. */
export interface NatSpec {
  readonly kind: NatKind;
  readonly addresses: IpRange | null;
  readonly ports: PortRange | null;
  /** Base of a shifted port map (`DNAT --to :5000-5100/6000`). */
  readonly portBase: number | null;
  readonly random: boolean;
  readonly persistent: boolean;
  /** NETMAP: network bits replaced, host bits kept. */
  readonly netmap: { readonly ip: Ip; readonly mask: Ip } | null;
}

export type TargetAction =
  /** `skb`: changed first. */
  | { readonly kind: 'accept'; readonly skb?: Skb }
  /** Accepted, but without what the kernel does behind the table for packets that it has changed. */
  | { readonly kind: 'past'; readonly because: readonly Reason[] }
  /** `instead`: the kernel goes on with the connection by itself, as this says. */
  | { readonly kind: 'drop'; readonly instead?: string }
  /** `icmp 3/13`, `icmpv6 1/1`, `tcp-reset`. */
  | { readonly kind: 'reject'; readonly with: string }
  | { readonly kind: 'return' }
  /** Goes on with the next rule, the packet changed or not. */
  | { readonly kind: 'continue'; readonly skb: Skb }
  | { readonly kind: 'nat'; readonly spec: NatSpec }
  /** MASQUERADE and REDIRECT: the address is the kernel's choice at that place. */
  | {
      readonly kind: 'masquerade';
      readonly ports: PortRange | null;
      readonly portBase: number | null;
      readonly random: boolean;
    }
  | { readonly kind: 'redirect'; readonly ports: PortRange | null; readonly random: boolean }
  | { readonly kind: 'notrack' }
  /** One of two, and nothing tells which. */
  | {
      readonly kind: 'either';
      readonly ways: readonly [TargetAction, TargetAction];
      readonly because: readonly Reason[];
    }
  /** Left to userspace or to history: both outcomes are possible. */
  | { readonly kind: 'open'; readonly because: readonly Reason[] };
