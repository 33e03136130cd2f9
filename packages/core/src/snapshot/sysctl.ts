/** Kernel parameters, by canonical key. sysctl(8), Documentation/networking/ip-sysctl.rst. */
import type { Completeness, Provenance, Row } from './dump.js';

/** One parameter. */
export interface Sysctl extends Row {
  /**
   * Path below /proc/sys with `/` between parts (`net/ipv4/conf/eth0.100/rp_filter`): interface names may hold dots, so the
   * dotted form is ambiguous and is resolved by the parser.
   */
  readonly key: string;
  readonly value: string;
  /** A what-if changed what it follows, if it does: the value is this one or the former. */
  readonly unsettled?: true;
}

/** The parameters of a namespace. A key that a complete dump lacks stands for the kernel's default, or for a kernel without it. */
export interface SysctlDump {
  /** `partial` for single keys and configuration files: an absent key proves nothing. */
  readonly state: Completeness;
  readonly byKey: ReadonlyMap<string, Sysctl>;
  readonly sources: readonly Provenance[];
}
