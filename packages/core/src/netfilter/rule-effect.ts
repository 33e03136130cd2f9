/** What of a rule matters to how the walk branches: its chance, and whether it does anything at all. */
import type { Family } from '../inet/ip.js';
import type { Rule } from '../snapshot/xtables.js';
import type { Fraction } from '../verdict/fraction.js';
import type { PacketInput } from './packet-input.js';
import { questionsOf } from './questions.js';
import { findTarget } from './registry.js';

/** Whether such a rule applies makes no difference to the packet: it counts or logs. */
export function isIdle({ target }: Rule, input: PacketInput, family: Family): boolean {
  if (target === null) return true;
  if (target.kind !== 'known') return false;
  const action = findTarget(target.name, family)?.apply?.(target.data, input);
  return action?.kind === 'continue' && action.skb === input.skb;
}

/** The share of packets that a rule with `-m statistic --mode random` takes; null for rules without chance. */
export function chanceOf(rule: Rule, family: Family): Fraction | null {
  return questionsOf(rule, family).shares?.[0] ?? null;
}
