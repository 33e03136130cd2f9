/** Finds the definition of an extension by name and family. */
import type { Family } from '../inet/ip.js';
import type { MatchDef, TargetDef } from './extension.js';
import { matchDefs } from './match/index.js';
import { targetDefs } from './target/index.js';

type ByName<Def> = ReadonlyMap<string, Def>;

function byName<Def extends MatchDef | TargetDef>(defs: readonly Def[], family: Family): ByName<Def> {
  return new Map(defs.filter((def) => def.families.includes(family)).map((def) => [def.name, def]));
}

const matches = { 4: byName(matchDefs, 4), 6: byName(matchDefs, 6) };
const targets = { 4: byName(targetDefs, 4), 6: byName(targetDefs, 6) };

export function findMatch(name: string, family: Family): MatchDef | undefined {
  return matches[family].get(name) ?? matches[family].get(otherMatchNames.get(name) ?? '');
}

/** Protocols whose match has a shorter name than the protocol. */
const otherMatchNames: ReadonlyMap<string, string> = new Map([
  ['icmpv6', 'icmp6'],
  ['ipv6-icmp', 'icmp6'],
  ['ipv6-mh', 'mh'],
  ['mobility-header', 'mh'],
]);

export function findTarget(name: string, family: Family): TargetDef | undefined {
  return targets[family].get(name);
}

/** The match that `-p` loads by itself when an option belongs to it: `-p tcp --dport 80`. */
export function protocolMatch(proto: number, family: Family): MatchDef | undefined {
  const name = protocolMatches[proto];
  return name === undefined ? undefined : findMatch(name, family);
}

const protocolMatches: Readonly<Record<number, string>> = {
  1: 'icmp',
  6: 'tcp',
  17: 'udp',
  33: 'dccp',
  50: 'esp',
  51: 'ah',
  58: 'icmp6',
  132: 'sctp',
  135: 'mh',
};
