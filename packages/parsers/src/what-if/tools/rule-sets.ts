/** A rule that names an IP set is refused when there is none of that name. iptables-extensions(8), set. */
import { type Family, type IpSetDump, open, type Rule, refused, setsOfRule } from '@coldtrace/core';
import type { Result } from '../call.js';

/** Why the rules are not taken because of the sets they name; null when they are. */
export function unknownSets(rules: readonly Rule[], sets: IpSetDump, family: Family): Result<never> | null {
  for (const name of rules.flatMap(setsOfRule)) {
    const set = sets.rows.find((one) => one.name === name);
    if (set !== undefined && set.family !== null && set.family !== family)
      return refused(`The protocol family of set ${name} is IPv${set.family}, which is not applicable.`);
    if (set !== undefined) continue;
    if (sets.state === 'complete') return refused(`Set ${name} doesn't exist.`);
    return open(`the capture does not show whether set ${name} exists`);
  }
  return null;
}
