/** Entries whose endpoints differ from node to node: kube-proxy keeps all nodes alike, and one that it does not reach any more keeps what it had. */
import { type Chain, dnat, type Family, type Table, targetData } from '@coldtrace/core';
import { type EntryReader, entryReader, type ServiceEntry } from './service-entries.js';
import { rulesOf, rulesOfChain } from './table-rules.js';

/** Of so many chains per table it is asked who leads there. */
const mostChains = 32;

/** Called with one table after the other: entries that lead to an endpoint which no table before had in that chain. */
export function strayEntries(family: Family): (table: Table) => readonly ServiceEntry[] {
  const known = new Map<string, Chain>();
  return (table) => {
    const isFirst = known.size === 0;
    const fresh: string[] = [];
    for (const chain of table.chains) {
      if (!translates(chain)) continue;
      const before = known.get(chain.name);
      if (before === undefined) known.set(chain.name, chain);
      if (before === undefined || !sameEndpoints(before, chain)) fresh.push(chain.name);
    }
    return isFirst || fresh.length === 0
      ? []
      : entriesTo(table, fresh.slice(0, mostChains), entryReader(table, family));
  };
}

const endpointChain = 'KUBE-SEP-';

function translates({ name, rules }: Chain): boolean {
  return rules.length > 0 && (name.startsWith(endpointChain) || rules.lacks?.(0, 'DNAT', rules.length) !== true);
}

/** The name of kube-proxy's chain is a hash of Service and endpoint; what a what-if changed has to be read. */
function sameEndpoints(one: Chain, other: Chain): boolean {
  if (one === other) return true;
  const written = one.rules.isLike !== undefined && other.rules.isLike !== undefined;
  if (written && one.name.startsWith(endpointChain)) return true;
  return one.rules.isLike?.(other.rules) === true || targetsOf(one) === targetsOf(other);
}

function targetsOf(chain: Chain): string {
  return [...rulesOfChain(chain, 'DNAT')].map(({ rule }) => JSON.stringify(targetData(rule.target, dnat))).join(' ');
}

/** From the chains back to the rules for an address and a port that lead there. */
function entriesTo(table: Table, chains: readonly string[], read: EntryReader): readonly ServiceEntry[] {
  const found = new Set<ServiceEntry['rule']>();
  const entries: ServiceEntry[] = [];
  const asked = new Set(chains);
  for (const name of asked) {
    for (const { chain, rule } of rulesOf(table, name)) {
      if (rule.target?.kind !== 'jump' || rule.target.chain !== name) continue;
      const entry = read(rule);
      if (entry === null) asked.add(chain.name);
      else if (entry.endpoints.length > 0 && !found.has(rule)) {
        found.add(rule);
        entries.push(entry);
      }
    }
  }
  return entries;
}
