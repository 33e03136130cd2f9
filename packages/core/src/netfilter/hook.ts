/** The five hooks and the order of the tables at each, as one readable table. include/uapi/linux/netfilter_ipv4.h priorities. */
export type Hook = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING';

/** The tables of iptables(8); `*NAME` in a save, `-t` in a command. */
export type TableName = 'raw' | 'mangle' | 'nat' | 'filter' | 'security';

/** Steps that are not tables stand in capitals where they run; iptables-nft gives table security a priority of its own, 150. */
export type HookStep = TableName | 'DEFRAG' | 'CONNTRACK' | 'IPVS' | 'NFT SECURITY' | 'CONFIRM';

export const hookOrder: Readonly<Record<Hook, readonly HookStep[]>> = {
  PREROUTING: ['DEFRAG', 'raw', 'CONNTRACK', 'mangle', 'nat'],
  INPUT: ['mangle', 'filter', 'security', 'IPVS', 'nat', 'NFT SECURITY', 'CONFIRM'],
  FORWARD: ['mangle', 'filter', 'security', 'IPVS', 'NFT SECURITY'],
  OUTPUT: ['DEFRAG', 'raw', 'CONNTRACK', 'mangle', 'nat', 'IPVS', 'filter', 'security', 'NFT SECURITY'],
  POSTROUTING: ['mangle', 'nat', 'CONFIRM'],
};

/** Chains that each table has from the start. */
export const builtinChains: Readonly<Record<TableName, readonly Hook[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  security: ['INPUT', 'FORWARD', 'OUTPUT'],
};

/** All of them, sorted; in which order a packet meets them depends on the hook. */
export const tableNames: readonly TableName[] = ['filter', 'mangle', 'nat', 'raw', 'security'];

/** Has the table this chain from the start? Of a table that iptables does not have: false. */
export function isBuiltinChain(table: string, chain: string): boolean {
  const chains: readonly string[] | undefined = builtinChains[table as TableName];
  return chains?.includes(chain) ?? false;
}
