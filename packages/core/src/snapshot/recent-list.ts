/** Lists of addresses seen lately, as /proc/net/xt_recent shows them (net/netfilter/xt_recent.c, recent_seq_show). */
import type { Ip } from '../inet/ip.js';
import type { Row } from './dump.js';

/** An address of a list. */
export interface RecentEntry {
  /** With the mask of the list on it. */
  readonly ip: Ip;
  /** How many times of its packets are kept. */
  readonly stamps: number;
}

/** One file below /proc/net/xt_recent, by the name of the list (`--name`). */
export interface RecentList extends Row {
  readonly name: string;
  readonly entries: readonly RecentEntry[];
  /** Every entry is here. */
  readonly complete: boolean;
}
