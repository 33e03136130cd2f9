/** All that a rule pins: its header and its matches together. */
import type { Family } from '../../inet/ip.js';
import type { IfaceMatch, Rule, RuleHeader } from '../../snapshot/xtables.js';
import type { Pin } from '../pin.js';
import { findMatch } from '../registry.js';

export function pinsOf(rule: Rule, family: Family): readonly Pin[] {
  const pins = headerPins(rule.header);
  for (const match of rule.matches) {
    if (match.kind !== 'known') continue;
    const def = findMatch(match.name, family);
    pins.push(...(def?.pins?.(match.data) ?? []));
    // Whatever stands behind it, the packet is another, or was seen.
    if (def?.changes?.(match.data) || def?.remembers !== undefined) break;
  }
  return pins;
}

function headerPins({ src, dst, iif, oif, proto }: RuleHeader): Pin[] {
  const pins: Pin[] = [];
  if (dst !== null && !dst.invert) pins.push({ kind: 'address', field: 'dst', masked: dst.masked });
  if (src !== null && !src.invert) pins.push({ kind: 'address', field: 'src', masked: src.masked });
  if (proto !== null && !proto.invert && proto.proto !== 0)
    pins.push({ kind: 'number', field: 'proto', ranges: [{ first: proto.proto, last: proto.proto }] });
  if (isPinned(iif)) pins.push({ kind: 'device', field: 'iif', name: iif.name });
  if (isPinned(oif)) pins.push({ kind: 'device', field: 'oif', name: oif.name });
  return pins;
}

function isPinned(test: IfaceMatch | null): test is IfaceMatch {
  return test !== null && !test.invert && !test.name.endsWith('+');
}
