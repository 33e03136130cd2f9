/**
 * Devices that only another data path makes: its programs or flows are in no dump of rules, and handle packets before any of those.
 * Cilium: Documentation/network/concepts/routing; Calico: felix/dataplane/linux/bpf_ep_mgr.go; ovn-kubernetes: docs/design; Antrea: docs/design/architecture.md.
 */
import type { ForeignFilter, Link } from '@coldtrace/core';

const made: readonly (readonly [RegExp, ForeignFilter['kind']])[] = [
  [/^(?:cilium_(?:host|net|vxlan|geneve|ipip[46])|lxc_health|bpf(?:in|out|nat)\.cali)$/, 'bpf'],
  [/^(?:ovn-k8s-mp\d|antrea-gw\d)$/, 'ovs'],
];

/** One row for all devices of a namespace that one data path has, which the first of them stands for. */
export function foreignDevices(links: readonly Link[]): readonly ForeignFilter[] {
  return made.flatMap(([pattern, kind]) => {
    const first = links.find(({ name }) => pattern.test(name));
    return first === undefined
      ? []
      : [{ span: first.span, kind, subject: `data path of ${first.name}`, active: true } as const];
  });
}
