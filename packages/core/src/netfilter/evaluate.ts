/** Does a rule apply to a packet? Header first, then its matches in order. net/ipv4/netfilter/ip_tables.c ip_packet_match. */

import type { Ip } from '../inet/ip.js';
import { maskedContains } from '../inet/masked.js';
import { isBlindFragment, protocolSeen } from '../packet/extension-headers.js';
import type { AddressMatch, IfaceMatch, Match, Rule } from '../snapshot/xtables.js';
import { and, type Tri, unknown } from '../tri.js';
import { readsHeader } from './match/tcp.js';
import { whateverPort } from './open-port.js';
import type { PacketInput } from './packet-input.js';
import { type Question, questionOf, questionsOf } from './questions.js';

export interface Evaluation {
  readonly result: Tri;
  /** Parts by outcome, for explanations: `header`, or the index of the match. */
  readonly parts: readonly { readonly match: Match | null; readonly result: Tri }[];
}

export function ruleApplies(rule: Rule, input: PacketInput): Tri {
  let result = headerApplies(rule, input);
  if (result === false) return false;
  for (const question of questionsOf(rule, input.skb.family).all) {
    const answer = answered(question, input);
    if (answer === false) return false;
    if (answer === true) continue;
    if (answer.changes) return answer;
    result = and(result, answer);
  }
  return result;
}

/** The same, with the outcome of every part; nothing is cut short. */
export function explainRule(rule: Rule, input: PacketInput): Evaluation {
  const parts = [
    { match: null, result: headerApplies(rule, input) },
    ...rule.matches.map((match) => ({ match, result: matchApplies(match, input) })),
  ];
  return { result: parts.reduce<Tri>((sum, part) => and(sum, part.result), true), parts };
}

export function matchApplies(match: Match, input: PacketInput): Tri {
  return answered(questionOf(match, input.skb.family), input);
}

function answered({ match, data, test }: Question, input: PacketInput): Tri {
  if (input.skb.openPort === undefined || match.kind === 'opaque') return test(data, input);
  return whateverPort(match.name, data, input.skb, (skb) => test(data, { ...input, skb }));
}

function headerApplies(rule: Rule, input: PacketInput): Tri {
  const { header } = rule;
  const { skb } = input;
  const plain =
    placeApplies(rule, input) &&
    protoApplies(header.proto, input) &&
    (header.fragment === null || (skb.fragment?.offset ?? 0) > 0 !== header.fragment.invert);
  if (!plain) return false;
  return rule.hidden === undefined || rule.hidden.length === 0
    ? true
    : unknown(`the listing hides ${rule.hidden.join(' and ')} of a rule`, 'iptables-save');
}

/** Addresses and devices, which are compared first. */
function placeApplies({ header }: Rule, { skb }: PacketInput): boolean {
  return (
    addressApplies(header.src, skb.src) &&
    addressApplies(header.dst, skb.dst) &&
    ifaceApplies(header.iif, skb.iif) &&
    ifaceApplies(header.oif, skb.oif)
  );
}

/** A packet that does not say its protocol passes no test for one, negated or not. */
function protoApplies(test: Rule['header']['proto'], { skb, variant }: PacketInput): boolean {
  if (test === null) return true;
  if (isBlindFragment(skb)) return test.proto === 0;
  return (test.proto === 0 || test.proto === protocolSeen(skb, variant)) !== test.invert;
}

/**
 * Does the kernel drop the packet at sight of the rule, which then neither applies nor counts? A fragment that begins inside the TCP header (xt_tcpudp.c
 * tcp_mt), and in legacy one that does not say its protocol (ip6_tables.c ip6_packet_match).
 */
export function dropsAtSight(rule: Rule, input: PacketInput): Tri {
  const { skb, variant } = input;
  if (skb.fragment === null || skb.fragment.offset === 0) return false;
  if (isBlindFragment(skb)) {
    const { proto } = rule.header;
    return variant === 'legacy' && proto !== null && proto.proto !== 0 && placeApplies(rule, input);
  }
  if (skb.family === 6 || skb.proto !== 6 || skb.fragment.offset > 1) return false;
  let before: Tri = headerApplies(rule, input);
  for (const match of rule.matches) {
    if (before === false) return false;
    if (match.kind === 'known' && match.name === 'tcp' && readsHeader(match.data, variant)) return before;
    before = and(before, matchApplies(match, input));
  }
  return false;
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
