/** The API server as kubeconfigs dial it: by an address of a captured machine, or by a name or an address that leads to the control planes. */
import type { Certificate, Node, Setting, Snapshot } from '@coldtrace/core';
import { isValidFor, showsNames } from '../facts/certificate-names.js';
import { apiServerPort, roleOf } from '../facts/certificate-roles.js';
import { type Dial, formal, holderOf, serverOf } from './dials.js';

/** Files of the cluster itself; any other kubeconfig may be for another cluster. */
const ownFile =
  /(?:^|\/)kubernetes\/(?:kubelet|bootstrap-kubelet|admin|super-admin|controller-manager|scheduler)\.conf$/;

export function byKubeconfigs(snapshot: Snapshot): readonly Dial[] {
  const serving = apiServers(snapshot);
  if (serving.length === 0) return [];
  const rows = new Set(
    snapshot.nodes.flatMap(({ settings }) => settings.filter(({ source }) => source === 'kubeconfig')),
  );
  return [...rows].flatMap((row) => {
    const { host, port } = serverOf(row.value);
    // Behind a loopback address there may be a balancer of the machine that reads the file.
    if (host === '' || port !== apiServerPort || /^(?:127\.|localhost$|::1$)/.test(host)) return [];
    const holder = holderOf(snapshot, host);
    const node = holder === null ? behind(snapshot, row, host, serving) : holder;
    if (node === null || !serving.some((one) => one.node === node)) return [];
    const evidence = { span: row.span, why: 'a kubeconfig dials the API server by it' };
    const witness = { kind: 'kubeconfig', evidence, captured: true, names: [] } as const;
    return [{ address: formal(host), port, node, witnesses: [witness] }];
  });
}

interface Serving {
  readonly node: Node;
  readonly certificate: Certificate;
}

/** Of kubeadm only: what k3s presents at this port gets the names by which it is dialled, and is another certificate than its API server's. */
function apiServers({ nodes }: Snapshot): readonly Serving[] {
  return nodes.flatMap((node) =>
    node.certificates
      .filter((one) => roleOf(one)?.port === apiServerPort && roleOf(one)?.installer === 'kubeadm' && showsNames(one))
      .map((certificate) => ({ node, certificate })),
  );
}

/** Of the control planes that a name or a shared address may lead to, one that lacks it; null: one of them has it. */
function behind({ files }: Snapshot, { span }: Setting, host: string, serving: readonly Serving[]): Node | null {
  const file = files[span.file];
  if (file === undefined || !ownFile.test(file.name)) return null;
  const wanted = formal(host);
  return serving.some(({ certificate }) => isValidFor(certificate, wanted)) ? null : (serving[0]?.node ?? null);
}
