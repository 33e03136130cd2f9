/** Rules as iptables-save prints them, for either variant. iptables: iptables/iptables.c `print_rule4`, iptables/nft-shared.c. */
import type { Family } from '../inet/ip.js';
import { formatMasked } from '../inet/masked.js';
import { formatProto } from '../inet/proto.js';
import type { AddressMatch, IfaceMatch, Match, Rule, RuleHeader, Target, XtablesVariant } from '../snapshot/xtables.js';
import type { SaveContext } from './extension.js';
import { matchesInNft } from './native-match.js';
import { findMatch, findTarget } from './registry.js';

/** `-A CHAIN …` without counters. */
export function printRule(rule: Rule, chain: string, family: Family, variant: XtablesVariant): string {
  const proto = rule.header.proto;
  const cx: SaveContext = { family, variant, proto: proto === null || proto.invert ? null : proto.proto };
  const words = ['-A', chain, ...printHeader(rule.header, variant)];
  for (const match of variant === 'nft' ? matchesInNft(rule.matches, family) : rule.matches)
    words.push(...printMatch(match, cx));
  if (rule.target !== null) words.push(...printTarget(rule.target, cx));
  return words.join(' ');
}

function printHeader(header: RuleHeader, variant: XtablesVariant): string[] {
  const words: string[] = [];
  const add = (invert: boolean, ...more: readonly string[]) => words.push(...(invert ? ['!'] : []), ...more);
  const address = (name: string, test: AddressMatch | null) => {
    if (test !== null) add(test.invert, name, formatMasked(test.masked));
  };
  const iface = (name: string, test: IfaceMatch | null) => {
    // Legacy keeps how many characters count; where none does it prints nothing, not even the "!".
    if (test !== null && (test.name !== '+' || variant === 'nft')) add(test.invert, name, test.name);
  };
  address('-s', header.src);
  address('-d', header.dst);
  iface('-i', header.iif);
  iface('-o', header.oif);
  if (header.proto !== null) add(header.proto.invert, '-p', formatProto(header.proto.proto));
  if (header.fragment !== null) add(header.fragment.invert, '-f');
  return words;
}

/** `-m NAME …`; an opaque match as it was written. A name that begins with a dash or `!` is an option of the rule itself, no name a word of nobody. */
export function printMatch(match: Match, cx: SaveContext): readonly string[] {
  if (match.kind === 'opaque' && match.name === '') return [match.text];
  if (match.kind === 'opaque')
    return opaqueWords(/^[-!]/.test(match.name) ? [match.name] : ['-m', match.name], match.text);
  const def = findMatch(match.name, cx.family);
  if (def === undefined) return ['-m', match.name];
  return ['-m', def.saveName?.(match.data, cx) ?? match.name, ...def.save(match.data, cx)];
}

export function printTarget(target: Target, cx: SaveContext): readonly string[] {
  switch (target.kind) {
    case 'standard':
      return ['-j', target.verdict];
    case 'jump':
      return [target.goto ? '-g' : '-j', target.chain];
    case 'opaque':
      return opaqueWords(['-j', target.name], target.text);
    case 'known': {
      const def = findTarget(target.name, cx.family);
      if (def === undefined) return ['-j', target.name];
      return ['-j', def.saveName?.(target.data, cx) ?? target.name, ...def.save(target.data, cx)];
    }
  }
}

function opaqueWords(before: readonly string[], text: string): readonly string[] {
  return text === '' ? before : [...before, text];
}
