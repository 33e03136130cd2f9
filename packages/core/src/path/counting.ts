/** Whether a namespace counts what its connections carry, and any rule asks. Documentation/networking/nf_conntrack-sysctl.rst nf_conntrack_acct. */
import type { Rows, Rule } from '../snapshot/xtables.js';
import { perPlace } from './per-place.js';
import { type Place, sysctl } from './place.js';

const match = 'connbytes';

/** null: not known, or nobody asks. Loading the match switches counting on; somebody may have switched it off since. */
export const countsPackets = perPlace((place: Place, _of: 'connections'): boolean | null => {
  const asked = place.ns.rulesets.some(({ tables }) =>
    tables.some(({ chains }) => chains.some(({ rules }) => mayAsk(rules))),
  );
  const { value } = sysctl(place, 'net/netfilter/nf_conntrack_acct');
  return asked && value !== null ? value !== '0' : null;
});

function mayAsk(rules: Rows<Rule>): boolean {
  if (rules.length === 0 || rules.lacks?.(0, match, rules.length) === true) return false;
  for (let at = 0; at < rules.length; at++) {
    if (rules.at(at)?.matches.some(({ name }) => name === match)) return true;
  }
  return false;
}
