/** The command that changes the rules that decide. iptables(8), iptables-nft(8). */
import type { Family, NetNs, XtablesVariant } from '@coldtrace/core';
import { tablesNamed } from './table-rules.js';

/** Its variant is named only where a namespace has rules of both. */
export function toolOf(ns: NetNs, family: Family, table: string, own: XtablesVariant | null): string {
  const tool = family === 4 ? 'iptables' : 'ip6tables';
  const variants = new Set(tablesNamed(ns, family, table).map(({ ruleset }) => ruleset.variant));
  return variants.has('legacy') && variants.has('nft') ? `${tool}-${own ?? 'legacy'}` : tool;
}
