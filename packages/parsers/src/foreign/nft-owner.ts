/** Which nftables tables are those of iptables-nft, ip6tables-nft, arptables-nft and ebtables-nft (iptables `iptables/nft.c`). */

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
