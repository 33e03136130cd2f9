/** Which nftables tables are those of iptables-nft, ip6tables-nft, arptables-nft and ebtables-nft (iptables `iptables/nft.c`). */
import type { Facts, Span, Table } from '@coldtrace/core';

const tablesOf: Readonly<Record<string, readonly string[]>> = {
  arp: ['filter'],
  bridge: ['broute', 'filter', 'nat'],
  ip: ['filter', 'mangle', 'nat', 'raw', 'security'],
  ip6: ['filter', 'mangle', 'nat', 'raw', 'security'],
};
const builtIn = /^(?:INPUT|OUTPUT|FORWARD|PREROUTING|POSTROUTING|BROUTING)$/;

/**
 * A table of such a name is theirs when each of its base chains has a built-in chain's name; somebody's own `table ip filter` has
 * `chain input`. Its rules are then in the iptables dump.
 */
export function isIptablesTable(family: string, name: string, baseChains: readonly string[]): boolean {
  return (tablesOf[family]?.includes(name) ?? false) && baseChains.every((chain) => builtIn.test(chain));
}

interface Owned {
  readonly family: string;
  readonly name: string;
  readonly acts: boolean;
  readonly baseChains: readonly string[];
  readonly span: Span;
}

/**
 * That iptables-nft and ip6tables-nft have rules, and in which tables: nothing is read of them here, but who has only this output does not have none.
 * A whole `iptables-save` says all there is to say (`assemble/merge-rulesets.ts`).
 */
export function rulesElsewhere(owned: readonly Owned[], format: string, command: string | null): readonly Facts[] {
  return owned.flatMap(({ family, name, acts, baseChains, span }): readonly Facts[] => {
    if (!acts || (family !== 'ip' && family !== 'ip6')) return [];
    const table: Table = { name, chains: [], complete: false, unread: baseChains, span };
    const sources = [{ span, format, command, takenAt: null }];
    return [
      {
        kind: 'ruleset',
        ruleset: { family: family === 'ip' ? 4 : 6, variant: 'nft', tables: [table], complete: false, sources },
      },
    ];
  });
}
