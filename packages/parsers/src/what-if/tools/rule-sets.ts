/** A rule that names an IP set is refused when there is none of that name. iptables-extensions(8), set. */
import { type IpSetDump, open, type Rule, refused, setsOfRule } from '@coldtrace/core';
import type { Result } from '../call.js';

/** Why the rules are not taken because of the sets they name; null when they are. */
export function unknownSets(rules: readonly Rule[], sets: IpSetDump): Result<never> | null {
  for (const name of rules.flatMap(setsOfRule)) {
    if (sets.rows.some((set) => set.name === name)) continue;
    if (sets.state === 'complete') return refused(`Set ${name} doesn't exist.`);
    return open(`the capture does not show whether set ${name} exists`);
  }
  return null;
}
