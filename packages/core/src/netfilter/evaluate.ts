/** Does a rule apply to a packet? Header first, then its matches in order. net/ipv4/netfilter/ip_tables.c ip_packet_match. */

import type { Ip } from '../inet/ip.js';
import { maskedContains } from '../inet/masked.js';
import type { Skb } from '../packet/skb.js';
import type { AddressMatch, IfaceMatch, Match, Rule } from '../snapshot/xtables.js';
import { and, type Tri, unknown } from '../tri.js';
import type { MatchDef } from './extension.js';
import { whateverPort } from './open-port.js';
import type { PacketInput } from './packet-input.js';
import { findMatch } from './registry.js';

export interface Evaluation {
  readonly result: Tri;
  /** Parts by outcome, for explanations: `header`, or the index of the match. */
  readonly parts: readonly { readonly match: Match | null; readonly result: Tri }[];
}

export function ruleApplies(rule: Rule, input: PacketInput): Tri {
  let result = headerApplies(rule, input.skb);
  for (const match of rule.matches) {
    if (result === false) return false;
    result = and(result, matchApplies(match, input));
  }
  return result;
}

/** The same, with the outcome of every part; nothing is cut short. */
export function explainRule(rule: Rule, input: PacketInput): Evaluation {
  const parts = [
    { match: null, result: headerApplies(rule, input.skb) },
    ...rule.matches.map((match) => ({ match, result: matchApplies(match, input) })),
  ];
  return { result: parts.reduce<Tri>((sum, part) => and(sum, part.result), true), parts };
}

export function matchApplies(match: Match, input: PacketInput): Tri {
  if (match.kind === 'opaque') return unknown(`match ${match.name} ${match.text}`.trim());
  const def: MatchDef | undefined = findMatch(match.name, input.skb.family);
  if (def?.test === undefined) return unknown(`the outcome of -m ${match.name} is not modelled`);
  const { test } = def;
  if (input.skb.openPort === undefined) return test(match.data, input);
  return whateverPort(match.name, match.data, input.skb, (skb) => test(match.data, { ...input, skb }));
}

function headerApplies(rule: Rule, skb: Skb): Tri {
  const { header } = rule;
  const plain =
    addressApplies(header.src, skb.src) &&
    addressApplies(header.dst, skb.dst) &&
    ifaceApplies(header.iif, skb.iif) &&
    ifaceApplies(header.oif, skb.oif) &&
    (header.proto === null || (header.proto.proto === 0 || header.proto.proto === skb.proto) !== header.proto.invert) &&
    (header.fragment === null || (skb.fragment?.offset ?? 0) > 0 !== header.fragment.invert);
  if (!plain) return false;
  return rule.hidden === undefined || rule.hidden.length === 0
    ? true
    : unknown(`the listing hides ${rule.hidden.join(' and ')} of a rule`, 'iptables-save');
}

function addressApplies(test: AddressMatch | null, ip: Ip): boolean {
  return test === null || maskedContains(test.masked, ip) !== test.invert;
}

/** `! -i X` is true where there is no device at all; `+` at the end stands for any rest. */
function ifaceApplies(test: IfaceMatch | null, dev: string | null): boolean {
  if (test === null) return true;
  return ifaceMatches(test.name, dev ?? '') !== test.invert;
}

export function ifaceMatches(pattern: string, dev: string): boolean {
  return pattern.endsWith('+') ? dev.startsWith(pattern.slice(0, -1)) : dev === pattern;
}
