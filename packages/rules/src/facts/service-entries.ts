/** Addresses that the nat table turns into others: which Service address and port leads to which endpoints, read from the rules alone. */
import {
  dnat,
  type Family,
  type Ip,
  maskLength,
  matchData,
  type Rule,
  type Table,
  targetData,
  tcp,
  udp,
} from '@coldtrace/core';
import { rulesOf } from './table-rules.js';

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

/** Rules for one address and port that jump to chains which translate destinations. */
export function serviceEntries(table: Table, family: Family): readonly ServiceEntry[] {
  const byChain = endpointsByChain(table);
  const entries: ServiceEntry[] = [];
  for (const { rule } of rulesOf(table)) {
    const { dst } = rule.header;
    const port = destinationPort(rule);
    if (rule.target?.kind !== 'jump' || dst === null || dst.invert || port === null) continue;
    if (maskLength(dst.masked.mask) !== (family === 4 ? 32 : 128)) continue;
    const endpoints = reach(rule.target.chain, byChain);
    if (endpoints.length > 0)
      entries.push({ ip: dst.masked.ip, port, proto: rule.header.proto?.proto ?? 6, rule, endpoints });
  }
  return entries;
}

interface ChainFacts {
  readonly endpoints: EndpointRule[];
  readonly jumps: string[];
}

function endpointsByChain(table: Table): ReadonlyMap<string, ChainFacts> {
  const chains = new Map<string, ChainFacts>();
  for (const { chain, rule } of rulesOf(table)) {
    const facts = chains.get(chain.name) ?? { endpoints: [], jumps: [] };
    chains.set(chain.name, facts);
    if (rule.target?.kind === 'jump') facts.jumps.push(rule.target.chain);
    const endpoint = endpointOf(rule);
    if (endpoint !== null) facts.endpoints.push(endpoint);
  }
  return chains;
}

function endpointOf(rule: Rule): EndpointRule | null {
  const data = targetData(rule.target, dnat);
  return data?.addresses == null ? null : { ip: data.addresses.first, port: data.ports?.first ?? null, rule };
}

function reach(start: string, chains: ReadonlyMap<string, ChainFacts>): readonly EndpointRule[] {
  const seen = new Set<string>([start]);
  const found: EndpointRule[] = [];
  for (const name of seen) {
    const facts = chains.get(name);
    if (facts === undefined) continue;
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
