/** Addresses of interfaces, in the order the kernel lists them (it decides which is primary). ip-address(8). */
import type { Ip } from '../inet/ip.js';
import type { Row } from './dump.js';

/** One address of one device: struct ifaddrmsg (include/uapi/linux/if_addr.h). */
export interface Address extends Row {
  readonly dev: string;
  /** The interface's own address. */
  readonly ip: Ip;
  /** Length of the on-link prefix. */
  readonly prefixLength: number;
  /** The other end of a point-to-point link, whose network the prefix is then; null: none. */
  readonly peer: Ip | null;
  readonly broadcast: Ip | null;
  /** `global`, `link`, `host`, `site`, or a number as printed. */
  readonly scope: string;
  /** `secondary`, `dynamic`, `deprecated`, `temporary`, `tentative`, `noprefixroute`, `mngtmpaddr`, `nodad`, … */
  readonly flags: readonly string[];
  readonly label: string | null;
  /** Seconds; null = forever or not shown. */
  readonly validLifetime: number | null;
  readonly preferredLifetime: number | null;
}
