/** The policy rules of a namespace, or what is taken for them. net/ipv4/fib_rules.c fib_default_rules_init. */
import type { Family } from '../inet/ip.js';
import { perPlace } from '../path/per-place.js';
import { missing, type Place } from '../path/place.js';
import { type PolicyRule, plainPolicyRule } from '../snapshot/policy-rule.js';
import type { Reason } from '../tri.js';

export interface PolicyRules {
  readonly rules: readonly PolicyRule[];
  readonly assumptions: readonly Reason[];
  /** Why the rules cannot be told; the lookup is open then. */
  readonly because: readonly Reason[];
}

export const policyRules = perPlace((place: Place, family: Family): PolicyRules => {
  const dump = family === 4 ? place.ns.policyRules4 : place.ns.policyRules6;
  const rules = dump.rows.filter((rule) => rule.trust !== 'claimed');
  if (dump.state === 'complete') return { rules: inOrder(rules), assumptions: [], because: [] };
  const id = family === 4 ? 'ip-rule' : 'ip-6-rule';
  if (place.assume === 'none') {
    return { rules: [], assumptions: [], because: [missing(place, id, 'which policy rules there are is not known')] };
  }
  return {
    rules: merged(rules, standard[family]),
    assumptions: [missing(place, id, 'policy rules are taken to be the three standard ones')],
    because: [],
  };
});

/**
 * Are protocol and ports of packets looked at for the rules? Only where one asks for them that is not for the node's own packets alone, which sockets
 * describe; such a rule then sees none of a packet that is routed again. include/net/fib_rules.h fib_rule_requires_fldissect.
 */
export const readsPackets = perPlace((place: Place, family: Family): boolean =>
  policyRules(place, family).rules.some(
    ({ iif, ipproto, sport, dport }) => iif !== 'lo' && (ipproto !== null || sport !== null || dport !== null),
  ),
);

/** Only the rules that every namespace starts with, so that nothing shows that any was ever changed. */
export function areStandard(rules: readonly PolicyRule[], family: Family): boolean {
  const known = judged.get(rules)?.[family];
  if (known !== undefined) return known;
  const made = isStandard(rules, family);
  judged.set(rules, { ...judged.get(rules), [family]: made });
  return made;
}

const judged = new WeakMap<readonly PolicyRule[], Partial<Record<Family, boolean>>>();

function isStandard(rules: readonly PolicyRule[], family: Family): boolean {
  const usual = standard[family];
  return (
    rules.length === usual.length &&
    rules.every(
      (rule, index) => rule.priority === usual[index]?.priority && isPlain(rule) && sameLookup(rule, usual[index]),
    )
  );
}

function sameLookup(rule: PolicyRule, other: PolicyRule): boolean {
  return rule.action.kind === 'lookup' && other.action.kind === 'lookup' && rule.action.table === other.action.table;
}

function isPlain(rule: PolicyRule): boolean {
  const { from, to, iif, oif, fwmark, tos, ipproto, sport, dport, uidrange, tunId, suppressPrefixLength } = rule;
  const selectors = [from, to, iif, oif, fwmark, ipproto, sport, dport, uidrange, tunId, suppressPrefixLength];
  const words = rule.unknown?.length ?? 0;
  return selectors.every((part) => part === null) && tos === 0 && words === 0 && !rule.invert && !rule.l3mdev;
}

const standard = { 4: standardRules(4), 6: standardRules(6) };

/** The three rules a kernel starts with (IPv6: without `default`). */
function standardRules(family: Family): readonly PolicyRule[] {
  const rows: readonly (readonly [number, string])[] = [
    [0, 'local'],
    [32766, 'main'],
    ...(family === 4 ? ([[32767, 'default']] as const) : []),
  ];
  return rows.map(([priority, table]) => ({
    ...plainPolicyRule,
    span: { file: -1, start: 0, end: 0 },
    family,
    priority,
    action: { kind: 'lookup', table },
  }));
}

function merged(seen: readonly PolicyRule[], usual: readonly PolicyRule[]): readonly PolicyRule[] {
  const extra = usual.filter((rule) => !seen.some((row) => row.priority === rule.priority));
  return inOrder([...seen, ...extra]);
}

/** By priority; equal ones stay in the order of the dump. */
function inOrder(rules: readonly PolicyRule[]): readonly PolicyRule[] {
  return [...rules].sort((x, y) => x.priority - y.priority);
}
