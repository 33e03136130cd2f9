/** Transport ports and ranges of them (iptables-extensions(8) `--dport port[:port]`, ipset(8) `port-port`). */
import { parseDecimal } from './decimal.js';

/** The ports from `first` to `last`, both included, 0 to 65535. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Reads a port number, decimal without leading zeros, 0 to 65535; null for anything else, service names included. */
export function parsePort(text: string, start = 0, end = text.length): number | null {
  return parseDecimal(text, 65535, start, end);
}

/** What {@link parsePortRange} takes beside both ends. */
export interface PortRangeOptions {
  /** Take `:1023`, `1024:` and `:` with 0 and 65535 for the end left out, as `--dport` of tcp and udp does but multiport does not. */
  readonly openEnds?: boolean;
}

/**
 * Reads one port or two with the separator between them: `:` for iptables, `-` for ipset and NAT targets. Open ends are taken with
 * `:` unless the options say otherwise. Null for anything else and for a range that runs downwards.
 */
export function parsePortRange(text: string, separator: ':' | '-', options?: PortRangeOptions): PortRange | null {
  const cut = text.indexOf(separator);
  if (cut < 0) {
    const port = parsePort(text);
    return port === null ? null : { first: port, last: port };
  }
  const open = options?.openEnds ?? separator === ':';
  const first = open && cut === 0 ? 0 : parsePort(text, 0, cut);
  const last = open && cut === text.length - 1 ? 65535 : parsePort(text, cut + 1);
  return first === null || last === null || first > last ? null : { first, last };
}

/** Prints one port bare and a range with the separator between its ends. */
export function formatPortRange(range: PortRange, separator: ':' | '-'): string {
  return range.first === range.last ? `${range.first}` : `${range.first}${separator}${range.last}`;
}

/** Whether the port is in the range. */
export function portRangeContains(range: PortRange, port: number): boolean {
  return range.first <= port && port <= range.last;
}
