/** Where kube-proxy balances by IPVS its settings are not the kernel's defaults: what was not captured of them decides what becomes of a Service. pkg/proxy/ipvs. */
import type { DumpId, Reason } from '@coldtrace/core';
import type { TracedConnection } from '../connections/traced.js';
import { isServiceAddress, usesIpvs } from '../facts/ipvs-services.js';

const rules: ReadonlySet<DumpId> = new Set(['iptables-save', 'ip6tables-save']);

/** The dumps of the caller's node on which the end of its call hangs: virtual services, whether their packets are tracked, what masquerades them. */
export function hangsOn({ connection: { from, to }, trace }: TracedConnection): readonly DumpId[] {
  const { node, ns } = from.origin;
  if (!usesIpvs(node) || !isServiceAddress(ns, to.ip)) return [];
  const assumed = trace.outcomes.flatMap(({ steps, assumptions }) => {
    const balanced = steps.some(({ stage }) => stage === 'ipvs');
    return assumptions.filter((reason) => isOf(node.name, reason) && decides(reason, balanced));
  });
  return [...new Set(assumed.flatMap(({ dump }) => dump ?? []))];
}

function isOf(node: string, { text }: Reason): boolean {
  return text.includes(`(${node}: `) || text.includes(`(${node}/`);
}

function decides({ dump, text }: Reason, balanced: boolean): boolean {
  if (dump === 'ipvsadm') return true;
  return balanced && dump !== null && (rules.has(dump) || text.includes('net.ipv4.vs.conntrack'));
}
