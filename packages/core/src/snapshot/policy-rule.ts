/** Policy routing rules as `ip rule` lists them. ip-rule(8), net/core/fib_rules.c. */
import type { Family } from '../inet/ip.js';
import type { Mark } from '../inet/mark.js';
import type { PortRange } from '../inet/port.js';
import type { Prefix } from '../inet/prefix.js';
import type { Row } from './dump.js';

/** What a rule does with the packets it selects: FR_ACT_* (include/uapi/linux/fib_rules.h). `unresolved`: no rule has the number that `goto` names. */
export type PolicyAction =
  | { readonly kind: 'lookup'; readonly table: string }
  | { readonly kind: 'goto'; readonly priority: number; readonly unresolved: boolean }
  | { readonly kind: 'nop' }
  | { readonly kind: 'blackhole' }
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'prohibit' };

/** One rule: struct fib_rule_hdr and its attributes. */
export interface PolicyRule extends Row {
  readonly family: Family;
  /** From 0; the least is asked first. */
  readonly priority: number;
  readonly invert: boolean;
  /** null = all. */
  readonly from: Prefix | null;
  readonly to: Prefix | null;
  readonly iif: string | null;
  readonly oif: string | null;
  /** `[detached]` after the interface name: no such interface at the moment. */
  readonly iifDetached: boolean;
  readonly oifDetached: boolean;
  /** null: any; value 0 asks for a packet whose masked mark is 0. */
  readonly fwmark: Mark | null;
  /** 0: any. */
  readonly tos: number;
  readonly ipproto: number | null;
  readonly sport: PortRange | null;
  readonly dport: PortRange | null;
  /** Both ends belong to it. */
  readonly uidrange: { readonly first: number; readonly last: number } | null;
  readonly l3mdev: boolean;
  readonly tunId: string | null;
  /** A route that is found is passed over if its prefix is no longer than this. */
  readonly suppressPrefixLength: number | null;
  /** Or if its device is of this group. */
  readonly suppressIfGroup: string | null;
  readonly action: PolicyAction;
  /** Who put it there, as printed: `kernel`, a name or a number; null: not shown. */
  readonly protocol: string | null;
  /** Attributes that select nothing, as printed. */
  readonly rest: readonly string[];
  /** Words not understood, perhaps selectors; whether the rule applies is open. Absent when there are none. */
  readonly unknown?: readonly string[];
}

/** A rule that asks for nothing and does nothing: what a listing does not say of one. */
export const plainPolicyRule: Omit<PolicyRule, 'span' | 'family' | 'priority'> = {
  invert: false,
  from: null,
  to: null,
  iif: null,
  oif: null,
  iifDetached: false,
  oifDetached: false,
  fwmark: null,
  tos: 0,
  ipproto: null,
  sport: null,
  dport: null,
  uidrange: null,
  l3mdev: false,
  tunId: null,
  suppressPrefixLength: null,
  suppressIfGroup: null,
  action: { kind: 'nop' },
  protocol: null,
  rest: [],
};
