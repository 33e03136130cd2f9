/** Does any rule change the mark of a CT rule's template? The template is the same for all packets, and keeps it. net/netfilter/xt_connmark.c, xt_CT.c. */
import type { Family } from '../inet/ip.js';
import { targetData } from '../netfilter/extension.js';
import { connmark } from '../netfilter/target/connmark.js';
import type { Chain, Rule, Ruleset } from '../snapshot/xtables.js';
import { perPlace } from './per-place.js';
import { type Place, rulesetsOf } from './place.js';

/** Also where rules of table raw may be missing. */
export const mayMarkTemplates = perPlace((place: Place, family: Family): boolean =>
  rulesetsOf(place, family).some(changesMarks),
);

function changesMarks({ complete, tables }: Ruleset): boolean {
  const raw = tables.find(({ name }) => name === 'raw');
  return raw === undefined ? !complete : !raw.complete || raw.chains.some(hasMarker);
}

function hasMarker({ collected, partial, rules }: Chain): boolean {
  if (!collected || partial === true) return true;
  for (let at = 0; at < rules.length; at++) {
    const rule = rules.lacks?.(at, connmark.name) === true ? undefined : rules.at(at);
    if (rule !== undefined && isMarker(rule)) return true;
  }
  return false;
}

/** `--restore-mark` only reads. */
function isMarker({ target }: Rule): boolean {
  if (target?.kind === 'opaque') return target.name === connmark.name;
  const data = targetData(target, connmark);
  return data !== null && data.kind !== 'restore';
}
