/** Which table rules belong to when the text does not say: from targets and chains that only one table has, spread along jumps. iptables(8). */
import { builtinChains, type Family, findTarget, type Rule, tableNames } from '@coldtrace/core';

interface LooseChain {
  readonly name: string;
  readonly rules: readonly Rule[];
}

export interface PlacedChain extends LooseChain {
  readonly table: string;
}

/**
 * Every chain with its rules and their table. A built-in chain exists in several tables, so its rules are placed one by one; other chains are placed
 * with those they jump to. `filter` when nothing tells: the tool's own default.
 */
export function inferTables(chains: readonly LooseChain[], family: Family): readonly PlacedChain[] {
  const groups = connected(chains.filter(({ name }) => !isBuiltin(name)));
  const callers = callersOf(chains);
  const tableOfChain = new Map<string, string | null>();
  for (const group of groups) {
    const table = voted(group.flatMap((chain) => evidence(chain, family)));
    for (const { name } of group) tableOfChain.set(name, table);
  }
  const fallback = voted(
    [...tableOfChain.values(), ...chains.flatMap((chain) => evidence(chain, family))].filter(isKnown),
  );
  for (const group of groups) {
    const [first] = group;
    if (first === undefined || isKnown(tableOfChain.get(first.name))) continue;
    const called = group.flatMap(({ name }) => callers.get(name) ?? []);
    const table = having(called, fallback);
    for (const { name } of group) tableOfChain.set(name, table);
  }
  return chains.flatMap((chain) =>
    isBuiltin(chain.name)
      ? placedRules(chain, tableOfChain, fallback, family)
      : [{ ...chain, table: tableOfChain.get(chain.name) ?? 'filter' }],
  );
}

function isKnown(table: string | null | undefined): table is string {
  return table !== null && table !== undefined;
}

/** The rules of a built-in chain, each in the table where its target is; what does not tell goes with the most of the others. */
function placedRules(
  chain: LooseChain,
  tableOfChain: ReadonlyMap<string, string | null>,
  fallback: string | null,
  family: Family,
): readonly PlacedChain[] {
  const { name, rules } = chain;
  const told = rules.map((rule) => {
    const target = rule.target?.kind === 'jump' ? rule.target.chain : null;
    const table = (target === null ? null : tableOfChain.get(target)) ?? voted(evidenceOfRule(rule, family));
    return table !== null && hasBuiltin(table, name) ? table : null;
  });
  const rest = voted(told.filter(isKnown)) ?? having([name], fallback);
  const byTable = new Map<string, Rule[]>();
  for (const [at, rule] of rules.entries()) {
    const table = told[at] ?? rest;
    const list = byTable.get(table);
    if (list === undefined) byTable.set(table, [rule]);
    else list.push(rule);
  }
  if (byTable.size === 0) return [{ name, rules: [], table: rest }];
  return [...byTable].map(([table, own]) => ({ name, rules: own, table }));
}

/** The table that has all of these built-in chains: the wanted one, else the first in the order of use. */
function having(names: readonly string[], wanted: string | null): string {
  const order = ['filter', 'nat', 'mangle', 'raw'];
  return (
    [...(wanted === null ? [] : [wanted]), ...order].find((table) => names.every((name) => hasBuiltin(table, name))) ??
    'filter'
  );
}

/** Chains that jump to each other stand in one table. */
function connected(chains: readonly LooseChain[]): readonly (readonly LooseChain[])[] {
  const parent = new Map(chains.map((chain) => [chain.name, chain.name]));
  const root = (name: string): string => {
    let at = name;
    for (let up = parent.get(at); up !== undefined && up !== at; up = parent.get(at)) {
      parent.set(at, parent.get(up) ?? up);
      at = up;
    }
    return at;
  };
  for (const chain of chains) {
    for (const { target } of chain.rules) {
      if (target?.kind === 'jump' && parent.has(target.chain)) parent.set(root(chain.name), root(target.chain));
    }
  }
  const groups = new Map<string, LooseChain[]>();
  for (const chain of chains) {
    const key = root(chain.name);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [chain]);
    else group.push(chain);
  }
  return [...groups.values()];
}

/** The built-in chains that jump to each chain. */
function callersOf(chains: readonly LooseChain[]): ReadonlyMap<string, readonly string[]> {
  const callers = new Map<string, string[]>();
  for (const { name, rules } of chains) {
    if (!isBuiltin(name)) continue;
    for (const { target } of rules) {
      if (target?.kind !== 'jump') continue;
      const known = callers.get(target.chain);
      if (known === undefined) callers.set(target.chain, [name]);
      else if (known.at(-1) !== name) known.push(name);
    }
  }
  return callers;
}

/** Tables that a chain's name and each of its rules speak for. */
function evidence({ name, rules }: LooseChain, family: Family): readonly string[] {
  const named = namedFor(name);
  return [...(named === null ? [] : [named]), ...rules.flatMap((rule) => evidenceOfRule(rule, family))];
}

function evidenceOfRule({ target }: Rule, family: Family): readonly string[] {
  if (target?.kind === 'jump') {
    const named = namedFor(target.chain);
    return named === null ? [] : [named];
  }
  const tables = target?.kind === 'known' ? findTarget(target.name, family)?.tables : undefined;
  return tables?.length === 1 ? tables : [];
}

/** The table with the most votes, the first named among equals. */
function voted(tables: readonly string[]): string | null {
  const votes = new Map<string, number>();
  for (const table of tables) votes.set(table, (votes.get(table) ?? 0) + 1);
  let best: string | null = null;
  for (const [table, count] of votes) if (best === null || count > (votes.get(best) ?? 0)) best = table;
  return best;
}

function isBuiltin(name: string): boolean {
  return tableNames.some((table) => hasBuiltin(table, name));
}

function hasBuiltin(table: string, chain: string): boolean {
  const chains: readonly string[] | undefined = builtinChains[table as keyof typeof builtinChains];
  return chains?.includes(chain) ?? false;
}

/** Chains that kube-proxy, Calico, the CNI plugins and docker write into one table only. */
const ownChains: readonly (readonly [pattern: RegExp, table: string])[] = [
  [/^KUBE-(?:SVC|SVL|SEP|EXT|FW|XLB)-|^KUBE-(?:MARK-MASQ|MARK-DROP|POSTROUTING)$/, 'nat'],
  [/^KUBE-(?:FORWARD|FIREWALL|EXTERNAL-SERVICES|PROXY-FIREWALL)$/, 'filter'],
  [/^cali-(?:nat-outgoing|fip-dnat|fip-snat)$/, 'nat'],
  [/^cali-(?:fw|tw|pi|po|pri|pro)-|^cali-(?:to|from)-wl-dispatch|^cali-(?:FORWARD|INPUT|wl-to-host)$/, 'filter'],
  [/^CNI-(?:DN-[0-9a-f]+|HOSTPORT-(?:DNAT|MASQ|SETMARK))$|^FLANNEL-POSTRTG$/, 'nat'],
  [/^FLANNEL-FWD$|^CNI-(?:FORWARD|ADMIN)$/, 'filter'],
  [/^DOCKER-(?:USER|ISOLATION|FORWARD|CT|BRIDGE)/, 'filter'],
  [/^POSTROUTING$/, 'nat'],
];

function namedFor(chain: string): string | null {
  return ownChains.find(([pattern]) => pattern.test(chain))?.[1] ?? null;
}
