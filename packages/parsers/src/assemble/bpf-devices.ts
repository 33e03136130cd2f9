/**
 * Devices that only an eBPF data path makes: their programs are in no dump of rules, and handle packets before any of those.
 * Cilium: Documentation/network/concepts/routing; Calico: felix/dataplane/linux/bpf_ep_mgr.go.
 */
import type { ForeignFilter, Link } from '@coldtrace/core';

const made = /^(?:cilium_(?:host|net|vxlan|geneve|ipip[46])|lxc_health|bpf(?:in|out|nat)\.cali)$/;

/** One row for all devices of a namespace, which one of them stands for. */
export function bpfDevices(links: readonly Link[]): readonly ForeignFilter[] {
  const first = links.find(({ name }) => made.test(name));
  if (first === undefined) return [];
  return [{ span: first.span, kind: 'bpf', subject: `data path of ${first.name}`, active: true }];
}
