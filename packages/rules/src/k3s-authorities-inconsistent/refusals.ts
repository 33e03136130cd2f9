/** What clients and openssl said about certificates of the cluster: witnesses where certificates were captured, and all there is where none were. */
import type { Evidence, Node, SeenLog, Snapshot } from '@coldtrace/core';
import { distributionOf } from '../facts/k3s.js';

export type Complaint = 'x509-unknown-authority' | 'x509-expired' | 'x509-key-mismatch';

export interface Refusal {
  readonly node: Node | null;
  readonly complaint: Complaint;
  /** `127.0.0.1:6444`, where the line tells. */
  readonly target: string | null;
  /** The authority that was tried in vain. */
  readonly candidate: string | null;
  /** Milliseconds since the epoch by the client's clock, where the line tells. */
  readonly at: number | null;
  readonly evidence: Evidence;
}

const ports: ReadonlySet<string> = new Set(['6443', '6444', '9345', '10250', '2379', '2380']);
const complaints: ReadonlySet<string> = new Set(['x509-unknown-authority', 'x509-expired', 'x509-key-mismatch']);

/** Lines about servers of the cluster itself: those of registries and webhooks have other authorities. */
export function refusalsOf(snapshot: Snapshot): readonly Refusal[] {
  const lines = [
    ...snapshot.nodes.flatMap((node) => node.observations.map((row) => ({ node, row }))),
    ...snapshot.observations.map((row) => ({ node: null, row })),
  ];
  return lines.flatMap(({ node, row }) => {
    if (row.kind !== 'log' || !isComplaint(row.event)) return [];
    const { target = null, candidate = null, now } = row.data;
    const at = now === undefined ? Number.NaN : Date.parse(now);
    const own = /k3s|rke2/.test(candidate ?? '') || (isOfCluster(target, row) && isK3s(snapshot, node));
    const evidence = { span: row.span, why: 'a client refused a certificate' };
    return own ? [{ node, complaint: row.event, target, candidate, at: Number.isNaN(at) ? null : at, evidence }] : [];
  });
}

function isComplaint(event: string): event is Complaint {
  return complaints.has(event);
}

function isOfCluster(target: string | null, { component }: SeenLog): boolean {
  return target === null
    ? component === 'k3s' || component === 'kubelet' || component === 'unknown'
    : ports.has(target.split(':').at(-1) ?? '');
}

function isK3s(snapshot: Snapshot, node: Node | null): boolean {
  const nodes = node === null ? snapshot.nodes : [node];
  return nodes.some((one) => distributionOf(snapshot, one) !== null);
}
