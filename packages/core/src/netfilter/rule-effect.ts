/** What of a rule matters to how the walk branches: its chance, and whether it does anything at all. */
import type { Family } from '../inet/ip.js';
import type { Rule } from '../snapshot/xtables.js';
import type { Fraction } from '../verdict/fraction.js';
import type { PacketInput } from './packet-input.js';
import { findMatch, findTarget } from './registry.js';

/** Whether such a rule applies makes no difference to the packet: it counts or logs. */
export function isIdle({ target }: Rule, input: PacketInput, family: Family): boolean {
  if (target === null) return true;
  if (target.kind !== 'known') return false;
  const action = findTarget(target.name, family)?.apply?.(target.data, input);
  return action?.kind === 'continue' && action.skb === input.skb;
}

/** The share of packets that a rule with `-m statistic --mode random` takes; null for rules without chance. */
export function chanceOf(rule: Rule, family: Family): Fraction | null {
  for (const match of rule.matches) {
    if (match.kind !== 'known') continue;
    const share = findMatch(match.name, family)?.chance?.(match.data) ?? null;
    if (share !== null) return share;
  }
  return null;
}
