/** IP sets as `ipset list` and `ipset save` show them. ipset(8). */
import type { Family, Ip } from '../inet/ip.js';
import type { Mac } from '../inet/mac.js';
import type { PortRange } from '../inet/port.js';
import type { Prefix } from '../inet/prefix.js';
import type { IpRange } from '../inet/range.js';
import type { Dump, Row } from './dump.js';

/** One dimension of an element. */
export type SetPart =
  | { readonly kind: 'ip'; readonly ip: Ip }
  | { readonly kind: 'net'; readonly prefix: Prefix }
  | { readonly kind: 'range'; readonly range: IpRange }
  /** `proto` null for bitmap:port; portless protocols carry port 0. For ICMP the port is type*256+code. */
  | { readonly kind: 'port'; readonly proto: number | null; readonly ports: PortRange }
  | { readonly kind: 'mac'; readonly mac: Mac }
  | { readonly kind: 'iface'; readonly name: string; readonly physdev: boolean; readonly wildcard: boolean }
  | { readonly kind: 'mark'; readonly mark: number }
  | { readonly kind: 'set'; readonly name: string };

/** One member. struct ip_set_ext has what stands behind it (include/linux/netfilter/ipset/ip_set.h). */
export interface SetElement extends Row {
  /** As many as the type has dimensions, in its order. */
  readonly parts: readonly SetPart[];
  /** An exception: what it holds is not in the set. */
  readonly nomatch: boolean;
  /** Seconds left; null = never expires. */
  readonly timeout: number | null;
  /** Counters; null: the set has none. */
  readonly packets: number | null;
  readonly bytes: number | null;
  readonly comment: string | null;
  /** As printed, `0x1/0xff` and `1:10`; null without. */
  readonly skbmark: string | null;
  readonly skbprio: string | null;
  readonly skbqueue: number | null;
}

/** An element of which nothing more is told than what it holds. */
export const bareElement: Omit<SetElement, 'span' | 'parts'> = {
  nomatch: false,
  timeout: null,
  packets: null,
  bytes: null,
  comment: null,
  skbmark: null,
  skbprio: null,
  skbqueue: null,
};

/** One set with its members. */
export interface IpSet extends Row {
  readonly name: string;
  /** `hash:net`, `bitmap:port`, `list:set`, … as printed. */
  readonly type: string;
  readonly revision: number | null;
  /** null for types without one. */
  readonly family: Family | null;
  /** Header or create options as printed, in order: `['hashsize','1024']`, `['counters']`. */
  readonly options: readonly (readonly string[])[];
  /** Default timeout in seconds, null without. */
  readonly timeout: number | null;
  /** Range of a bitmap. */
  readonly range:
    | { readonly kind: 'ip'; readonly range: IpRange }
    | { readonly kind: 'port'; readonly ports: PortRange }
    | null;
  /** `netmask N` of hash:ip, bitmap:ip. */
  readonly netmask: number | null;
  /** `bitmask ADDR` of hash types; null without. */
  readonly bitmask: Ip | null;
  /** `markmask N` of hash:ip,mark; null without. */
  readonly markmask: number | null;
  /** How many rules and lists name it, as `ipset list` says; null in a save. */
  readonly references: number | null;
  readonly elements: readonly SetElement[];
  /** False when the dump holds fewer members than it announces, or ends early. */
  readonly complete: boolean;
}

/** All sets of a namespace. */
export type IpSetDump = Dump<IpSet>;
