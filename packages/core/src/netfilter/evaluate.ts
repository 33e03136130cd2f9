/** Does a rule apply to a packet? Header first, then its matches in order. net/ipv4/netfilter/ip_tables.c ip_packet_match. */

import type { Ip } from '../inet/ip.js';
import { maskedContains } from '../inet/masked.js';
import { endsInAuthentication, hidesProtocol, isCut, mayMisstate } from '../packet/cut.js';
import { isBlindFragment, isLaterFragment, noNextHeader, protocolSeen } from '../packet/extension-headers.js';
import type { Skb } from '../packet/skb.js';
import type { AddressMatch, IfaceMatch, Rule } from '../snapshot/xtables.js';
import { and, isUnknown, type Tri, unknown } from '../tri.js';
import { whateverPort } from './open-port.js';
import type { PacketInput } from './packet-input.js';
import { type Question, type Questions, questionsOf } from './questions.js';

/** `questions`: what the rule asks, where that was looked up before. */
export function ruleApplies(rule: Rule, input: PacketInput, questions?: Questions): Tri {
  const asked = questions ?? questionsOf(rule, input.skb.family);
  if (asked.remember) return appliesAndIsSeen(rule, input, asked).result;
  let result = headerApplies(rule, input);
  if (result === false) return false;
  for (const question of asked.all) {
    const answer = answered(question, input);
    if (answer === false) return false;
    if (answer === true) continue;
    if (answer.changes) return answer;
    result = and(result, answer);
  }
  return result;
}

/** The same of a rule that makes the kernel remember the packet: match by match, with what it remembers by then. */
export function appliesAndIsSeen(rule: Rule, input: PacketInput, { all }: Questions): { result: Tri; skb: Skb } {
  let result = headerApplies(rule, input);
  let { skb } = input;
  for (const question of all) {
    if (result === false) break;
    const here = { ...input, skb };
    const answer = answered(question, here);
    skb = question.remembers?.(question.data, here, result === true) ?? skb;
    if (isUnknown(answer) && answer.changes) return { result: answer, skb };
    result = and(result, answer);
  }
  return { result, skb };
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
  if (isBlind(skb)) return test.proto === 0;
  return (test.proto === 0 || test.proto === protocolSeen(skb, variant)) !== test.invert;
}

/**
 * Does the kernel drop the packet at sight of the rule, which then neither applies nor counts? A match that cannot judge it has it dropped where the
 * rule holds as far as there (hotdrop), and legacy drops a packet that does not say its protocol (ip6_tables.c ip6_packet_match).
 */
export function dropsAtSight(rule: Rule, input: PacketInput): Tri {
  const { skb, variant } = input;
  if (isBlind(skb) && rule.header.proto !== null && rule.header.proto.proto !== 0)
    return variant === 'legacy' && placeApplies(rule, input);
  let before: Tri = headerApplies(rule, input);
  for (const question of questionsOf(rule, skb.family).all) {
    if (before === false) return false;
    const drops = question.drops?.(question.data, input) ?? false;
    if (drops !== false) return and(before, drops);
    before = and(before, answered(question, input));
  }
  return false;
}

function isBlind(skb: Skb): boolean {
  return isBlindFragment(skb) || hidesProtocol(skb);
}

/** Other packets no match drops: later fragments, those that end or may end within a header, and those of IPv6 that hold no header of an upper layer. */
export function mayBeDropped(skb: Skb): boolean {
  const ends = isCut(skb) || mayMisstate(skb) || hidesProtocol(skb) || endsInAuthentication(skb) !== false;
  return isLaterFragment(skb) || ends || (skb.family === 6 && skb.proto === noNextHeader);
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
