/** Does a policy rule select a packet? net/core/fib_rules.c fib_rule_match, net/ipv4/fib_rules.c, net/ipv6/fib6_rules.c. */
import type { Ip } from '../inet/ip.js';
import { isUnspecified } from '../inet/ip-kind.js';
import { fwmarkMatches } from '../inet/mark.js';
import { type PortRange, portRangeContains } from '../inet/port.js';
import { type Prefix, prefixContains } from '../inet/prefix.js';
import { missing, type Place } from '../path/place.js';
import type { PolicyRule } from '../snapshot/policy-rule.js';
import { and, inverted, type Tri, unknown } from '../tri.js';
import { readsPackets } from './policy-rules.js';
import type { RouteQuestion } from './question.js';
import { carriesKey } from './tunnel-key.js';

export function ruleSelects(rule: PolicyRule, asked: RouteQuestion, place: Place): Tri {
  const question = seen(asked, place);
  const known =
    fromHolds(rule.from, question) &&
    (rule.to === null || prefixContains(rule.to, question.dst)) &&
    (rule.iif === null || rule.iif === (question.iif ?? 'lo')) &&
    (rule.oif === null || rule.oif === question.oif) &&
    (rule.fwmark === null || fwmarkMatches(question.mark, rule.fwmark)) &&
    (rule.tos === 0 || rule.tos === tosOf(question)) &&
    (rule.ipproto === null || rule.ipproto === (question.proto ?? 0));
  const ports = and(portHolds(rule, question, 'sport'), portHolds(rule, question, 'dport'));
  return inverted(and(and(known, ports), special(rule, question, place)), rule.invert);
}

function seen(question: RouteQuestion, place: Place): RouteQuestion {
  return question.ofPacket !== true || readsPackets(place, question.family)
    ? question
    : { ...question, proto: null, sport: null, dport: null, openPort: undefined };
}

/** IPv4 compares an address not chosen yet as 0.0.0.0; IPv6 passes a rule with `from` over then. */
function fromHolds(from: Prefix | null, { family, src }: RouteQuestion): boolean {
  if (from === null || from.length === 0) return true;
  if (src !== null && !(family === 6 && isUnspecified(src))) return prefixContains(from, src);
  return family === 4 && prefixContains(from, zero4);
}

function portHolds(rule: PolicyRule, question: RouteQuestion, side: 'sport' | 'dport'): Tri {
  const range = rule[side];
  if (range === null) return true;
  if (question.openPort === side || question.openPort === 'both') {
    const known = side === 'sport' ? wherever(range, question) : null;
    return known ?? unknown(`policy rule ${rule.priority} asks for a port that is not told`);
  }
  return portRangeContains(range, question[side] ?? 0);
}

const TCP = 6;

/** Whether all ports are within, or none. A socket of TCP has none yet when its source is chosen. */
function wherever(range: PortRange, { openPorts, proto }: RouteQuestion): boolean | null {
  if (openPorts === undefined || proto === TCP) return null;
  const [first, last] = openPorts;
  if (last < range.first || first > range.last) return false;
  return range.first <= first && last <= range.last ? true : null;
}

const zero4: Ip = { family: 4, a: 0, b: 0, c: 0, d: 0 };

/** IPv4 rules look at three bits of the TOS byte, IPv6 rules at the six of the DSCP. */
function tosOf({ family, tos }: RouteQuestion): number {
  return tos & (family === 4 ? 0x1c : 0xfc);
}

function special(rule: PolicyRule, question: RouteQuestion, place: Place): Tri {
  const words = rule.unknown ?? [];
  if (words.length > 0)
    return unknown(`policy rule ${rule.priority} has words that are not understood: ${words.join(' ')}`);
  if (rule.tunId !== null) return carriesKey(Number(rule.tunId), question.iif, place);
  if (rule.l3mdev) return servesVrf(rule, question, place);
  if (rule.uidrange === null) return true;
  const { uid } = question;
  if (uid === null) return unknown(`policy rule ${rule.priority} selects by user`);
  return rule.uidrange.first <= uid && uid <= rule.uidrange.last;
}

/** `l3mdev` selects packets of devices that belong to a VRF, which are not modelled. net/l3mdev/l3mdev.c. */
function servesVrf({ priority }: PolicyRule, { iif, oif }: RouteQuestion, place: Place): Tri {
  const { links } = place.ns;
  for (const dev of [iif, oif]) {
    if (dev === null || dev === 'lo') continue;
    const link = links.rows.find(({ name }) => name === dev);
    if (link === undefined && links.state !== 'complete')
      return { because: [missing(place, 'ip-link', `whether ${dev} belongs to a VRF is not known`)] };
    const master = link?.master ?? null;
    const owner = master === null ? link : links.rows.find(({ name }) => name === master);
    if (owner?.details?.kind === 'other' && owner.details.type === 'vrf')
      return unknown(`policy rule ${priority} serves the VRF ${owner.name}, and VRFs are not modelled`);
    if (master !== null && owner?.details == null)
      return { because: [missing(place, 'ip-link', `whether ${master} is a VRF is not known`)] };
  }
  return false;
}
