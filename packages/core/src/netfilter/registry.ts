/** Finds the definition of an extension by name and family. */
import { parseUint32 } from '../inet/decimal.js';
import type { Family } from '../inet/ip.js';
import { formatProto } from '../inet/proto.js';
import type { MatchDef, TargetDef } from './extension.js';
import { matchDefs } from './match/index.js';
import { targetDefs } from './target/index.js';

type ByName<Def> = ReadonlyMap<string, Def>;

function byName<Def extends MatchDef | TargetDef>(defs: readonly Def[], family: Family): ByName<Def> {
  return new Map(defs.filter((def) => def.families.includes(family)).map((def) => [def.name, def]));
}

const matches = { 4: byName(matchDefs, 4), 6: byName(matchDefs, 6) };
const targets = { 4: byName(targetDefs, 4), 6: byName(targetDefs, 6) };

const listed = {
  4: matchDefs.filter((def) => def.listing !== undefined && def.families.includes(4)),
  6: matchDefs.filter((def) => def.listing !== undefined && def.families.includes(6)),
};

/** The match of a name behind `-m`; undefined: none that is known here, which says nothing about the kernel. */
export function findMatch(name: string, family: Family): MatchDef | undefined {
  return matches[family].get(name) ?? matches[family].get(otherMatchNames.get(name) ?? '');
}

/** The matches whose text in `iptables -L` is read. */
export function listedMatches(family: Family): readonly MatchDef[] {
  return listed[family];
}

/** The targets that a name in the `target` column of `iptables -L` may stand for: `CT` is NOTRACK too. */
export function findListedTargets(name: string, family: Family): readonly TargetDef[] {
  const own = findTarget(name, family);
  const others = renamed.filter((def) => def.listedAs === name && def.families.includes(family));
  return own === undefined ? others : [own, ...others];
}

const renamed = targetDefs.filter((def) => def.listedAs !== undefined);

/** The protocol's names stand for its match too. */
const otherMatchNames: ReadonlyMap<string, string> = new Map([
  ['icmpv6', 'icmp6'],
  ['ipv6-icmp', 'icmp6'],
]);

/** The target of a name behind `-j`. Undefined for verdicts and chains, and for what is not known here. */
export function findTarget(name: string, family: Family): TargetDef | undefined {
  return targets[family].get(name);
}

/**
 * The match that `-p` loads by itself when an option belongs to it: `-p tcp --dport 80`. Libxtables looks for one of the name that was
 * typed, or that the number has: `-p mh` finds one, `-p 135`, which is `mobility-header`, does not.
 */
export function protocolMatch(typed: string, family: Family): MatchDef | undefined {
  const number = parseUint32(typed);
  const def = findMatch(number === null ? typed.toLowerCase() : formatProto(number), family);
  return def?.protos === undefined ? undefined : def;
}
