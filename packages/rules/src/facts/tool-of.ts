/** The command that changes the rules that decide. iptables(8), iptables-nft(8). */
import type { Family, NetNs, XtablesVariant } from '@coldtrace/core';
import { tablesNamed } from './table-rules.js';

/** Its variant is named where a namespace has rules of both, and where those that decide are legacy and nft was seen to be there too: then it is the plain tool's. */
export function toolOf(ns: NetNs, family: Family, table: string, own: XtablesVariant | null): string {
  const tool = family === 4 ? 'iptables' : 'ip6tables';
  const filled = new Set(tablesNamed(ns, family, table).map(({ ruleset }) => ruleset.variant));
  if (filled.has('legacy') && filled.has('nft')) return `${tool}-${own ?? 'legacy'}`;
  const hasNft = ns.rulesets.some((ruleset) => ruleset.family === family && ruleset.variant === 'nft');
  return filled.has('legacy') && hasNft ? `${tool}-legacy` : tool;
}
