/** Whether IPv4 still keeps the tables local and main as one, where the longer prefix of either wins. net/ipv4/fib_frontend.c fib_unmerge. */
import type { Place } from '../path/place.js';
import { areStandard, policyRules } from './policy-rules.js';

/** Until a policy rule is added or deleted for the first time; null: nothing shows whether one ever was. */
export function isOneTable(place: Place): boolean | null {
  if (!areStandard(policyRules(place, 4).rules, 4)) return false;
  return place.ns.fibTrie.rows.find(({ trust }) => trust !== 'claimed')?.shared ?? null;
}
