/** Policy routing rules as `ip rule` lists them. ip-rule(8), net/core/fib_rules.c. */
import type { Family } from '../inet/ip.js';
import type { Mark } from '../inet/mark.js';
import type { PortRange } from '../inet/port.js';
import type { Prefix } from '../inet/prefix.js';
import type { Row } from './dump.js';

export type PolicyAction =
  | { readonly kind: 'lookup'; readonly table: string }
  | { readonly kind: 'goto'; readonly priority: number; readonly unresolved: boolean }
  | { readonly kind: 'nop' }
  | { readonly kind: 'blackhole' }
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'prohibit' };

export interface PolicyRule extends Row {
  readonly family: Family;
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
  readonly fwmark: Mark | null;
  readonly tos: number;
  readonly ipproto: number | null;
  readonly sport: PortRange | null;
  readonly dport: PortRange | null;
  readonly uidrange: { readonly first: number; readonly last: number } | null;
  readonly l3mdev: boolean;
  readonly tunId: string | null;
  readonly suppressPrefixLength: number | null;
  readonly suppressIfGroup: string | null;
  readonly action: PolicyAction;
  readonly protocol: string | null;
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
