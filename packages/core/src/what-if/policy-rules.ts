/** Policy rules put in and taken out. net/core/fib_rules.c; ip-rule(8). */
import { type Prefix, samePrefix } from '../inet/prefix.js';
import type { Dump } from '../snapshot/dump.js';
import type { NetNs } from '../snapshot/node.js';
import type { PolicyRule } from '../snapshot/policy-rule.js';
import { type Changed, done, open, refused } from './changed.js';
import { withRows } from './dump-rows.js';

const keyOf = ({ family }: Pick<PolicyRule, 'family'>) => (family === 4 ? 'policyRules4' : 'policyRules6');

/** What `ip rule add` and `del` name; null is not named. */
export type RuleSelector = Omit<PolicyRule, 'priority' | 'span' | 'trust'> & { readonly priority: number | null };

/** Without a number a rule stands before the first that is not number 0. */
function freePriority(rows: readonly PolicyRule[]): number {
  const [, second] = rows;
  const first = rows.length > 1 ? second : undefined;
  return first === undefined || first.priority === 0 ? 0 : first.priority - 1;
}

/** `ip rule add`. Open without a number where the rules were not all captured: the kernel counts down from the first. */
export function addRule(ns: NetNs, given: RuleSelector, span: PolicyRule['span']): Changed<NetNs> {
  const dump = ns[keyOf(given)];
  if (given.priority === null && dump.state !== 'complete')
    return open('the policy rules were not captured, so the number it gets is open');
  const rule: PolicyRule = { ...given, priority: given.priority ?? freePriority(dump.rows), span };
  if (rule.action.kind === 'goto' && rule.action.priority <= rule.priority)
    return refused('Backward goto not supported');
  const alike = dump.rows.filter((one) => one.priority === rule.priority);
  const own = alike.find(isKernels);
  if (alike.some((one) => isThere(one, rule, one === own ? 'kernel' : 'unspec'))) return refused('File exists');
  const at = dump.rows.findIndex((one) => one.priority > rule.priority);
  const rows = at < 0 ? [...dump.rows, rule] : [...dump.rows.slice(0, at), rule, ...dump.rows.slice(at)];
  return done(withRules(ns, given, rows));
}

function withRules(ns: NetNs, of: Pick<PolicyRule, 'family'>, rows: readonly PolicyRule[]): NetNs {
  const dump: Dump<PolicyRule> = withRows(ns[keyOf(of)], resolved(rows));
  if (of.family === 6) return { ...ns, policyRules6: dump };
  const apart = withRows(
    ns.fibTrie,
    ns.fibTrie.rows.map((row) => ({ ...row, shared: false })),
  );
  return { ...ns, policyRules4: dump, fibTrie: apart };
}

/** A `goto` leads somewhere once its target is there, and nowhere once it is gone. */
function resolved(rows: readonly PolicyRule[]): readonly PolicyRule[] {
  const priorities = new Set(rows.map(({ priority }) => priority));
  return rows.map((rule) => {
    const { action } = rule;
    if (action.kind !== 'goto' || action.unresolved === !priorities.has(action.priority)) return rule;
    return { ...rule, action: { ...action, unresolved: !action.unresolved } };
  });
}

/** `ip rule del`: the first rule that fits goes. `wholeAction`: its action has to be the one that is named. */
export function deleteRule(ns: NetNs, by: RuleSelector, wholeAction: boolean): Changed<NetNs> {
  const dump = ns[keyOf(by)];
  const at = dump.rows.findIndex((rule) => isNamed(rule, by, wholeAction));
  if (at >= 0) return done(withRules(ns, by, dump.rows.toSpliced(at, 1)));
  return dump.state === 'complete' ? refused('No such file or directory') : open('the policy rules were not captured');
}

/** Every rule but number 0, as `ip rule flush` does. */
export function flushRules(ns: NetNs, family: PolicyRule['family']): NetNs {
  const of = { family };
  return withRules(
    ns,
    of,
    ns[keyOf(of)].rows.filter(({ priority }) => priority === 0),
  );
}

/** What is not named may be anything. */
function isNamed(rule: PolicyRule, by: RuleSelector, wholeAction: boolean): boolean {
  const fits = <T>(want: T | null, have: T | null, same: (x: T, y: T) => boolean) =>
    want === null || (have !== null && same(want, have));
  const equal = <T>(x: T, y: T) => JSON.stringify(x) === JSON.stringify(y);
  if (by.priority !== null && rule.priority !== by.priority) return false;
  if (by.invert !== rule.invert && by.invert) return false;
  if (wholeAction && !equal({ ...by.action, unresolved: null }, { ...rule.action, unresolved: null })) return false;
  return (
    fits(by.from, rule.from, samePrefix) &&
    fits(by.to, rule.to, samePrefix) &&
    fits(by.iif, rule.iif, equal) &&
    fits(by.oif, rule.oif, equal) &&
    fits(by.fwmark, rule.fwmark, equal) &&
    fits(by.ipproto, rule.ipproto, equal) &&
    fits(by.sport, rule.sport, equal) &&
    fits(by.dport, rule.dport, equal) &&
    fits(by.uidrange, rule.uidrange, equal) &&
    fits(by.suppressPrefixLength, rule.suppressPrefixLength, equal) &&
    (by.tos === 0 || by.tos === rule.tos)
  );
}

const ownTables: ReadonlyMap<number, string> = new Map([
  [0, 'local'],
  [32766, 'main'],
  [32767, 'default'],
]);

/** The first such rule is the kernel's own, which `ip rule` shows like one that was added; `ip -d rule` tells them apart. */
function isKernels({ priority, action, protocol, ...rule }: PolicyRule): boolean {
  const { from, to, iif, oif, fwmark, ipproto, sport, dport, uidrange, suppressPrefixLength, tos, invert } = rule;
  const selectors = [from, to, iif, oif, fwmark, ipproto, sport, dport, uidrange, suppressPrefixLength];
  const plain = selectors.every((one) => one === null) && tos === 0 && !invert;
  const own = action.kind === 'lookup' && ownTables.get(priority) === action.table;
  return plain && own && (protocol === null || protocol === 'kernel');
}

/** What a new rule collides with: an end or a TOS that it does not name may be anything, `not` and where a `goto` leads do not count. rule_exists. */
function isThere(one: PolicyRule, asked: PolicyRule, untold: string): boolean {
  const within = (there: Prefix | null, want: Prefix | null) =>
    want === null || want.length === 0 || (there !== null && samePrefix(there, want));
  const part = (untoldOf: string, { iif, oif, fwmark, ipproto, sport, dport, uidrange, ...more }: PolicyRule) => {
    const { l3mdev, tunId, suppressPrefixLength, suppressIfGroup, protocol, action } = more;
    const does = action.kind === 'goto' ? 'goto' : action;
    const beside = [l3mdev, tunId, suppressPrefixLength, suppressIfGroup, protocol ?? untoldOf];
    return JSON.stringify([iif, oif, fwmark, ipproto, sport, dport, uidrange, does, ...beside]);
  };
  const ends = within(one.from, asked.from) && within(one.to, asked.to);
  return ends && (asked.tos === 0 || one.tos === asked.tos) && part(untold, one) === part('unspec', asked);
}
