/** Addresses that the nat table turns into others: which Service address and port leads to which endpoints, read from the rules alone. */
import {
  type Chain,
  dnat,
  type Family,
  formatIp,
  type Ip,
  maskLength,
  matchData,
  type Rule,
  sameIp,
  type Table,
  targetData,
  tcp,
  udp,
} from '@coldtrace/core';
import { rulesOf, rulesOfChain } from './table-rules.js';

export interface ServiceEntry {
  readonly ip: Ip;
  readonly port: number;
  readonly proto: number;
  readonly rule: Rule;
  readonly endpoints: readonly EndpointRule[];
}

export interface EndpointRule {
  readonly ip: Ip;
  readonly port: number | null;
  readonly rule: Rule;
}

const known = new WeakMap<Table, readonly ServiceEntry[]>();

/** Rules for one address and port that jump to chains which translate destinations. */
export function serviceEntries(table: Table, family: Family): readonly ServiceEntry[] {
  const before = known.get(table);
  if (before !== undefined) return before;
  const entries = [...entriesOf(table, family)];
  known.set(table, entries);
  return entries;
}

/** The same one by one: a chain is read when an entry leads to it. */
function* entriesOf(table: Table, family: Family): Generator<ServiceEntry> {
  const factsOf = factsByChain(table);
  for (const { rule } of rulesOf(table, '--dport')) {
    const entry = entryOf(rule, family, factsOf);
    if (entry !== null && entry.endpoints.length > 0) yield entry;
  }
}

/** Those for one address and port; another rule is not read. */
export function entriesAt(
  table: Table,
  { ip, port, proto }: Pick<ServiceEntry, 'ip' | 'port' | 'proto'>,
): readonly ServiceEntry[] {
  const read = entryReader(table, ip.family);
  return [...rulesOf(table, `${formatIp(ip)}/`)].flatMap(({ rule }) => {
    const entry = read(rule);
    const isIt = entry !== null && sameIp(entry.ip, ip) && entry.port === port && entry.proto === proto;
    return isIt ? [entry] : [];
  });
}

export type EntryReader = (rule: Rule) => ServiceEntry | null;

/** What one rule of the table leads to; null: it is for no single address and port. */
export function entryReader(table: Table, family: Family): EntryReader {
  const factsOf = factsByChain(table);
  return (rule) => entryOf(rule, family, factsOf);
}

/** Entries of many tables, one after the other, but those of `isKnown`: a chain like one that brought all it could brings none. */
export function newEntries(family: Family): NewEntries {
  const read = new Map<string, Chain>();
  return function* (table, isKnown) {
    const factsOf = factsByChain(table);
    for (const chain of table.chains) {
      const before = read.get(chain.name);
      if (before !== undefined && chain.rules.isLike?.(before.rules) === true) continue;
      if (chain.rules.lacks?.(0, '--dport', chain.rules.length) === true) continue;
      let complete = true;
      for (const { rule } of rulesOfChain(chain, '--dport')) {
        const entry = entryOf(rule, family, factsOf, isKnown);
        if (entry !== null && entry.endpoints.length > 0) yield entry;
        else if (entry !== null) complete = false;
      }
      if (complete) read.set(chain.name, chain);
    }
  };
}

export type NewEntries = (table: Table, isKnown: IsKnown) => Generator<ServiceEntry>;

type IsKnown = (entry: Pick<ServiceEntry, 'ip' | 'port' | 'proto'>) => boolean;

/** An entry may lead to no endpoint; null: the rule is none, or one that is known. */
function entryOf(rule: Rule, family: Family, factsOf: FactsOf, isKnown: IsKnown = () => false): ServiceEntry | null {
  const { dst, proto: written } = rule.header;
  const port = destinationPort(rule);
  if (rule.target?.kind !== 'jump' || dst === null || dst.invert || port === null) return null;
  if (maskLength(dst.masked.mask) !== (family === 4 ? 32 : 128)) return null;
  const { ip } = dst.masked;
  const proto = written?.proto ?? 6;
  if (isKnown({ ip, port, proto })) return null;
  return { ip, port, proto, rule, endpoints: reach(rule.target.chain, factsOf) };
}

interface ChainFacts {
  readonly endpoints: readonly EndpointRule[];
  readonly jumps: readonly string[];
}

type FactsOf = (chain: string) => ChainFacts | null;

function factsByChain(table: Table): FactsOf {
  let chains: ReadonlyMap<string, Chain> | null = null;
  const read = new Map<string, ChainFacts>();
  return (name) => {
    const before = read.get(name);
    if (before !== undefined) return before;
    chains ??= new Map(table.chains.map((chain) => [chain.name, chain]));
    const chain = chains.get(name);
    if (chain === undefined) return null;
    const facts = factsOfChain(chain);
    read.set(name, facts);
    return facts;
  };
}

function factsOfChain({ rules }: Chain): ChainFacts {
  const endpoints: EndpointRule[] = [];
  const jumps: string[] = [];
  for (let index = 0; index < rules.length; index++) {
    const rule = rules.at(index);
    if (rule === undefined) continue;
    if (rule.target?.kind === 'jump') jumps.push(rule.target.chain);
    const endpoint = endpointOf(rule);
    if (endpoint !== null) endpoints.push(endpoint);
  }
  return { endpoints, jumps };
}

function endpointOf(rule: Rule): EndpointRule | null {
  const data = targetData(rule.target, dnat);
  return data?.addresses == null ? null : { ip: data.addresses.first, port: data.ports?.first ?? null, rule };
}

function reach(start: string, factsOf: FactsOf): readonly EndpointRule[] {
  const seen = new Set<string>([start]);
  const found: EndpointRule[] = [];
  for (const name of seen) {
    const facts = factsOf(name);
    if (facts === null) continue;
    found.push(...facts.endpoints);
    for (const jump of facts.jumps) seen.add(jump);
  }
  return found;
}

/** The one port that a rule is for. */
export function destinationPort(rule: Rule): number | null {
  for (const match of rule.matches) {
    const test = matchData(match, tcp)?.dport ?? matchData(match, udp)?.dport ?? null;
    if (test !== null && !test.invert && test.range.first === test.range.last) return test.range.first;
  }
  return null;
}
