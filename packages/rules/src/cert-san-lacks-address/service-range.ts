/** The Service range's first address, by which every pod dials the API server: its certificate must hold it. kube-apiserver: --service-cluster-ip-range. */
import {
  type AssumeMode,
  type Evidence,
  formatIp,
  type Ip,
  type Node,
  parseIp,
  parsePrefix,
  type Snapshot,
} from '@coldtrace/core';
import type { Installer } from '../facts/certificate-roles.js';
import { commandLineKnown, configKnown, optionsNamed } from '../facts/k3s.js';
import { partOf } from '../facts/part-of.js';

export interface FirstAddress {
  readonly address: string;
  /** What it comes from, for the message. */
  readonly from: string;
  readonly evidence: readonly Evidence[];
  readonly assumption: string | null;
}

const defaults: Readonly<Record<Installer, string | null>> = {
  k3s: '10.43.0.0/16',
  rke2: '10.43.0.0/16',
  // kubeadm's own default is often changed by what installs with it.
  kubeadm: null,
};

/** null: nothing tells, and nothing is to be assumed. */
export function firstAddress(
  snapshot: Snapshot,
  node: Node,
  installer: Installer,
  assume: AssumeMode,
): FirstAddress | null {
  return byService(snapshot) ?? byOption(node) ?? byDefault(node, installer, assume);
}

/** The `kubernetes` Service always has the first address of the range. */
function byService(snapshot: Snapshot): FirstAddress | null {
  for (const object of snapshot.objects) {
    if (
      object.kind !== 'Service' ||
      object.meta.name !== 'kubernetes' ||
      (object.meta.namespace ?? 'default') !== 'default'
    )
      continue;
    const [ip] = object.clusterIps;
    if (ip === undefined) continue;
    const address = formatIp(ip);
    const evidence = [{ span: partOf(snapshot, object.span, address), why: 'the address of the kubernetes Service' }];
    return { address, from: 'the Service range', evidence, assumption: null };
  }
  return null;
}

function byOption(node: Node): FirstAddress | null {
  const api = node.settings.filter(
    ({ source, key }) => source === 'kube-apiserver' && key === 'service-cluster-ip-range',
  );
  for (const { value, span } of [...optionsNamed(node, 'service-cidr'), ...api]) {
    const [range = ''] = value.split(',');
    const address = firstOf(range.trim());
    if (address !== null)
      return {
        address,
        from: `the Service range ${range.trim()}`,
        evidence: [{ span, why: 'the Service range' }],
        assumption: null,
      };
  }
  return null;
}

function byDefault(node: Node, installer: Installer, assume: AssumeMode): FirstAddress | null {
  const told = configKnown(node) && commandLineKnown(node);
  const range = told || assume === 'defaults' ? defaults[installer] : null;
  const address = range === null ? null : firstOf(range);
  if (range === null || address === null) return null;
  const assumption = told ? null : `the Service range is ${range}, which ${installer} takes when it is told none`;
  return { address, from: `the Service range ${range}`, evidence: [], assumption };
}

function firstOf(range: string): string | null {
  const prefix = parsePrefix(range);
  const network: Ip | null = prefix?.ip ?? parseIp(range);
  if (network === null) return null;
  return formatIp(network.family === 4 ? { ...network, a: network.a + 1 } : { ...network, d: network.d + 1 });
}
