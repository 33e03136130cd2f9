/** Matches that iptables-nft turns into expressions of its own, and what comes back when it reads them. iptables: iptables/nft-shared.c. */
import type { Family } from '../inet/ip.js';
import type { KnownMatch, Match } from '../snapshot/xtables.js';
import type { MatchDef } from './extension.js';
import { findMatch } from './registry.js';

interface NativeOne {
  readonly match: KnownMatch;
  readonly def: MatchDef;
  readonly native: NonNullable<MatchDef['native']>;
}

function nativeOne(match: Match, family: Family): NativeOne | null {
  const def = match.kind === 'known' ? findMatch(match.name, family) : undefined;
  if (match.kind !== 'known' || def?.native === undefined || !def.native.is(match.data)) return null;
  return { match, def, native: def.native };
}

/** The matches as iptables-nft prints them: several of one kind are one, and one of which nothing is left to print is none. */
export function matchesInNft(matches: readonly Match[], family: Family): readonly Match[] {
  const printed: Match[] = [];
  const places = new Map<string, number>();
  for (const match of matches) {
    const one = nativeOne(match, family);
    // Of what it does not print there is no expression either.
    if (one !== null && wordsOf(one, family).length === 0) continue;
    const place = one === null ? undefined : places.get(one.def.name);
    const earlier = place === undefined ? undefined : printed[place];
    if (one !== null && place !== undefined && earlier?.kind === 'known') {
      printed[place] = { ...one.match, data: one.native.merge(earlier.data, one.match.data) };
      continue;
    }
    if (one !== null) places.set(one.def.name, printed.length);
    printed.push(match);
  }
  return printed;
}

/** What iptables-nft does not print of them; null when it prints all. */
export function lostInNft(matches: readonly Match[], family: Family): string | null {
  const names = new Set<string>();
  for (const match of matches) {
    const one = nativeOne(match, family);
    if (one === null) continue;
    if (names.has(one.def.name) && wordCount(matchesInNft(matches, family), family) < wordCount(matches, family)) {
      return `all tests of -m ${one.def.name}, of which iptables-nft prints the last of each kind`;
    }
    names.add(one.def.name);
  }
  return null;
}

function wordCount(matches: readonly Match[], family: Family): number {
  return matches.reduce((count, match) => {
    const one = nativeOne(match, family);
    return one === null ? count : count + wordsOf(one, family).length;
  }, 0);
}

function wordsOf({ match, def }: NativeOne, family: Family): readonly string[] {
  return def.save(match.data, { family, variant: 'nft', proto: null });
}
