/** Which table rules belong to when the text does not say: from targets and chains that only one table has, spread along jumps. iptables(8). */
import { builtinChains, type Family, findTarget, type Rule, tableNames } from '@coldtrace/core';

interface InferredChain {
  readonly name: string;
  readonly rules: readonly Rule[];
}

/** The table of every chain; chains that jump to each other stand in one. `filter` when nothing tells: the tool's own default. */
export function inferTables(chains: readonly InferredChain[], family: Family): ReadonlyMap<string, string> {
  const groups = connected(chains);
  const tables = new Map<string, string>();
  for (const group of groups) {
    const table = tableOf(group, family);
    for (const chain of group) tables.set(chain.name, table);
  }
  return tables;
}

/** Built-in chains exist in several tables, so a jump from one does not tie its other rules together. */
function connected(chains: readonly InferredChain[]): readonly (readonly InferredChain[])[] {
  const byName = new Map(chains.map((chain) => [chain.name, chain]));
  const parent = new Map(chains.map((chain) => [chain.name, chain.name]));
  const root = (name: string): string => {
    let at = name;
    for (let up = parent.get(at); up !== undefined && up !== at; up = parent.get(at)) at = up;
    return at;
  };
  for (const chain of chains) {
    for (const { target } of chain.rules) {
      if (target?.kind === 'jump' && byName.has(target.chain)) parent.set(root(chain.name), root(target.chain));
    }
  }
  const groups = new Map<string, InferredChain[]>();
  for (const chain of chains) {
    const key = root(chain.name);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [chain]);
    else group.push(chain);
  }
  return [...groups.values()];
}

function tableOf(group: readonly InferredChain[], family: Family): string {
  const votes = new Map<string, number>();
  const vote = (tables: readonly string[] | undefined) => {
    if (tables?.length === 1 && tables[0] !== undefined) votes.set(tables[0], (votes.get(tables[0]) ?? 0) + 1);
  };
  for (const chain of group) {
    vote(namedFor(chain.name));
    for (const { target } of chain.rules) if (target?.kind === 'known') vote(findTarget(target.name, family)?.tables);
  }
  const [best] = [...votes.entries()].sort(([, x], [, y]) => y - x);
  if (best !== undefined) return best[0];
  const builtins = group
    .map((chain) => chain.name)
    .filter((name) => tableNames.some((table) => hasBuiltin(table, name)));
  return (
    ['filter', 'nat', 'mangle', 'raw'].find((table) => builtins.every((name) => hasBuiltin(table, name))) ?? 'filter'
  );
}

function hasBuiltin(table: string, chain: string): boolean {
  const chains: readonly string[] | undefined = builtinChains[table as keyof typeof builtinChains];
  return chains?.includes(chain) ?? false;
}

/** Chains that kube-proxy, Calico and docker write into one table only. */
const ownChains: readonly (readonly [pattern: RegExp, table: string])[] = [
  [/^KUBE-(?:SVC|SEP|EXT|FW|XLB|MARK-MASQ|MARK-DROP|POSTROUTING)/, 'nat'],
  [/^KUBE-(?:FORWARD|FIREWALL|EXTERNAL-SERVICES|PROXY-FIREWALL)$/, 'filter'],
  [/^cali-(?:nat-outgoing|fip-dnat|fip-snat)$/, 'nat'],
  [/^cali-(?:fw|tw|pi|po|pri|pro)-|^cali-(?:to|from)-wl-dispatch|^cali-(?:FORWARD|INPUT|wl-to-host)$/, 'filter'],
  [/^DOCKER-(?:USER|ISOLATION|FORWARD|CT|BRIDGE)/, 'filter'],
];

function namedFor(chain: string): readonly string[] | undefined {
  if (chain === 'POSTROUTING') return ['nat'];
  const found = ownChains.find(([pattern]) => pattern.test(chain));
  return found === undefined ? undefined : [found[1]];
}
