/** What of the node's own part in such a call was captured: whether packets of IPVS are tracked, and the rules that would masquerade them. */
import {
  type DumpId,
  type Family,
  gapOf,
  type Node,
  type Reason,
  type Snapshot,
  showsIpvsSettings,
} from '@coldtrace/core';
import { breaksOff } from '../facts/breaks-off.js';
import { isWhole } from '../facts/table-rules.js';
import type { Call, Shown } from './call.js';
import { conntrackKey } from './cause.js';
import { sightings } from './sightings.js';

/** Without it nothing that IPVS sends is masqueraded; kube-proxy turns it on, and the kernel's default is off. */
export function isTrackingKnown({ host: { sysctl } }: Node): boolean {
  return sysctl.byKey.has(conntrackKey) || (sysctl.state === 'complete' && showsIpvsSettings({ sysctl }));
}

export function isTracked({ host }: Node): boolean {
  const value = host.sysctl.byKey.get(conntrackKey)?.value;
  return value !== undefined && value !== '0';
}

/** The module registers them all, so the dump is of another time, or a filter's work. */
export const takenBefore = 'shows no parameter of IPVS, which is at work';

export function eitherWay({ name, host }: Node): Reason {
  const gap = host.sysctl.state === 'complete' ? `(${name}: sysctl ${takenBefore})` : gapOf(name, host, 'sysctl');
  const text = `whether net.ipv4.vs.conntrack is set is not known ${gap}; it makes no difference here`;
  return { dump: 'sysctl', text };
}

/** Where nothing of the nat table was captured, a rule that masquerades is as good a guess as none. */
export function rulesUnread(snapshot: Snapshot, { host }: Node, family: Family): readonly DumpId[] {
  const read = host.rulesets.some(
    (ruleset) =>
      ruleset.family === family &&
      (ruleset.complete || ruleset.tables.some(({ name }) => name === 'nat')) &&
      !breaksOff(snapshot, ruleset),
  );
  return read ? [] : [family === 6 ? 'ip6tables-save' : 'iptables-save'];
}

/** Rules were not captured, but a call of the Service was, and nothing masqueraded that one. Where packets are not tracked, that may be why. */
export function seenUnmasked(snapshot: Snapshot, node: Node, { service: { ip } }: Call): readonly Reason[] | null {
  if (!isTracked(node) || sightings(snapshot, node, ip).length === 0) return null;
  const [dump] = rulesUnread(snapshot, node, ip.family);
  if (dump === undefined) return null;
  return [
    {
      dump,
      text: `no rule masquerades such calls, as none did the call that was seen ${gapOf(node.name, node.host, dump)}`,
    },
  ];
}

/** Nothing was found, and perhaps only because something was not captured: what leaves it open, and the rules that might masquerade. */
export function missingOf({ host }: Node, { trace, call }: Shown): readonly DumpId[] {
  if (trace.verdict !== 'unknown') return [];
  const { family } = call.service.ip;
  const open = trace.outcomes.filter(({ disposition }) => disposition === 'undetermined');
  const dumps = open.flatMap(({ because }) => because.flatMap(({ dump }) => dump ?? []));
  const rules = isWhole(host, family, 'nat')
    ? []
    : [family === 6 ? ('ip6tables-save' as const) : ('iptables-save' as const)];
  return [...new Set([...rules, ...dumps])];
}
